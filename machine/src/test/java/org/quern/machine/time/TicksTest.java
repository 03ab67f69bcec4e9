package org.quern.machine.time;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TicksTest {
  @Test
  void nanosecondsBecomeWholeTicks() {
    Random random = new Random(1);
    for (int i = 0; i < 10_000; i++) {
      long nanos = random.nextLong() >>> 1 + random.nextInt(62);
      long hz = 1L + random.nextInt(Integer.MAX_VALUE);
      BigInteger exact =
          BigInteger.valueOf(nanos)
              .multiply(BigInteger.valueOf(hz))
              .divide(BigInteger.valueOf(1_000_000_000));
      if (exact.bitLength() < 64) {
        assertThat(Ticks.fromNanos(nanos, hz)).isEqualTo(exact.longValueExact());
      }
    }
  }

  @Test
  void aTickBeginsAtTheFirstNanosecondThatShowsIt() {
    for (long ticks = 0; ticks < 5_000; ticks++) {
      long nanos = Ticks.toNanos(ticks, 1_193_182);
      assertThat(Ticks.fromNanos(nanos, 1_193_182)).isEqualTo(ticks);
      if (ticks > 0) {
        assertThat(Ticks.fromNanos(nanos - 1, 1_193_182)).isEqualTo(ticks - 1);
      }
    }
  }

  @Test
  void ticksBeyondTheClockNeverCome() {
    assertThat(Ticks.toNanos(-1, 1_000_000_000)).isEqualTo(Long.MAX_VALUE);
    assertThat(Ticks.toNanos(Long.MAX_VALUE, 1_000)).isEqualTo(Long.MAX_VALUE);
  }
}
