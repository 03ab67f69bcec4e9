package org.quern.machine.hpet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.ManualTimers;

/** HPET behaviour; a tick is 10 ns. */
class HpetTest {
  private static final int CONFIGURATION = 0x10;
  private static final int STATUS = 0x20;
  private static final int COUNTER = 0xf0;
  private static final long ENABLE = 1;
  private static final long LEGACY = 2;
  private static final long LEVEL = 0x2;
  private static final long INTERRUPT = 0x4;
  private static final long PERIODIC = 0x8;
  private static final long SET_VALUE = 0x40;
  private static final long NARROW = 0x100;

  private final ManualTimers timers = new ManualTimers();
  private final List<FakeLine> gsi = new ArrayList<>();
  private final Hpet hpet = create(gsi);

  private Hpet create(List<FakeLine> lines) {
    for (int i = 0; i < 24; i++) {
      lines.add(new FakeLine());
    }
    return new Hpet(timers, List.<IrqLine>copyOf(lines), 0x0000_0004);
  }

  private static int timer(int index) {
    return 0x100 + 0x20 * index;
  }

  private static int comparator(int index) {
    return timer(index) + 8;
  }

  private static long route(int line) {
    return (long) line << 9;
  }

  private long get(int offset) {
    return hpet.read(offset, 8);
  }

  private void set(int offset, long value) {
    hpet.write(offset, 8, value);
  }

  private void ticks(long count) {
    timers.advance(count * 10);
  }

  private int rises(int line) {
    return gsi.get(line).takeRises();
  }

  @Test
  void capabilities() {
    assertThat(hpet.read(0, 4)).isEqualTo(0x8086_a201L);
    assertThat(hpet.read(4, 4)).as("femtoseconds a tick").isEqualTo(10_000_000);
    assertThat(get(timer(0))).isEqualTo(0x0000_0004_0000_0030L);
    assertThat(get(timer(3))).isZero();
  }

  @Test
  void theCounterRunsWhileEnabled() {
    ticks(5);
    assertThat(get(COUNTER)).isZero();
    set(CONFIGURATION, ENABLE);
    ticks(100);
    assertThat(get(COUNTER)).isEqualTo(100);
    set(CONFIGURATION, 0);
    ticks(100);
    assertThat(get(COUNTER)).isEqualTo(100);
    set(CONFIGURATION, ENABLE);
    ticks(1);
    assertThat(get(COUNTER)).isEqualTo(101);
  }

  @Test
  void theStoppedCounterCanBeSetByHalves() {
    hpet.write(COUNTER, 4, 0xffff_fff0L);
    hpet.write(COUNTER + 4, 4, 7);
    set(CONFIGURATION, ENABLE);
    ticks(0x20);
    assertThat(get(COUNTER)).isEqualTo(0x8_0000_0010L);
    assertThat(hpet.read(COUNTER + 4, 4)).isEqualTo(8);
    set(COUNTER, 0);
    assertThat(get(COUNTER)).as("ignored while running").isEqualTo(0x8_0000_0010L);
  }

  @Test
  void oneShotInterruptsAtItsComparator() {
    set(timer(0), INTERRUPT | route(2));
    set(comparator(0), 5000);
    set(CONFIGURATION, ENABLE);
    ticks(4999);
    assertThat(rises(2)).isZero();
    ticks(1);
    assertThat(rises(2)).isEqualTo(1);
    assertThat(gsi.get(2).level()).as("edge").isFalse();
    assertThat(get(STATUS)).isZero();
    ticks(1_000_000);
    assertThat(rises(2)).isZero();
  }

  @Test
  void oneShotOf32BitsComesAgainAfterTheWrap() {
    set(timer(0), INTERRUPT | NARROW | route(2));
    set(comparator(0), 5000);
    set(CONFIGURATION, ENABLE);
    ticks(5000);
    assertThat(rises(2)).isEqualTo(1);
    ticks((1L << 32) - 1);
    assertThat(rises(2)).isZero();
    ticks(1);
    assertThat(rises(2)).isEqualTo(1);
  }

