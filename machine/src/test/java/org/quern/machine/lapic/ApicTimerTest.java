package org.quern.machine.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.core.ManualTimers;
import org.quern.machine.core.Timers;
import org.quern.machine.core.VirtualClock;
import org.quern.machine.time.Tsc;

/** The timer through its registers; it counts nanoseconds. */
class ApicTimerTest {
  private static final int LVT = 0x320;
  private static final int INITIAL = 0x380;
  private static final int CURRENT = 0x390;
  private static final int DIVIDE = 0x3e0;
  private static final int BY_1 = 0xb;
  private static final int MASKED = 0x10000;
  private static final int PERIODIC = 0x20000;
  private static final int DEADLINE = 0x40000;
  private static final int VECTOR = 0xec;

  private final ApicRig rig = new ApicRig(1).enabled();

  /** Acknowledged and ended timer interrupts. */
  private int take() {
    int count = 0;
    while (rig.acknowledge(0) == VECTOR) {
      rig.eoi(0);
      count++;
    }
    return count;
  }

  private void start(int lvt, int initial) {
    rig.write(0, DIVIDE, BY_1);
    rig.write(0, LVT, lvt);
    rig.write(0, INITIAL, initial);
  }

  @Test
  void oneShotInterruptsOnce() {
    start(VECTOR, 50_000);
    rig.timers.advance(20_000);
    assertThat(rig.read(0, CURRENT)).isEqualTo(30_000);
    rig.timers.advance(29_999);
    assertThat(rig.intr(0)).isFalse();
    rig.timers.advance(1);
    assertThat(take()).isEqualTo(1);
    assertThat(rig.read(0, CURRENT)).isZero();
    assertThat(rig.read(0, INITIAL)).isEqualTo(50_000);
    rig.timers.advance(1_000_000);
    assertThat(take()).isZero();
  }

  @Test
  void periodicReloads() {
    start(PERIODIC | VECTOR, 50_000);
    for (int i = 0; i < 4; i++) {
      rig.timers.advance(49_999);
      assertThat(take()).isZero();
      assertThat(rig.read(0, CURRENT)).isEqualTo(1);
      rig.timers.advance(1);
      assertThat(take()).isEqualTo(1);
      assertThat(rig.read(0, CURRENT)).isEqualTo(50_000);
    }
  }

