package org.quern.machine.fwcfg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.quern.machine.bus.SystemDma;
import org.quern.machine.core.PortDevice;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.mem.PhysicalMap;

final class FwCfgTest {
  private static final int DESCRIPTOR = 0x1000;
  private static final int TARGET = 0x2000;

  private final PhysicalMap memory = new PhysicalMap(1L << 32);
  private final SystemDma dma = new SystemDma(memory);
  private final FwCfg fwCfg = new FwCfg(dma);
  private final PortDevice ports = fwCfg.ports();
  private final PortDevice dmaPorts = fwCfg.dmaPorts();

  FwCfgTest() {
    memory.map(new GuestRam(1 << 20, 1L << 32));
  }

  private byte[] readItem(int key, int bytes) {
    ports.write(0, 2, key);
    byte[] b = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      b[i] = (byte) ports.read(1, 1);
    }
    return b;
  }

  /** Runs a DMA transfer and returns the control word that the device leaves. */
  private int transfer(int control, int length, long target) {
    byte[] d = ByteBuffer.allocate(16).putInt(control).putInt(length).putLong(target).array();
    dma.write(DESCRIPTOR, d, 0, d.length);
    dmaPorts.write(0, 4, 0);
    dmaPorts.write(4, 4, Integer.reverseBytes(DESCRIPTOR));
    dma.read(DESCRIPTOR, d, 0, d.length);
    return ByteBuffer.wrap(d).getInt();
  }

  private byte[] ram(int at, int bytes) {
    byte[] b = new byte[bytes];
    dma.read(at, b, 0, bytes);
    return b;
  }

  private static byte[] ascii(String s) {
    return s.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void theSignatureAndTheFeatures() {
    assertThat(readItem(FwCfgKey.SIGNATURE, 4)).isEqualTo(ascii("QEMU"));
    assertThat(readItem(FwCfgKey.ID, 4)).containsExactly(3, 0, 0, 0);
  }

  @Test
  void behindTheEndOfAnItemAndInNoItemAreZeros() {
    fwCfg.putShort(FwCfgKey.NB_CPUS, 0x102);

    assertThat(readItem(FwCfgKey.NB_CPUS, 4)).containsExactly(2, 1, 0, 0);
    assertThat(readItem(0x7777, 2)).containsExactly(0, 0);
  }

  @Test
  void filesAreListedByNameWithTheirSelectors() {
    fwCfg.file("etc/b", ascii("second"));
    fwCfg.file("etc/a", ascii("first!!"));
    ByteBuffer dir = ByteBuffer.wrap(readItem(FwCfgKey.FILE_DIR, 4 + 2 * 64));

    assertThat(dir.getInt()).isEqualTo(2);
    assertThat(dir.getInt()).isEqualTo(7);
    assertThat(dir.getShort()).isEqualTo((short) 0x20);
    assertThat(dir.getShort()).isZero();
    byte[] name = new byte[6];
    dir.get(name);
    assertThat(name).isEqualTo(ascii("etc/a\0"));
    assertThat(readItem(0x20, 7)).isEqualTo(ascii("first!!"));
    assertThat(readItem(0x21, 6)).isEqualTo(ascii("second"));
  }

  @Test
  void namesThatDoNotFitAreRefused() {
    assertThatThrownBy(() -> fwCfg.file("", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fwCfg.file("x".repeat(56), new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> fwCfg.file("a b", new byte[0]))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void dmaSelectsAndReadsAndFillsUpWithZeros() {
    fwCfg.put(FwCfgKey.KERNEL_DATA, ascii("kernel"));
    dma.write(TARGET, new byte[] {9, 9, 9, 9, 9, 9, 9, 9, 9}, 0, 9);

    assertThat(transfer(FwCfgKey.KERNEL_DATA << 16 | 8 | 2, 8, TARGET)).isZero();
    assertThat(ram(TARGET, 9)).isEqualTo(ascii("kernel\0\0\t"));
  }

  @Test
  void dmaSkipsAndGoesOn() {
    fwCfg.put(FwCfgKey.KERNEL_DATA, ascii("kernel"));

    assertThat(transfer(FwCfgKey.KERNEL_DATA << 16 | 8 | 4, 4, 0)).isZero();
    assertThat(transfer(2, 2, TARGET)).isZero();
    assertThat(ram(TARGET, 2)).isEqualTo(ascii("el"));
    assertThat(transfer(4, -1, 0)).isZero();
    assertThat(ports.read(1, 1)).isZero();
  }

  @Test
  void dmaWritesAreErrors() {
    assertThat(transfer(FwCfgKey.KERNEL_DATA << 16 | 8 | 16, 4, TARGET)).isEqualTo(1);
  }

  @Test
  void dmaToNowhereHarmsNothing() {
    fwCfg.put(FwCfgKey.KERNEL_DATA, new byte[10_000]);

    assertThat(transfer(FwCfgKey.KERNEL_DATA << 16 | 8 | 2, 10_000, 1L << 50)).isZero();
  }

  @Test
  void theDmaRegisterReadsAsItsSignature() {
    assertThat(dmaPorts.read(0, 4)).isEqualTo(Integer.reverseBytes(0x51454d55));
    assertThat(dmaPorts.read(4, 4)).isEqualTo(Integer.reverseBytes(0x20434647));
  }

  @Test
  void stateRoundTrips() {
    readItem(FwCfgKey.SIGNATURE, 2);
    dmaPorts.write(0, 4, 0x11223344);
    FwCfg.State state = fwCfg.state();
    FwCfg other = new FwCfg(dma);
    other.restore(state);

    assertThat(other.state()).isEqualTo(state);
    assertThat(other.ports().read(1, 1)).isEqualTo('M');
    other.reset();
    assertThat(other.state()).isEqualTo(new FwCfg.State(0, 0, 0));
    assertThatThrownBy(() -> other.restore(new FwCfg.State(0, 5, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