  @Test
  void periodicInterruptsAgainAndAgain() {
    set(timer(1), INTERRUPT | PERIODIC | SET_VALUE | route(2));
    set(comparator(1), 5000);
    set(comparator(1), 2000);
    set(CONFIGURATION, ENABLE);
    assertThat(get(timer(1)) & SET_VALUE).as("clears itself").isZero();
    ticks(5000);
    assertThat(rises(2)).isEqualTo(1);
    assertThat(get(comparator(1))).isEqualTo(7000);
    ticks(1999);
    assertThat(rises(2)).isZero();
    ticks(1);
    assertThat(rises(2)).isEqualTo(1);
    ticks(20_000);
    assertThat(rises(2)).isEqualTo(10);
  }

  @Test
  void latePeriodsAreMadeUpForOneByOneAndStayOnTheGrid() {
    set(timer(0), INTERRUPT | PERIODIC | SET_VALUE | route(2));
    set(comparator(0), 400_000);
    set(CONFIGURATION, ENABLE);
    timers.advanceLate(14_000_000);
    assertThat(rises(2)).as("at 400,000, 800,000 and 1,200,000").isEqualTo(1);
    assertThat(get(comparator(0))).isEqualTo(1_600_000);
    ticks(24_999);
    assertThat(rises(2)).as("a sixteenth of a period").isZero();
    ticks(1);
    assertThat(rises(2)).isEqualTo(1);
    ticks(25_000);
    assertThat(rises(2)).isEqualTo(1);
    ticks(149_999);
    assertThat(rises(2)).isZero();
    ticks(1);
    assertThat(rises(2)).as("back on the grid").isEqualTo(1);
    ticks(4_000_000);
    assertThat(rises(2)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, NARROW})
  void aPeriodicTimerRunsOnWhileItsInterruptIsOff(long width) {
    set(timer(0), PERIODIC | SET_VALUE | width | route(2));
    set(comparator(0), 4000);
    set(CONFIGURATION, ENABLE);
    ticks(50_500);
    assertThat(get(comparator(0))).isEqualTo(52_000);
    ticks(10_000);
    set(timer(0), INTERRUPT | PERIODIC | width | route(2));
    assertThat(rises(2)).isZero();
    ticks(3499);
    assertThat(rises(2)).isZero();
    ticks(1);
    assertThat(rises(2)).as("at 64,000").isEqualTo(1);

    set(timer(0), PERIODIC | width | route(2));
    ticks(1_000_000);
    set(CONFIGURATION, 0);
    set(timer(0), INTERRUPT | PERIODIC | width | route(2));
    set(CONFIGURATION, ENABLE);
    ticks(4000);
    assertThat(rises(2)).as("after a stop of the counter").isEqualTo(1);
  }

  @Test
  void levelInterruptsAndTimersSetAnewOweNothing() {
    set(timer(0), INTERRUPT | PERIODIC | LEVEL | SET_VALUE | route(2));
    set(comparator(0), 400_000);
    set(CONFIGURATION, ENABLE);
    timers.advanceLate(14_000_000);
    set(STATUS, 1);
    assertThat(rises(2)).isEqualTo(1);
    ticks(199_999);
    assertThat(rises(2)).isZero();

    set(timer(0), INTERRUPT | PERIODIC | SET_VALUE | route(2));
    set(comparator(0), 2_000_000);
    set(comparator(0), 400_000);
    timers.advanceLate(30_000_000);
    rises(2);
    set(comparator(0), 300_000);
    ticks(0);
    rises(2);
    ticks(100_000);
    assertThat(rises(2)).isZero();
  }

  @Test
  void aComparatorWrittenTooLateMatchesAtOnce() {
    set(CONFIGURATION, ENABLE);
    set(timer(0), INTERRUPT | NARROW | route(2));
    ticks(1000);
    set(comparator(0), 990);
    ticks(0);
    assertThat(rises(2)).isEqualTo(1);
  }

  @Test
  void aStaleComparatorDoesNotMatchWhenTheTimerIsConfigured() {
    set(comparator(0), 500);
    set(CONFIGURATION, ENABLE);
    ticks(1000);
    set(timer(0), INTERRUPT | NARROW | route(2));
    ticks(1000);
    assertThat(rises(2)).isZero();
  }

