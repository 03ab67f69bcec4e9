package org.quern.machine.piix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.ManualTimers;
import org.quern.machine.core.PortDevice;
import org.quern.machine.io.PortMap;
import org.quern.machine.io.UnassignedAccesses;
import org.quern.machine.mem.MmioMap;
import org.quern.machine.pci.PciBus;
import org.quern.machine.pmtimer.PmTimer;

final class AcpiPmTest {
  private static final int STS = 0;
  private static final int EN = 2;
  private static final int CNT = 4;
  private static final int TMR = 8;
  private static final long CARRY_NANOS = 2_343_487_000L;

  private final ManualTimers timers = new ManualTimers();
  private final FakeLine sci = new FakeLine();
  private final AtomicInteger offs = new AtomicInteger();
  private final AcpiPm acpi = acpi(sci);
  private final PortDevice pm = acpi.pmPorts();

  private AcpiPm acpi(FakeLine line) {
    return new AcpiPm(new PmTimer(timers.clock()), timers, line, offs::incrementAndGet);
  }

  @ParameterizedTest
  @CsvSource({"0x2000, 1", "0x2800, 1", "0x2400, 0", "0x3c00, 0", "0x1c00, 0"})
  void sleepTypeZeroAndTwoPowerOff(String control, int expected) {
    pm.write(CNT, 2, Integer.decode(control));

    assertThat(offs).hasValue(expected);
  }

  @Test
  void theEnableBitOfSleepReadsAsZero() {
    pm.write(CNT, 2, 0x3c00);

    assertThat(pm.read(CNT, 2)).isEqualTo(0x1c00);
  }

  @Test
  void aByteWriteOfTheUpperHalfPowersOffToo() {
    pm.write(CNT + 1, 1, 0x20);

    assertThat(offs).hasValue(1);
  }

  @Test
  void theSmiCommandPortSwitchesAcpiMode() {
    PortDevice apm = acpi.apmPorts();
    apm.write(0, 1, 0xf1);
    assertThat(pm.read(CNT, 2)).isEqualTo(1);
    apm.write(0, 1, 0xf0);
    assertThat(pm.read(CNT, 2)).isZero();
    assertThat(apm.read(0, 1)).isEqualTo(0xf0);
    apm.write(1, 1, 0x5a);
    assertThat(apm.read(1, 1)).isEqualTo(0x5a);
  }

  @Test
  void thePowerButtonInterruptsUntilItsStatusIsCleared() {
    acpi.powerButton();
    assertThat(sci.level()).isFalse();
    pm.write(EN, 2, 0x100);
    assertThat(sci.level()).isTrue();
    assertThat(pm.read(STS, 2)).isEqualTo(0x100);
    pm.write(STS, 2, 0x001);
    assertThat(sci.level()).isTrue();
    pm.write(STS, 2, 0x100);
    assertThat(sci.level()).isFalse();
  }

  @Test
  void theTimerCountsAndAnyPartOfItCanBeRead() {
    timers.advance(1_000_000_000);

    assertThat(pm.read(TMR, 4)).isEqualTo(3_579_545);
    assertThat(pm.read(TMR + 1, 1) & 0xff).isEqualTo(3_579_545 >> 8 & 0xff);
  }

  @Test
  void aCarryOfTheTimerInterruptsWhenEnabled() {
    pm.write(EN, 2, 1);
    timers.advance(CARRY_NANOS);
    assertThat(sci.level()).isTrue();
    pm.write(STS, 2, 1);
    assertThat(sci.level()).isFalse();
    timers.advance(CARRY_NANOS);
    assertThat(sci.level()).isTrue();
  }

  @Test
  void aCarryIsSeenWithoutItsInterruptToo() {
    timers.advance(CARRY_NANOS);

    assertThat(pm.read(STS, 2)).isEqualTo(1);
    assertThat(timers.armed()).isZero();
  }

  @Test
  void gpeEnableBitsAreKeptAndStatusStaysZero() {
    PortDevice gpe = acpi.gpePorts();
    gpe.write(0, 4, 0x1234_ffff);

    assertThat(gpe.read(0, 4)).isEqualTo(0x1234_0000);
    assertThat(gpe.read(2, 2) & 0xffff).isEqualTo(0x1234);
    gpe.write(3, 1, 0x56);
    assertThat(gpe.read(0, 4)).isEqualTo(0x5634_0000);
  }

  @Test
  void theRestOfTheBlockReadsAsZero() {
    pm.write(0x20, 4, -1);

    assertThat(pm.read(0x20, 4)).isZero();
  }

  @Test
  void stateRoundTripsAndDrivesTheInterrupt() {
    acpi.apmPorts().write(0, 1, 0xf1);
    acpi.gpePorts().write(2, 2, 0x4321);
    pm.write(EN, 2, 0x101);
    acpi.powerButton();
    AcpiPm.State state = acpi.state();
    FakeLine line = new FakeLine();
    AcpiPm other = acpi(line);
    other.restore(state);

    assertThat(other.state()).isEqualTo(state);
    assertThat(line.level()).isTrue();
    other.reset();
    assertThat(line.level()).isFalse();
    assertThatThrownBy(() -> other.restore(new AcpiPm.State(0, 2, 0, 0, 0, 0, 0)))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void thePmFunctionShowsTheBlockWhereItsRegistersSay() {
    PortMap ports = new PortMap(new UnassignedAccesses());
    FakeLine[] pirqs = {new FakeLine(), new FakeLine(), new FakeLine(), new FakeLine()};
    PciBus bus = new PciBus(ports, new MmioMap(), pirqs);
    PmFunction function = new PmFunction(pm, 1);
    bus.add(1 << 3 | 3, function);
    assertThat(function.config().get(0, 4)).isEqualTo(0x7113_8086);
    assertThat(ports.read(0x604, 2)).isEqualTo(0xffff);

    function.place(0x600, 9);
    bus.remap();
    assertThat(ports.read(0x604, 2)).isZero();
    assertThat(function.config().get(0x40, 4)).isEqualTo(0x601);
    assertThat(function.config().get(0x67, 1)).isEqualTo(0x08);

    PmFunction.State state = function.state();
    function.reset();
    bus.remap();
    assertThat(ports.read(0x604, 2)).isEqualTo(0xffff);
    function.restore(state);
    assertThat(function.state()).isEqualTo(state);
  }
}