  @Test
  void latePeriodsAreNotMadeUpForAndStayOnTheGrid() {
    start(PERIODIC | VECTOR, 50_000);
    rig.timers.advanceLate(170_000);
    assertThat(take()).isEqualTo(1);
    assertThat(rig.read(0, CURRENT)).isEqualTo(30_000);
    rig.timers.advance(30_000);
    assertThat(take()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({"0, 2", "1, 4", "2, 8", "3, 16", "8, 32", "9, 64", "10, 128", "11, 1"})
  void dividerOfConfiguration(int configuration, int divisor) {
    rig.write(0, DIVIDE, configuration);
    assertThat(rig.read(0, DIVIDE)).isEqualTo(configuration);
    rig.write(0, LVT, VECTOR);
    rig.write(0, INITIAL, 1000);
    rig.timers.advance(100L * divisor);
    assertThat(rig.read(0, CURRENT)).isEqualTo(900);
    rig.timers.advance(900L * divisor - 1);
    assertThat(take()).isZero();
    rig.timers.advance(1);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void changingTheDividerKeepsTheCount() {
    start(VECTOR, 100_000);
    rig.timers.advance(40_000);
    rig.write(0, DIVIDE, 0);
    assertThat(rig.read(0, CURRENT)).isEqualTo(60_000);
    rig.timers.advance(119_999);
    assertThat(take()).isZero();
    rig.timers.advance(1);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void aMaskedTimerCountsSilentlyAndArmsNothing() {
    start(MASKED | VECTOR, 50_000);
    assertThat(rig.timers.armed()).isZero();
    rig.timers.advance(20_000);
    assertThat(rig.read(0, CURRENT)).isEqualTo(30_000);
    rig.timers.advance(100_000);
    rig.write(0, LVT, VECTOR);
    assertThat(take()).as("it expired while masked").isZero();
  }

  @Test
  void unmaskingInTimeInterrupts() {
    start(MASKED | VECTOR, 50_000);
    rig.timers.advance(20_000);
    rig.write(0, LVT, VECTOR);
    rig.timers.advance(30_000);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void writingZeroStops() {
    start(PERIODIC | VECTOR, 50_000);
    rig.write(0, INITIAL, 0);
    rig.timers.advance(1_000_000);
    assertThat(take()).isZero();
    assertThat(rig.timers.armed()).isZero();
  }

  @Test
  void theFullRangeOfTheCountIsUnsigned() {
    start(VECTOR, -1);
    rig.timers.advance(4_294_967_294L);
    assertThat(rig.read(0, CURRENT)).isEqualTo(1);
    rig.timers.advance(1);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void aFinishedOneShotDoesNotRestartWhenItBecomesPeriodic() {
    start(VECTOR, 50_000);
    rig.timers.advance(60_000);
    take();
    rig.write(0, LVT, PERIODIC | VECTOR);
    rig.timers.advance(200_000);
    assertThat(rig.read(0, CURRENT)).isZero();
    assertThat(take()).isZero();
  }

  @Test
  void aRunningPeriodicTimerFinishesAsOneShot() {
    start(PERIODIC | VECTOR, 50_000);
    rig.timers.advance(60_000);
    take();
    rig.write(0, LVT, VECTOR);
    assertThat(rig.read(0, CURRENT)).isEqualTo(40_000);
    rig.timers.advance(40_000);
    assertThat(take()).isEqualTo(1);
    rig.timers.advance(100_000);
    assertThat(take()).isZero();
  }

  @Test
  void deadlineInterruptsWhenTheTscReachesIt() {
    rig.write(0, LVT, DEADLINE | VECTOR);
    long deadline = rig.tsc.tsc() + 100_001;
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, deadline);
    assertThat(rig.rdmsr(0, ApicRig.IA32_TSC_DEADLINE)).isEqualTo(deadline);
    rig.timers.advance(50_000);
    assertThat(take()).isZero();
    rig.timers.advance(1);
    assertThat(take()).isEqualTo(1);
    assertThat(rig.rdmsr(0, ApicRig.IA32_TSC_DEADLINE)).isZero();
  }

  @Test
  void aDeadlineInThePastInterruptsAtOnce() {
    rig.timers.advance(1_000);
    rig.write(0, LVT, DEADLINE | VECTOR);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 5);
    assertThat(take()).isEqualTo(1);
    assertThat(rig.timers.armed()).isZero();
  }

  @Test
  void deadlineZeroDisarms() {
    rig.write(0, LVT, DEADLINE | VECTOR);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 100_000);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 0);
    rig.timers.advance(1_000_000);
    assertThat(take()).isZero();
  }

  @Test
  void aLaterDeadlineReplacesTheEarlier() {
    rig.write(0, LVT, DEADLINE | VECTOR);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 100_000);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 400_000);
    rig.timers.advance(100_000);
    assertThat(take()).isZero();
    rig.timers.advance(100_000);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void inDeadlineModeTheCountersAreDead() {
    rig.write(0, LVT, DEADLINE | VECTOR);
    rig.write(0, INITIAL, 1000);
    assertThat(rig.read(0, INITIAL)).isZero();
    assertThat(rig.read(0, CURRENT)).isZero();
    rig.timers.advance(1_000_000);
    assertThat(take()).isZero();
  }

  @Test
  void outsideDeadlineModeTheMsrIsDead() {
    rig.write(0, LVT, VECTOR);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 100);
    assertThat(rig.rdmsr(0, ApicRig.IA32_TSC_DEADLINE)).isZero();
    rig.timers.advance(1_000_000);
    assertThat(take()).isZero();
  }

  @Test
  void changingTheModeDisarms() {
    rig.write(0, LVT, DEADLINE | VECTOR);
    rig.wrmsr(0, ApicRig.IA32_TSC_DEADLINE, 100_000);
    rig.write(0, LVT, VECTOR);
    rig.write(0, LVT, DEADLINE | VECTOR);
    assertThat(rig.rdmsr(0, ApicRig.IA32_TSC_DEADLINE)).isZero();
    rig.timers.advance(1_000_000);
    assertThat(take()).isZero();
  }

  @Test
  void aReadBetweenExpiryAndAlarmLosesNothing() {
    start(VECTOR, 50_000);
    rig.timers.clock().set(60_000);
    assertThat(rig.read(0, CURRENT)).isZero();
    rig.timers.advance(0);
    assertThat(take()).isEqualTo(1);
  }

  @Test
  void theCountNeverRunsBelowZeroHoweverSlowTheHostIs() {
    // A host so busy that time passes between any two looks at the clock.
    ManualTimers timers = new ManualTimers();
    Timers slow =
        new Timers() {
          @Override
          public Timer create(String name, Runnable callback) {
            return timers.create(name, callback);
          }

          @Override
          public VirtualClock clock() {
            return () -> {
              timers.clock().set(timers.clock().nanos() + 400);
              return timers.clock().nanos();
            };
          }
        };
    ApicTimer timer = new ApicTimer(slow, new Tsc(timers.clock(), 1_000_000_000), "slow", () -> {});
    timer.divide(BY_1);
    timer.initial(1000);
    assertThat(timer.current()).isEqualTo(600);
    assertThat(timer.current()).isEqualTo(200);
    assertThat(timer.current()).isZero();
  }

  @Test
  void aVeryFastPeriodIsDeliveredAtTheShortest() {
    start(PERIODIC | VECTOR, 10);
    int count = 0;
    for (int i = 0; i < 100; i++) {
      rig.timers.advance(10_000);
      count += take();
    }
    assertThat(count).isEqualTo(100);
    assertThat(rig.timers.rung()).isEqualTo(100);
  }
}
