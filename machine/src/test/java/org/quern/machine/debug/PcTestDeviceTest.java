package org.quern.machine.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;

class PcTestDeviceTest {
  private final List<String> driven = new ArrayList<>();
  private final PcTestDevice device = new PcTestDevice(List.of(line(0), line(1), line(2)));
  private final PortDevice latch = device.latchPorts();
  private final MmioDevice memory = device.memory();

  private IrqLine line(int number) {
    return high -> driven.add(number + (high ? " high" : " low"));
  }

  @Test
  void latchGivesBackWhatWasWritten() {
    latch.write(0, 4, 0x89abcdef);
    assertThat(latch.read(0, 4)).isEqualTo(0x89abcdef);
    assertThat(latch.read(2, 2) & 0xffff).isEqualTo(0x89ab);
  }

  @Test
  void latchKeepsTheBytesThatAreNotWritten() {
    latch.write(0, 4, 0x11223344);
    latch.write(1, 1, 0xff);
    latch.write(2, 2, 0xaabb);
    assertThat(latch.read(0, 4)).isEqualTo(0xaabbff44);
  }

  @Test
  void anyValueButZeroDrivesTheLineOfThePort() {
    device.linePorts().write(1, 1, 7);
    device.linePorts().write(1, 1, 0);
    assertThat(driven).containsExactly("1 high", "1 low");
  }

  @Test
  void resetReleasesTheLines() {
    device.linePorts().write(2, 1, 1);
    driven.clear();
    device.reset();
    assertThat(driven).contains("2 low").doesNotContain("2 high");
  }

  @Test
  void memoryIsLittleEndianAtEverySize() {
    memory.write(0xfff8, 8, 0x1122334455667788L);
    assertThat(memory.read(0xfffc, 4)).isEqualTo(0x11223344);
    memory.write(0xffff, 1, 0x99);
    assertThat(memory.read(0xfff8, 8)).isEqualTo(0x9922334455667788L);
  }

  @Test
  void pageToForgetChangesNothing() {
    PcTestDevice.State before = device.state();
    device.flushPort().write(0, 4, 0x1000);
    assertThat(device.state()).isEqualTo(before);
  }

  @Test
  void stateCanBePutBack() {
    latch.write(0, 4, 5);
    device.linePorts().write(0, 1, 1);
    memory.write(100, 2, 0x1234);
    PcTestDevice other = new PcTestDevice(List.of(line(0), line(1), line(2)));
    other.restore(device.state());
    assertThat(other.state()).isEqualTo(device.state());
    assertThat(other.memory().read(100, 2)).isEqualTo(0x1234);
  }

  @Test
  void stateWithLinesThatAreNotThereIsRefused() {
    PcTestDevice.State s = device.state();
    assertThatThrownBy(() -> device.restore(new PcTestDevice.State(0, 8, s.memory())))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
