package org.quern.machine.pit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.ManualTimers;
import org.quern.machine.core.PortDevice;
import org.quern.machine.time.Ticks;

/** 8254 behaviour; times are in ticks of its clock. */
class PitTest {
  private static final int STATUS_OUT = 0x80;
  private static final int STATUS_NULL = 0x40;

  private final ManualTimers timers = new ManualTimers();
  private final FakeLine irq0 = new FakeLine();
  private final Pit pit = new Pit(timers, irq0);
  private final PortDevice ports = pit.ports();
  private final PortDevice portB = pit.portB();
  private long tick;

  /** Moves time to the beginning of a later tick. */
  private void ticks(long count) {
    tick += count;
    timers.advance(Ticks.toNanos(tick, Pit.HZ) - timers.clock().nanos());
  }

  private void control(int word) {
    ports.write(3, 1, word);
  }

  private void load(int channel, int count) {
    ports.write(channel, 1, count & 0xff);
    ports.write(channel, 1, count >> 8);
  }

  private int latched(int channel) {
    control(channel << 6);
    return ports.read(channel, 1) | ports.read(channel, 1) << 8;
  }

  private int status(int channel) {
    control(0xe0 | 2 << channel);
    return ports.read(channel, 1);
  }

  private boolean out(int channel) {
    return (status(channel) & STATUS_OUT) != 0;
  }

  @Test
  void mode0RaisesOutNPlus1TicksAfterTheCount() {
    control(0x30);
    assertThat(irq0.level()).isFalse();
    load(0, 100);
    ticks(100);
    assertThat(irq0.level()).isFalse();
    ticks(1);
    assertThat(irq0.level()).isTrue();
    assertThat(timers.armed()).as("one shot").isZero();
  }

  @Test
  void mode0CountsOnThroughZero() {
    control(0xb0);
    portB.write(0, 1, 1);
    load(2, 10);
    ticks(1);
    assertThat(latched(2)).isEqualTo(10);
    ticks(4);
    assertThat(latched(2)).isEqualTo(6);
    ticks(8);
    assertThat(latched(2)).isEqualTo(0xfffe);
    assertThat(out(2)).isTrue();
  }

  @Test
  void mode0FirstByteStopsTheCountAndASecondRestartsIt() {
    control(0x30);
    load(0, 50);
    ticks(20);
    ports.write(0, 1, 30);
    ticks(100);
    assertThat(irq0.level()).isFalse();
    ports.write(0, 1, 0);
    ticks(30);
    assertThat(irq0.level()).isFalse();
    ticks(1);
    assertThat(irq0.level()).isTrue();
  }

  @Test
  void mode0GateHoldsTheCount() {
    control(0xb0);
    portB.write(0, 1, 1);
    load(2, 100);
    ticks(41);
    portB.write(0, 1, 0);
    ticks(1000);
    assertThat(latched(2)).isEqualTo(60);
    portB.write(0, 1, 1);
    ticks(59);
    assertThat(out(2)).isFalse();
    ticks(1);
    assertThat(out(2)).isTrue();
  }

  @Test
  void mode1IsTriggeredByTheGateAndRetriggers() {
    control(0xb2);
    load(2, 20);
    ticks(50);
    assertThat(out(2)).as("not triggered").isTrue();
    portB.write(0, 1, 1);
    ticks(15);
    assertThat(out(2)).isFalse();
    portB.write(0, 1, 0);
    portB.write(0, 1, 1);
    ticks(20);
    assertThat(out(2)).isFalse();
    ticks(1);
    assertThat(out(2)).isTrue();
  }

  @Test
  void mode1NewCountWaitsForTheNextTrigger() {
    control(0xb2);
    load(2, 20);
    portB.write(0, 1, 1);
    ticks(5);
    load(2, 100);
    ticks(16);
    assertThat(out(2)).isTrue();
    portB.write(0, 1, 0);
    portB.write(0, 1, 1);
    ticks(100);
    assertThat(out(2)).isFalse();
    ticks(1);
    assertThat(out(2)).isTrue();
  }

  @Test
  void mode2InterruptsOnceAPeriod() {
    control(0x34);
    load(0, 11932);
    irq0.takeRises();
    for (int i = 0; i < 5; i++) {
      ticks(i == 0 ? 11932 : 11931);
      assertThat(irq0.takeRises()).isZero();
      ticks(1);
      assertThat(irq0.takeRises()).isEqualTo(1);
    }
    assertThat(timers.rung()).as("one event a period").isEqualTo(5);
  }

  @Test
  void mode2ReadsFromNDownTo1() {
    control(0x34);
    load(0, 1000);
    ticks(1);
    assertThat(latched(0)).isEqualTo(1000);
    ticks(999);
    assertThat(latched(0)).isEqualTo(1);
    assertThat(out(0)).as("low for the last tick").isFalse();
    ticks(1);
    assertThat(latched(0)).isEqualTo(1000);
    assertThat(out(0)).isTrue();
  }

