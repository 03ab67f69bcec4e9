package org.quern.machine.pci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.mem.MmioMap;

final class PciBusTest {
  private static final int SLOT_3 = 3 << 3;
  private static final int SLOT_4 = 4 << 3;

  private final PortMap ports = new PortMap(new UnassignedAccesses());
  private final MmioMap memory = new MmioMap();
  private final FakeLine[] pirqs = {new FakeLine(), new FakeLine(), new FakeLine(), new FakeLine()};
  private final PciBus bus = new PciBus(ports, memory, pirqs);
  private final AtomicInteger resetWrites = new AtomicInteger();
  private final PciConfigPorts config =
      new PciConfigPorts(
          bus,
          new PortDevice() {
            @Override
            public int read(int offset, int size) {
              return 0x42;
            }

            @Override
            public void write(int offset, int size, int value) {
              resetWrites.set(value);
            }
          });

  private static final MmioDevice MEMORY =
      new MmioDevice() {
        @Override
        public long read(long offset, int size) {
          return offset;
        }

        @Override
        public void write(long offset, int size, long value) {}
      };

  private static final PortDevice PORTS =
      new PortDevice() {
        @Override
        public int read(int offset, int size) {
          return 0x40 + offset;
        }

        @Override
        public void write(int offset, int size, int value) {}
      };

  private int read(int devfn, int register, int size) {
    config.write(0, 4, 0x8000_0000 | devfn << 8 | register & 0xfc);
    return config.read(4 + (register & 3), size);
  }

  private void write(int devfn, int register, int size, int value) {
    config.write(0, 4, 0x8000_0000 | devfn << 8 | register & 0xfc);
    config.write(4 + (register & 3), size, value);
  }

  private FakeFunction withBar(int devfn, PciBar bar) {
    FakeFunction f = new FakeFunction();
    f.config.bar(bar);
    bus.add(devfn, f);
    return f;
  }

  @Test
  void mechanismOneReadsTheIdsOfAFunction() {
    bus.add(SLOT_3, new FakeFunction());

    assertThat(read(SLOT_3, 0, 4)).isEqualTo(0x5678_1234);
    assertThat(read(SLOT_3, 2, 2)).isEqualTo(0x5678);
    assertThat(read(SLOT_3, 0x0b, 1)).isEqualTo(0x02);
    assertThat(read(SLOT_3, 0x2c, 4)).isEqualTo(0x1100_1af4);
  }

  @Test
  void anEmptySlotAndAnotherBusReadAsOnes() {
    bus.add(0, new FakeFunction());

    assertThat(read(SLOT_3, 0, 4)).isEqualTo(-1);
    config.write(0, 4, 0x8001_0000);
    assertThat(config.read(4, 4)).isEqualTo(-1);
    config.write(0, 4, 0);
    assertThat(config.read(4, 4)).isEqualTo(-1);
  }

  @Test
  void theAddressRegisterTakesDoublewordsOnly() {
    config.write(0, 4, 0x8000_1234);
    config.write(0, 2, 0xffff);
    config.write(3, 1, 0);

    assertThat(config.read(0, 4)).isEqualTo(0x8000_1234);
    assertThat(config.read(0, 2)).isEqualTo(-1);
  }

  @Test
  void aByteAtItsSecondPortIsTheResetControlRegister() {
    config.write(1, 1, 6);

    assertThat(resetWrites).hasValue(6);
    assertThat(config.read(1, 1)).isEqualTo(0x42);
    assertThat(config.read(0, 4)).isZero();
  }

  @Test
  void readOnlyBitsStayAndErrorBitsAreClearedByOnes() {
    FakeFunction f = new FakeFunction();
    f.config.set(PciReg.STATUS, 2, 0xf280);
    bus.add(SLOT_3, f);
    write(SLOT_3, 0, 4, 0);
    write(SLOT_3, PciReg.COMMAND, 4, 0x3000_ffff);

    assertThat(read(SLOT_3, 0, 4)).isEqualTo(0x5678_1234);
    assertThat(read(SLOT_3, PciReg.COMMAND, 2)).isEqualTo(0x0507);
    assertThat(read(SLOT_3, PciReg.STATUS, 2)).isEqualTo(0xc280);
  }

  @Test
  void aBarTellsItsSizeWhenOnesAreWritten() {
    FakeFunction f = new FakeFunction();
    f.config.bar(new PciBar.Memory(0, 0x4000, true, MEMORY));
    f.config.bar(new PciBar.Ports(1, 32, 4, PORTS));
    f.config.bar(new PciBar.Memory64(2, 1L << 33, false, MEMORY));
    bus.add(SLOT_3, f);
    for (int r = 0x10; r < 0x28; r += 4) {
      write(SLOT_3, r, 4, -1);
    }

    assertThat(read(SLOT_3, 0x10, 4)).isEqualTo(0xffff_c008);
    assertThat(read(SLOT_3, 0x14, 4)).isEqualTo(0xffff_ffe1);
    assertThat(read(SLOT_3, 0x18, 4)).isEqualTo(4);
    assertThat(read(SLOT_3, 0x1c, 4)).isEqualTo(0xffff_fffe);
    assertThat(read(SLOT_3, 0x20, 4)).isZero();
  }

