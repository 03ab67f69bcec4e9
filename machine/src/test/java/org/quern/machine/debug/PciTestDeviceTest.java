package org.quern.machine.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.IrqLine;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.pci.PciBus;

/** pci-testdev, where its BARs are. */
final class PciTestDeviceTest {
  private static final long MEMORY = 0xfebf_f000L;
  private static final int PORT = 0xc000;

  private final PortMap ports = new PortMap(new UnassignedAccesses());
  private final MmioMap memory = new MmioMap();
  private final PciBus bus =
      new PciBus(
          ports,
          memory,
          new IrqLine[] {new FakeLine(), new FakeLine(), new FakeLine(), new FakeLine()});
  private final PciTestDevice device = new PciTestDevice();

  PciTestDeviceTest() {
    bus.add(2 << 3, device);
    device.place(MEMORY, PORT);
    bus.remap();
  }

  private long read(boolean mmio, int offset, int size) {
    return mmio ? memory.find(MEMORY).device().read(offset, size) : ports.read(PORT + offset, size);
  }

  private void write(boolean mmio, int offset, int size, int v) {
    if (mmio) {
      memory.find(MEMORY).device().write(offset, size, v);
    } else {
      ports.write(PORT + offset, size, v);
    }
  }

  @Test
  void introducesItself() {
    assertThat(device.config().get(0, 4)).isEqualTo(0x0005_1b36);
    assertThat(device.config().get(8, 4) >>> 8).isEqualTo(0xff_0000);
  }

  @ParameterizedTest
  @CsvSource({
    // memory?, test, its number over all, offset, data, name
    "true, 0, 0, 2048, fa, mmio:no-eventfd",
    "true, 1, 1, 2049, ce, mmio:wildcard-eventfd",
    "true, 2, 2, 2050, fa, mmio:datamatch-eventfd",
    "false, 0, 3, 131, fa, portio:no-eventfd",
    "false, 1, 4, 132, ce, portio:wildcard-eventfd",
    "false, 2, 5, 133, fa, portio:datamatch-eventfd"
  })
  void aTestDescribesItselfAndCounts(
      boolean mmio, int test, int number, int offset, String data, String name) {
    write(mmio, 0, 1, test);
    assertThat(read(mmio, 0, 1)).isEqualTo(number);
    assertThat(read(mmio, 1, 1)).as("width").isEqualTo(1);
    assertThat(read(mmio, 4, 4)).isEqualTo(offset);
    int match = Integer.parseInt(data, 16);
    assertThat(read(mmio, 8, 1)).isEqualTo(match);
    StringBuilder text = new StringBuilder();
    for (int at = 16; read(mmio, at, 1) != 0; at++) {
      text.append((char) read(mmio, at, 1));
    }
    assertThat(text).hasToString(name);
    for (int n = 0; n < 300; n++) {
      write(mmio, offset, 1, match);
    }
    assertThat(read(mmio, 12, 4)).isEqualTo(300);
    write(mmio, offset, 1, 0x11);
    assertThat(read(mmio, 12, 4)).as("another value").isEqualTo(test == 1 ? 301 : 300);
    write(mmio, offset + 1, 1, match);
    assertThat(read(mmio, 12, 4)).as("another place").isEqualTo(test == 1 ? 301 : 300);
    write(mmio, 0, 1, test);
    assertThat(read(mmio, 12, 4)).as("started anew").isZero();
  }

  @Test
  void beyondTheLastTestThereIsNothing() {
    write(true, 0, 1, 0);
    write(true, 0, 1, 3);
    assertThat(read(true, 1, 1)).isZero();
    assertThat(read(true, 4, 4)).isZero();
  }

  @Test
  void stateSurvives() {
    write(false, 0, 1, 2);
    write(false, 133, 1, 0xfa);
    PciTestDevice other = new PciTestDevice();
    other.restore(device.state());
    assertThat(other.state()).isEqualTo(device.state());
    assertThat(other.state().count()).isEqualTo(1);
    device.reset();
    assertThat(device.state().test()).isEqualTo(-1);
    PciTestDevice.State bad = new PciTestDevice.State(device.state().config(), 6, 0);
    assertThatThrownBy(() -> other.restore(bad)).isInstanceOf(IllegalArgumentException.class);
  }
}