  @Test
  void mode2NewCountTakesOverAtTheEndOfThePeriod() {
    control(0x34);
    load(0, 1000);
    ticks(501);
    load(0, 300);
    irq0.takeRises();
    assertThat(latched(0)).isEqualTo(500);
    assertThat(status(0) & STATUS_NULL).isEqualTo(STATUS_NULL);
    ticks(500);
    assertThat(irq0.takeRises()).isEqualTo(1);
    assertThat(latched(0)).isEqualTo(300);
    assertThat(status(0) & STATUS_NULL).isZero();
    ticks(300);
    assertThat(irq0.takeRises()).isEqualTo(1);
  }

  @Test
  void mode2GateLowForcesOutHighAndItsRiseReloads() {
    control(0xb4);
    portB.write(0, 1, 1);
    load(2, 10);
    ticks(5);
    portB.write(0, 1, 0);
    for (int i = 0; i < 12; i++) {
      ticks(1);
      assertThat(out(2)).isTrue();
    }
    portB.write(0, 1, 1);
    ticks(1);
    assertThat(latched(2)).isEqualTo(10);
  }

  @ParameterizedTest
  @ValueSource(ints = {10, 11})
  void mode3IsASquareWaveLongerHighWhenOdd(int count) {
    control(0xb6);
    portB.write(0, 1, 1);
    load(2, count);
    ticks(1);
    StringBuilder wave = new StringBuilder();
    for (int i = 0; i < 2 * count; i++) {
      wave.append(out(2) ? '-' : '_');
      ticks(1);
    }
    String period = "-".repeat((count + 1) / 2) + "_".repeat(count / 2);
    assertThat(wave.toString()).isEqualTo(period + period);
  }

  @Test
  void mode3CountsDownByTwo() {
    control(0xb6);
    portB.write(0, 1, 1);
    load(2, 10);
    ticks(1);
    int[] expected = {10, 8, 6, 4, 2, 10, 8};
    for (int value : expected) {
      assertThat(latched(2)).isEqualTo(value);
      ticks(1);
    }
  }

  @Test
  void mode3InterruptsAtTheRiseOfOut() {
    control(0x36);
    load(0, 0);
    irq0.takeRises();
    ticks(65536);
    assertThat(irq0.takeRises()).isZero();
    ticks(1);
    assertThat(irq0.takeRises()).isEqualTo(1);
    ticks(65536);
    assertThat(irq0.takeRises()).isEqualTo(1);
  }

  @Test
  void mode4StrobesLowForOneTick() {
    control(0xb8);
    portB.write(0, 1, 1);
    load(2, 10);
    ticks(10);
    assertThat(out(2)).isTrue();
    ticks(1);
    assertThat(out(2)).isFalse();
    ticks(1);
    assertThat(out(2)).isTrue();
  }

  @Test
  void mode4InterruptsAtTheEndOfTheStrobe() {
    control(0x38);
    irq0.takeRises();
    load(0, 50);
    ticks(51);
    assertThat(irq0.takeRises()).isZero();
    ticks(1);
    assertThat(irq0.takeRises()).isEqualTo(1);
    ticks(100_000);
    assertThat(irq0.takeRises()).isZero();
  }

  @Test
  void mode5StrobesAfterItsTrigger() {
    control(0xba);
    load(2, 10);
    ticks(100);
    assertThat(out(2)).isTrue();
    portB.write(0, 1, 1);
    ticks(11);
    assertThat(out(2)).isFalse();
    ticks(1);
    assertThat(out(2)).isTrue();
  }

  @Test
  void modes6And7AreModes2And3() {
    control(0x3c);
    assertThat(status(0) & 0x0e).isEqualTo(2 << 1);
    control(0x3e);
    assertThat(status(0) & 0x0e).isEqualTo(3 << 1);
  }

  @Test
  void bcdCountsInDecimal() {
    control(0xb1);
    portB.write(0, 1, 1);
    load(2, 0x1000);
    ticks(2);
    assertThat(latched(2)).isEqualTo(0x0999);
  }

  @Test
  void aBcdCountOfZeroIs10000() {
    control(0xb5);
    portB.write(0, 1, 1);
    load(2, 0);
    ticks(2);
    assertThat(latched(2)).isEqualTo(0x9999);
  }

  @Test
  void aLatchedCountStaysUntilRead() {
    control(0x34);
    load(0, 1000);
    ticks(101);
    control(0x00);
    ticks(50);
    control(0x00);
    assertThat(ports.read(0, 1) | ports.read(0, 1) << 8).isEqualTo(900);
    assertThat(latched(0)).isEqualTo(850);
  }

  @Test
  void readBackGivesStatusFirstThenTheOneShotsCount() {
    control(0x30);
    load(0, 1000);
    ticks(101);
    control(0xc2);
    ticks(5);
    assertThat(ports.read(0, 1)).as("out low, both bytes, mode 0").isEqualTo(0x30);
    assertThat(ports.read(0, 1) | ports.read(0, 1) << 8).isEqualTo(900);
    ticks(1000);
    assertThat(status(0)).isEqualTo(STATUS_OUT | 0x30);
  }