  @Test
  void levelInterruptsStayUntilAcknowledged() {
    set(timer(2), INTERRUPT | LEVEL | route(2));
    set(comparator(2), 1000);
    set(CONFIGURATION, ENABLE);
    ticks(1000);
    assertThat(get(STATUS)).isEqualTo(4);
    assertThat(gsi.get(2).level()).isTrue();
    set(STATUS, 3);
    assertThat(gsi.get(2).level()).isTrue();
    set(STATUS, 4);
    assertThat(gsi.get(2).level()).isFalse();
    assertThat(get(STATUS)).isZero();
  }

  @Test
  void aTimerWithoutInterruptArmsNothing() {
    set(comparator(0), 1000);
    set(CONFIGURATION, ENABLE);
    assertThat(timers.armed()).isZero();
  }

  @Test
  void legacyReplacementTakesInterrupts0And8() {
    set(timer(0), INTERRUPT | PERIODIC | SET_VALUE | route(2));
    set(comparator(0), 1000);
    set(timer(1), INTERRUPT | route(2));
    set(comparator(1), 1500);
    set(CONFIGURATION, ENABLE | LEGACY);
    hpet.pitInput().pulse();
    hpet.rtcInput().set(true);
    assertThat(rises(0)).isZero();
    assertThat(rises(8)).isZero();
    ticks(1600);
    assertThat(rises(0)).as("timer 0").isEqualTo(1);
    assertThat(rises(8)).as("timer 1").isEqualTo(1);
    assertThat(rises(2)).isZero();
  }

  @Test
  void withoutLegacyReplacementPitAndRtcPassThrough() {
    hpet.pitInput().set(true);
    hpet.rtcInput().set(true);
    assertThat(gsi.get(0).level()).isTrue();
    assertThat(gsi.get(8).level()).isTrue();
    set(CONFIGURATION, LEGACY);
    assertThat(gsi.get(0).level()).isFalse();
    assertThat(gsi.get(8).level()).isFalse();
    hpet.pitInput().set(false);
    set(CONFIGURATION, 0);
    assertThat(gsi.get(0).level()).isFalse();
    assertThat(gsi.get(8).level()).isTrue();
  }

  @Test
  void onlyTheGivenConfigurationBitsAreWritable() {
    set(timer(0), -1);
    assertThat(get(timer(0))).isEqualTo(0x0000_0004_0000_0030L | 0x3f4e);
    set(CONFIGURATION, -1);
    assertThat(get(CONFIGURATION)).isEqualTo(3);
  }

  @Test
  void oddAccessesAreIgnored() {
    hpet.write(CONFIGURATION, 1, 1);
    hpet.write(CONFIGURATION + 2, 4, 1);
    assertThat(get(CONFIGURATION)).isZero();
    assertThat(hpet.read(1, 1)).isEqualTo(0xa2);
  }

  @Test
  void stateRoundTrip() {
    set(timer(0), INTERRUPT | PERIODIC | SET_VALUE | NARROW | route(2));
    set(comparator(0), 3000);
    set(comparator(0), 2000);
    set(timer(2), INTERRUPT | LEVEL | route(5));
    set(comparator(2), 4000);
    set(CONFIGURATION, ENABLE);
    hpet.rtcInput().set(true);
    ticks(4500);

    List<FakeLine> otherLines = new ArrayList<>();
    Hpet other = create(otherLines);
    other.restore(hpet.state());
    assertThat(other.state()).isEqualTo(hpet.state());
    assertThat(otherLines.get(5).level()).isTrue();
    assertThat(otherLines.get(8).level()).isTrue();
    rises(2);
    otherLines.get(2).takeRises();
    ticks(5000);
    assertThat(otherLines.get(2).takeRises()).isEqualTo(rises(2)).isEqualTo(3);
    assertThat(other.state()).isEqualTo(hpet.state());
    assertThatThrownBy(() -> new Hpet.State(4, 0, 0, false, false, hpet.state().timers()))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Hpet.State(0, 0, 0, false, false, List.of()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void resetLetsGoOfItsLines() {
    set(timer(2), INTERRUPT | LEVEL | route(5));
    set(comparator(2), 1000);
    set(CONFIGURATION, ENABLE);
    ticks(1000);
    hpet.reset();
    assertThat(gsi.get(5).level()).isFalse();
    assertThat(get(COUNTER)).isZero();
    assertThat(timers.armed()).isZero();
  }
}