  @Test
  void aPortBarAnswersWhereItIsPutOnceEnabled() {
    withBar(SLOT_3, new PciBar.Ports(0, 16, 1, PORTS));
    write(SLOT_3, 0x10, 4, 0xc001);
    assertThat(ports.read(0xc002, 1)).isEqualTo(0xff);
    write(SLOT_3, PciReg.COMMAND, 2, PciReg.COMMAND_IO);
    assertThat(ports.read(0xc002, 1)).isEqualTo(0x42);
    write(SLOT_3, 0x10, 4, 0xd001);

    assertThat(ports.read(0xc002, 1)).isEqualTo(0xff);
    assertThat(ports.read(0xd00f, 1)).isEqualTo(0x4f);
  }

  @Test
  void aMemoryBarAboveFourGibAnswersThere() {
    withBar(SLOT_3, new PciBar.Memory64(0, 0x1000, true, MEMORY));
    write(SLOT_3, PciReg.COMMAND, 2, PciReg.COMMAND_MEMORY);
    write(SLOT_3, 0x10, 4, 0xabcd_0000);
    write(SLOT_3, 0x14, 4, 0x12);

    assertThat(memory.find(0x12_abcd_0fffL)).isNotNull();
    assertThat(memory.find(0xabcd_0000L)).isNull();
  }

  @Test
  void aWindowInTheWayOfAnotherIsHiddenUntilItMoves() {
    withBar(SLOT_3, new PciBar.Memory(0, 0x1000, false, MEMORY));
    withBar(SLOT_4, new PciBar.Memory(0, 0x1000, false, MEMORY));
    for (int devfn : new int[] {SLOT_3, SLOT_4}) {
      write(devfn, 0x10, 4, 0xf000_0000);
      write(devfn, PciReg.COMMAND, 2, PciReg.COMMAND_MEMORY);
    }
    assertThat(bus.hiddenWindows()).isEqualTo(1);
    assertThat(memory.find(0xf000_0000L).name()).isEqualTo("pci 3.0");
    write(SLOT_4, 0x10, 4, 0xf000_1000);

    assertThat(bus.hiddenWindows()).isZero();
    assertThat(memory.find(0xf000_1000L).name()).isEqualTo("pci 4.0");
  }

  @Test
  void aBarAtZeroOrWrappingIsNowhere() {
    withBar(SLOT_3, new PciBar.Memory64(0, 1L << 40, false, MEMORY));
    write(SLOT_3, PciReg.COMMAND, 2, PciReg.COMMAND_MEMORY);
    assertThat(memory.windows()).isEmpty();
    write(SLOT_3, 0x14, 4, -1);

    assertThat(memory.windows()).isEmpty();
  }

  @Test
  void resetTakesTheWindowsAway() {
    withBar(SLOT_3, new PciBar.Ports(0, 16, 1, PORTS));
    write(SLOT_3, 0x10, 4, 0xc001);
    write(SLOT_3, PciReg.COMMAND, 2, PciReg.COMMAND_IO);
    bus.reset();

    assertThat(ports.read(0xc000, 1)).isEqualTo(0xff);
    assertThat(read(SLOT_3, 0x10, 4)).isEqualTo(1);
  }

  @Test
  void interruptPinsRotateBySlot() {
    assertThat(PciBus.pirq(1 << 3, 0)).isZero();
    assertThat(PciBus.pirq(SLOT_3, 0)).isEqualTo(2);
    assertThat(PciBus.pirq(SLOT_3, 3)).isEqualTo(1);
  }

  @Test
  void twoSourcesOfOnePirqKeepItHighUntilBothAreLow() {
    IrqLine a = bus.intx(SLOT_3, 0);
    IrqLine b = bus.intx(SLOT_3 + (4 << 3), 0);
    a.set(true);
    b.set(true);
    a.set(false);
    assertThat(pirqs[2].level()).isTrue();
    b.set(false);
    assertThat(pirqs[2].level()).isFalse();
  }

  @Test
  void twoFunctionsInOnePlaceAreABug() {
    bus.add(SLOT_3, new FakeFunction());

    assertThatThrownBy(() -> bus.add(SLOT_3, new FakeFunction()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void theConfigurationAddressRoundTrips() {
    config.write(0, 4, 0x8000_1814);
    PciConfigPorts other =
        new PciConfigPorts(
            bus,
            new PortDevice() {
              @Override
              public int read(int offset, int size) {
                return 0;
              }

              @Override
              public void write(int offset, int size, int value) {}
            });
    other.restore(config.state());

    assertThat(other.state()).isEqualTo(config.state());
    assertThat(other.read(0, 4)).isEqualTo(0x8000_1814);
    assertThatThrownBy(() -> other.restore(new PciConfigPorts.State(1)))
        .isInstanceOf(IllegalArgumentException.class);
    other.reset();
    assertThat(other.read(0, 4)).isZero();
  }
}