  @Test
  void readBackLatchesSeveralCounters() {
    control(0x34);
    load(0, 1000);
    control(0xb4);
    portB.write(0, 1, 1);
    load(2, 500);
    ticks(101);
    control(0xda);
    ticks(10);
    assertThat(ports.read(0, 1) | ports.read(0, 1) << 8).isEqualTo(900);
    assertThat(ports.read(2, 1) | ports.read(2, 1) << 8).isEqualTo(400);
  }

  @Test
  void statusShowsACountNotYetLoaded() {
    control(0x30);
    assertThat(status(0) & STATUS_NULL).isEqualTo(STATUS_NULL);
    load(0, 10);
    assertThat(status(0) & STATUS_NULL).isEqualTo(STATUS_NULL);
    ticks(1);
    assertThat(status(0) & STATUS_NULL).isZero();
  }

  @Test
  void singleByteAccessLoadsOnlyThatByte() {
    control(0x94);
    portB.write(0, 1, 1);
    ports.write(2, 1, 50);
    ticks(1);
    assertThat(ports.read(2, 1)).isEqualTo(50);
    control(0xa4);
    ports.write(2, 1, 2);
    ticks(1);
    assertThat(ports.read(2, 1)).isEqualTo(2);
    ticks(1);
    assertThat(ports.read(2, 1)).as("high byte of 511").isEqualTo(1);
  }

  @Test
  void aVeryFastRateIsDeliveredAtTheShortestPeriod() {
    control(0x14);
    ports.write(0, 1, 2);
    irq0.takeRises();
    ticks(1200);
    assertThat(irq0.takeRises()).isBetween(90, 101);
  }

  @Test
  void lateEventsAreMadeUpForOneByOneAndStayOnTheGrid() {
    control(0x34);
    load(0, 1000);
    irq0.takeRises();
    tick += 3500;
    timers.advanceLate(Ticks.toNanos(tick, Pit.HZ));
    assertThat(irq0.takeRises()).as("at 1001, 2001 and 3001").isEqualTo(1);
    ticks(61);
    assertThat(irq0.takeRises()).as("a sixteenth of a period").isZero();
    ticks(1);
    assertThat(irq0.takeRises()).isEqualTo(1);
    ticks(62);
    assertThat(irq0.takeRises()).isEqualTo(1);
    ticks(376);
    assertThat(irq0.takeRises()).isZero();
    ticks(1);
    assertThat(irq0.takeRises()).as("back on the grid").isEqualTo(1);
    ticks(10_000);
    assertThat(irq0.takeRises()).isEqualTo(10);
  }

  @Test
  void aNewCountOwesNothingOfTheOldOne() {
    control(0x34);
    load(0, 1000);
    tick += 30_500;
    timers.advanceLate(Ticks.toNanos(tick, Pit.HZ));
    control(0x34);
    load(0, 50_000);
    irq0.takeRises();
    ticks(50_000);
    assertThat(irq0.takeRises()).isZero();
  }

  @Test
  void refreshBitTogglesEvery15Microseconds() {
    int before = portB.read(0, 1) & 0x10;
    timers.advance(15_085);
    assertThat(portB.read(0, 1) & 0x10).isNotEqualTo(before);
    timers.advance(15_085);
    assertThat(portB.read(0, 1) & 0x10).isEqualTo(before);
  }

  @Test
  void portBShowsCounter2AndKeepsItsBits() {
    control(0xb0);
    portB.write(0, 1, 0xff);
    assertThat(portB.read(0, 1) & 0x2f).isEqualTo(0x0f);
    load(2, 10);
    ticks(11);
    assertThat(portB.read(0, 1) & 0x2f).isEqualTo(0x2f);
  }

  @Test
  void stateRoundTrip() {
    control(0x34);
    load(0, 1000);
    ticks(501);
    load(0, 300);
    ports.write(1, 1, 7);
    control(0xb2);
    load(2, 70);
    portB.write(0, 1, 3);
    control(0x80);
    ports.read(2, 1);

    FakeLine otherIrq = new FakeLine();
    Pit other = new Pit(timers, otherIrq);
    other.restore(pit.state());
    assertThat(other.state()).isEqualTo(pit.state());
    assertThat(otherIrq.level()).isEqualTo(irq0.level());
    otherIrq.takeRises();
    irq0.takeRises();
    ticks(800);
    assertThat(otherIrq.takeRises()).isEqualTo(irq0.takeRises());
    assertThat(other.state()).isEqualTo(pit.state());
  }

  @Test
  void aStateThatCannotBeIsRefused() {
    Pit.State good = pit.state();
    assertThatThrownBy(() -> new Pit.State(List.of(), 0, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Pit.State(good.channels(), 0x10, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(
            () -> new Pit.ChannelState(2, false, 3, 0, 0, 0, true, 0, 0, true, -1, false, -1, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void resetStopsAllCounters() {
    control(0x34);
    load(0, 1000);
    portB.write(0, 1, 3);
    pit.reset();
    assertThat(timers.armed()).isZero();
    assertThat(portB.read(0, 1) & 0x0f).isZero();
  }
}
