package org.quern.accel.software;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** When regions are still added to HotSpot's code cache. */
class HostCodeRoomTest {
  private final AtomicInteger megabytes = new AtomicInteger(100);
  private final HostCodeRoom room = new HostCodeRoom(() -> (long) megabytes.get() << 20);

  private long grantedOf(int requests) {
    return IntStream.range(0, requests).filter(n -> room.left()).count();
  }

  @Test
  void emptyCacheTakesEverything() {
    assertThat(grantedOf(10_000)).isEqualTo(10_000);
  }

  @Test
  void fullCacheTakesNothingUntilThereIsRoomAgain() {
    megabytes.set(2);
    assertThat(grantedOf(10_000)).as("until the first look").isLessThan(256);
    assertThat(grantedOf(1_000)).isZero();
    megabytes.set(50);
    assertThat(grantedOf(1_000)).isEqualTo(1_000);
  }

  @Test
  void theCodeCacheOfThisJvmIsFound() {
    HostCodeRoom own = new HostCodeRoom();
    assertThat(IntStream.range(0, 1_000).allMatch(n -> own.left())).isTrue();
  }
}
