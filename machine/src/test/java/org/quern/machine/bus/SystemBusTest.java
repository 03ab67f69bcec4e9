package org.quern.machine.bus;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.mem.PhysicalMap;
import org.quern.machine.mem.Rom;
import org.quern.x86.bus.GuestBus;

final class SystemBusTest {
  private static final long MIB = 1L << 20;

  private final ReentrantLock lock = new ReentrantLock();
  private final GuestRam ram = new GuestRam(4 * MIB, 1L << 32);
  private final Rom rom = new Rom(4096);
  private final PhysicalMap memory = new PhysicalMap(1L << 32);
  private final MmioMap windows = new MmioMap();
  private final UnassignedAccesses unassigned = new UnassignedAccesses();
  private final PortMap ports = new PortMap(unassigned);
  private final SystemBus bus = new SystemBus(lock, memory, windows, ports, unassigned);

  SystemBusTest() {
    memory.map(ram);
    memory.map(16 * MIB, 4096, rom.host(), 0);
  }

  /** Each byte reads as its offset; keeps the last write; checks the lock. */
  private final class Window implements MmioDevice {
    private final boolean locked;
    private String last = "";

    Window(boolean locked) {
      this.locked = locked;
    }

    @Override
    public long read(long offset, int size) {
      assertThat(lock.isHeldByCurrentThread()).isEqualTo(locked);
      return 0x0706050403020100L + 0x0101010101010101L * offset;
    }

    @Override
    public void write(long offset, int size, long value) {
      assertThat(lock.isHeldByCurrentThread()).isEqualTo(locked);
      last = size + "@" + offset + "=" + Long.toHexString(value);
    }
  }

  @Test
  void ramHasAPageAndRomOneThatCannotBeWritten() {
    assertThat(bus.hostPage(0x1234)).isEqualTo(ram.lowHost() + 0x1000);
    assertThat(bus.hostPageWritable(0x1234)).isTrue();
    assertThat(bus.hostPage(16 * MIB)).isEqualTo(rom.host());
    assertThat(bus.hostPageWritable(16 * MIB)).isFalse();
    assertThat(bus.hostPage(32 * MIB)).isZero();
    assertThat(bus.hostPageWritable(32 * MIB)).isFalse();
  }

  @Test
  void writesToRomAreIgnoredAndCounted() {
    bus.mmioWrite(16 * MIB, 4, 0);

    assertThat(bus.mmioRead(16 * MIB, 4)).isEqualTo(0xffff_ffffL);
    assertThat(unassigned.memoryWrites()).isEqualTo(1);
  }

  @Test
  void nobodysMemoryReadsAsOnesOfTheRightWidth() {
    assertThat(bus.mmioRead(32 * MIB, 1)).isEqualTo(0xff);
    assertThat(bus.mmioRead(32 * MIB, 4)).isEqualTo(0xffff_ffffL);
    assertThat(bus.mmioRead(32 * MIB, 8)).isEqualTo(-1);
    assertThat(unassigned.memoryReads()).isEqualTo(3);
  }

  @Test
  void aWindowGetsOffsetsUnderTheMachineLock() {
    Window w = new Window(true);
    windows.add("w", 0xfec0_0000L, 0x1000, w);

    assertThat(bus.mmioRead(0xfec0_0010L, 4)).isEqualTo(0x13121110);
    bus.mmioWrite(0xfec0_0020L, 2, 0x12345678);
    assertThat(w.last).isEqualTo("2@32=5678");
  }

  @Test
  void anAccessAcrossTheEndOfAWindowIsSplit() {
    Window w = new Window(true);
    windows.add("w", 0xfec0_0000L, 0x10, w);

    assertThat(bus.mmioRead(0xfec0_000cL, 8)).isEqualTo(0xffff_ffff_0f0e_0d0cL);
    bus.mmioWrite(0xfec0_000cL, 8, 0x1122334455667788L);
    assertThat(w.last).isEqualTo("4@12=55667788");
  }

  @Test
  void eachProcessorHasItsOwnLocalWindowWithoutTheLock() {
    Window first = new Window(false);
    Window second = new Window(false);
    GuestBus cpu0 = bus.forCpu(() -> 0xfee0_0000L, 0x1000, first);
    GuestBus cpu1 = bus.forCpu(() -> 0xfee0_0000L, 0x1000, second);
    cpu0.mmioWrite(0xfee0_00b0L, 4, 7);

    assertThat(first.last).isEqualTo("4@176=7");
    assertThat(second.last).isEmpty();
    assertThat(cpu1.mmioRead(0xfee0_0000L, 2)).isEqualTo(0x0706050403020100L);
    assertThat(bus.mmioRead(0xfee0_0000L, 4)).isEqualTo(0xffff_ffffL);
    assertThat(cpu0.hostPage(0)).isEqualTo(ram.lowHost());
  }

  @Test
  void portsAreReachedUnderTheMachineLock() {
    AtomicInteger written = new AtomicInteger();
    ports.add(
        "p",
        0x80,
        1,
        1,
        new PortDevice() {
          @Override
          public int read(int offset, int size) {
            return lock.isHeldByCurrentThread() ? 1 : 0;
          }

          @Override
          public void write(int offset, int size, int value) {
            written.set(value);
          }
        });
    bus.portWrite(0x80, 1, 0x1ff);

    assertThat(written).hasValue(0xff);
    assertThat(bus.portRead(0x80, 1)).isEqualTo(1);
    assertThat(lock.isLocked()).isFalse();
  }

  @Test
  void aClosedA20GateWrapsOddMebibytesAndIsAnnounced() {
    AtomicInteger remaps = new AtomicInteger();
    bus.addRemapListener(remaps::incrementAndGet);
    bus.a20(false);

    assertThat(bus.hostPage(MIB + 0x5000)).isEqualTo(ram.lowHost() + 0x5000);
    assertThat(bus.hostPage(2 * MIB)).isEqualTo(ram.lowHost() + 2 * MIB);
    bus.a20(true);
    assertThat(bus.hostPage(MIB)).isEqualTo(ram.lowHost() + MIB);
    bus.a20(true);
    assertThat(remaps).hasValue(2);
  }

  @Test
  void theA20GateRoundTripsThroughItsState() {
    bus.a20(false);
    SystemBus.State closed = bus.state();
    bus.reset();
    assertThat(bus.state()).isEqualTo(new SystemBus.State(true));
    bus.restore(closed);

    assertThat(bus.state()).isEqualTo(closed);
    assertThat(bus.hostPage(MIB)).isEqualTo(ram.lowHost());
  }
}
