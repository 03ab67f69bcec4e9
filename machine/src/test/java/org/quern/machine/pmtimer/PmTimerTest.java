package org.quern.machine.pmtimer;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.machine.core.FakeClock;

class PmTimerTest {
  private final FakeClock clock = new FakeClock();
  private final PmTimer timer = new PmTimer(clock);

  @Test
  void countsAt3579545Hz() {
    clock.set(1_000_000_000);
    assertThat(timer.value()).isEqualTo(3_579_545);
  }

  @Test
  void wrapsAt24Bits() {
    clock.set(5_000_000_000L);
    assertThat(timer.value()).isEqualTo(5 * 3_579_545 - 0x100_0000);
  }

  @Test
  void everyChangeOfBit23IsACarry() {
    assertThat(timer.carries()).isZero();
    long first = timer.nextCarry();
    assertThat(first).isEqualTo(2_343_484_438L);
    clock.set(first - 1);
    assertThat(timer.value()).isEqualTo(0x7f_ffff);
    clock.set(first);
    assertThat(timer.value()).isEqualTo(0x80_0000);
    assertThat(timer.carries()).isEqualTo(1);
  }
}
