package org.quern.machine.rtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.machine.core.FakeLine;
import org.quern.machine.core.ManualTimers;

/** MC146818 behaviour. The wall clock starts at 2026-11-22 18:05:09 UTC, a Sunday. */
class RtcTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int PIE = 0x40;
  private static final int AIE = 0x20;
  private static final int UIE = 0x10;
  private static final int SET = 0x80;
  private static final int BINARY = 0x04;
  private static final int HOURS_24 = 0x02;

  private final ManualTimers timers = new ManualTimers();
  private final FakeLine irq8 = new FakeLine();
  private final InstantSource wall =
      () -> Instant.parse("2026-11-22T18:05:09Z").plusNanos(timers.clock().nanos());
  private final Rtc rtc = new Rtc(timers, irq8, Map.of(0x34, 0x12, 0x35, 0xf7), wall);

  private int get(int register) {
    rtc.write(0, 1, register);
    return rtc.read(1, 1);
  }

  private void set(int register, int value) {
    rtc.write(0, 1, register);
    rtc.write(1, 1, value);
  }

  @Test
  void showsTheWallClockInBcd() {
    assertThat(get(0x00)).isEqualTo(0x09);
    assertThat(get(0x02)).isEqualTo(0x05);
    assertThat(get(0x04)).isEqualTo(0x18);
    assertThat(get(0x06)).as("Sunday").isEqualTo(1);
    assertThat(get(0x07)).isEqualTo(0x22);
    assertThat(get(0x08)).isEqualTo(0x11);
    assertThat(get(0x09)).isEqualTo(0x26);
    assertThat(get(0x32)).isEqualTo(0x20);
    assertThat(get(0x37)).isEqualTo(0x20);
  }

  @Test
  void timeGoesOn() {
    timers.advance(56 * SECOND);
    assertThat(get(0x00)).isEqualTo(0x05);
    assertThat(get(0x02)).isEqualTo(0x06);
  }

  @Test
  void binaryModeShowsPlainNumbers() {
    set(0x0b, BINARY | HOURS_24);
    assertThat(get(0x07)).isEqualTo(22);
    assertThat(get(0x09)).isEqualTo(26);
    assertThat(get(0x32)).isEqualTo(20);
  }

  @ParameterizedTest
  @CsvSource({"0, 0x12", "9, 0x09", "12, 0x92", "18, 0x86", "23, 0x91"})
  void twelveHourModeMarksTheAfternoon(int hour, int register) {
    set(0x0b, SET | HOURS_24 | BINARY);
    set(0x04, hour);
    set(0x0b, HOURS_24 | BINARY);
    set(0x0b, 0);
    assertThat(get(0x04)).isEqualTo(register);
    set(0x0b, SET);
    set(0x04, register);
    set(0x0b, 0);
    set(0x0b, HOURS_24 | BINARY);
    assertThat(get(0x04)).isEqualTo(hour);
  }

  @Test
  void theGuestSetsTheClockUnderSet() {
    set(0x0b, SET | HOURS_24);
    set(0x00, 0x58);
    set(0x02, 0x59);
    set(0x04, 0x23);
    set(0x07, 0x31);
    set(0x08, 0x12);
    set(0x09, 0x99);
    set(0x32, 0x19);
    timers.advance(10 * SECOND);
    assertThat(get(0x00)).as("held by SET").isEqualTo(0x58);
    set(0x0b, HOURS_24);
    timers.advance(3 * SECOND);
    assertThat(get(0x00)).isEqualTo(0x01);
    assertThat(get(0x04)).isEqualTo(0x00);
    assertThat(get(0x07)).isEqualTo(0x01);
    assertThat(get(0x08)).isEqualTo(0x01);
    assertThat(get(0x09)).isEqualTo(0x00);
    assertThat(get(0x32)).isEqualTo(0x20);
    assertThat(get(0x06)).as("1 January 2000 was a Saturday").isEqualTo(7);
  }

  @Test
  void aSingleRegisterCanBeSetWhileRunning() {
    set(0x02, 0x30);
    assertThat(get(0x02)).isEqualTo(0x30);
    assertThat(get(0x04)).isEqualTo(0x18);
    timers.advance(SECOND);
    assertThat(get(0x00)).isEqualTo(0x10);
  }

  @Test
  void anImpossibleDateIsIgnored() {
    set(0x0b, SET | HOURS_24);
    set(0x08, 0x99);
    set(0x0b, HOURS_24);
    assertThat(get(0x08)).isEqualTo(0x11);
  }

  @Test
  void updateInProgressRises244MicrosecondsBeforeTheSecond() {
    timers.advance(SECOND - 245_000);
    assertThat(get(0x0a) & 0x80).isZero();
    timers.advance(1_000);
    assertThat(get(0x0a) & 0x80).isEqualTo(0x80);
    timers.advance(244_000);
    assertThat(get(0x0a) & 0x80).isZero();
  }

  @Test
  void updateEndedInterruptComesEverySecondUntilCIsRead() {
    timers.advance(SECOND / 2);
    set(0x0a, 0x20);
    get(0x0c);
    set(0x0b, UIE | HOURS_24);
    timers.advance(SECOND / 2);
    assertThat(irq8.level()).isTrue();
    assertThat(get(0x0c)).isEqualTo(0x90);
    assertThat(irq8.level()).isFalse();
    assertThat(get(0x0c)).isZero();
    irq8.takeRises();
    timers.advance(3 * SECOND);
    assertThat(irq8.takeRises()).as("not acknowledged").isEqualTo(1);
  }

  @Test
  void flagsAreSetWithoutTheirInterrupts() {
    timers.advance(SECOND);
    assertThat(irq8.level()).isFalse();
    assertThat(timers.armed()).isZero();
    assertThat(get(0x0c)).isEqualTo(0x50);
  }

  @ParameterizedTest
  @CsvSource({"3, 8192", "6, 1024", "13, 8", "15, 2", "1, 256", "2, 128"})
  void periodicInterruptHasTheRateOfRegisterA(int rate, int hz) {
    set(0x0a, 0x20 | rate);
    set(0x0b, PIE | HOURS_24);
    get(0x0c);
    int count = 0;
    for (int i = 0; i < 10_000; i++) {
      timers.advance(SECOND / 10_000);
      if (irq8.level()) {
        count++;
        assertThat(get(0x0c) & 0xc0).isEqualTo(0xc0);
      }
    }
    assertThat(count).isEqualTo(hz);
  }

  @Test
  void rateZeroIsOff() {
    set(0x0a, 0x20);
    set(0x0b, PIE | HOURS_24);
    timers.advance(SECOND / 2);
    assertThat(irq8.level()).isFalse();
  }

  @Test
  void alarmInterruptsAtItsTime() {
    set(0x01, 0x15);
    set(0x03, 0x05);
    set(0x05, 0x18);
    set(0x0b, AIE | HOURS_24);
    get(0x0c);
    timers.advance(6 * SECOND - 1);
    assertThat(irq8.level()).isFalse();
    timers.advance(1);
    assertThat(irq8.level()).isTrue();
    assertThat(get(0x0c) & 0xa0).isEqualTo(0xa0);
    timers.advance(3600 * SECOND);
    assertThat(irq8.level()).as("tomorrow again").isFalse();
    timers.advance(23 * 3600 * SECOND);
    assertThat(irq8.level()).isTrue();
  }

  @Test
  void wildcardAlarmMatchesEveryMinute() {
    set(0x01, 0x30);
    set(0x03, 0xff);
    set(0x05, 0xc0);
    set(0x0b, AIE | HOURS_24);
    timers.advance(21 * SECOND);
    assertThat(get(0x0c) & 0x20).isEqualTo(0x20);
    timers.advance(59 * SECOND);
    assertThat(get(0x0c) & 0x20).isZero();
    timers.advance(SECOND);
    assertThat(get(0x0c) & 0x20).isEqualTo(0x20);
  }

  @Test
  void anAlarmThatIsNoTimeNeverComes() {
    set(0x05, 0x99);
    set(0x0b, AIE | HOURS_24);
    timers.advance(2 * 86_400 * SECOND);
    assertThat(irq8.level()).isFalse();
  }

  @Test
  void setClearsTheUpdateInterrupt() {
    set(0x0b, SET | UIE | HOURS_24);
    assertThat(get(0x0b)).isEqualTo(SET | HOURS_24);
  }

  @Test
  void theFirstUpdateAfterADividerResetComesAfterHalfASecond() {
    timers.advance(SECOND / 10);
    set(0x0a, 0x76);
    timers.advance(10 * SECOND);
    assertThat(get(0x00)).as("held").isEqualTo(0x09);
    set(0x0a, 0x26);
    timers.advance(SECOND / 2 - 1);
    assertThat(get(0x00)).isEqualTo(0x09);
    timers.advance(1);
    assertThat(get(0x00)).isEqualTo(0x10);
  }

  @Test
  void cmosKeepsItsContents() {
    assertThat(get(0x34)).isEqualTo(0x12);
    assertThat(get(0x35)).isEqualTo(0xf7);
    set(0x7f, 0x5a);
    assertThat(get(0x7f)).isEqualTo(0x5a);
    assertThat(get(0xff)).as("bit 7 of the index masks NMI").isEqualTo(0x5a);
    rtc.reset();
    assertThat(get(0x7f)).isEqualTo(0x5a);
  }

  @Test
  void cmosContentsMustNotBeRegisters() {
    Map<Integer, Integer> contents = Map.of(0x0d, 0);
    assertThatThrownBy(() -> new Rtc(timers, irq8, contents, wall))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void registerDSaysTheMemoryIsValid() {
    set(0x0d, 0);
    assertThat(get(0x0d)).isEqualTo(0x80);
  }

  @Test
  void theIndexPortReadsAsOnes() {
    assertThat(rtc.read(0, 1)).isEqualTo(0xff);
  }

  @Test
  void stateRoundTrip() {
    set(0x0b, SET | HOURS_24);
    set(0x09, 0x30);
    set(0x0b, UIE | PIE | HOURS_24);
    set(0x40, 0x77);
    timers.advance(SECOND + SECOND / 3);

    FakeLine otherIrq = new FakeLine();
    Rtc other = new Rtc(timers, otherIrq, Map.of(), wall);
    other.restore(rtc.state());
    assertThat(other.state()).isEqualTo(rtc.state());
    assertThat(otherIrq.level()).isTrue();
    other.write(0, 1, 0x0c);
    int otherFlags = other.read(1, 1);
    assertThat(otherFlags).isEqualTo(get(0x0c));
    timers.advance(SECOND);
    assertThat(otherIrq.level()).isTrue();
    other.write(0, 1, 0x09);
    assertThat(other.read(1, 1)).isEqualTo(0x30);
  }

  @Test
  void resetDisablesInterruptsAndKeepsTime() {
    set(0x0b, UIE | PIE | AIE | HOURS_24);
    timers.advance(SECOND);
    rtc.reset();
    assertThat(irq8.level()).isFalse();
    assertThat(get(0x0b)).isEqualTo(HOURS_24);
    assertThat(get(0x00)).isEqualTo(0x10);
  }
}
