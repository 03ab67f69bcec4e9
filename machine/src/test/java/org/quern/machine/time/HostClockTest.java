package org.quern.machine.time;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.machine.core.FakeClock;

class HostClockTest {
  private final FakeClock host = new FakeClock();
  private final HostClock clock = new HostClock(host::nanos);

  @Test
  void timeStandsStillUntilTheFirstResume() {
    host.set(500);
    assertThat(clock.nanos()).isZero();
    clock.resume();
    host.set(700);
    assertThat(clock.nanos()).isEqualTo(200);
  }

  @Test
  void aStopIsNotSeenByTheGuest() {
    clock.resume();
    host.set(100);
    clock.stop();
    host.set(10_000);
    assertThat(clock.nanos()).isEqualTo(100);
    clock.resume();
    host.set(10_001);
    assertThat(clock.nanos()).isEqualTo(101);
  }

  @Test
  void aRestoredTimeGoesOnFromThere() {
    clock.set(5_000);
    assertThat(clock.nanos()).isEqualTo(5_000);
    clock.resume();
    host.set(1);
    clock.set(9_000);
    host.set(3);
    assertThat(clock.nanos()).isEqualTo(9_002);
  }

  @Test
  void tscFollowsTheClockAtItsFrequency() {
    clock.set(2_000_000_001);
    Tsc gigahertz = new Tsc(clock, 1_000_000_000);
    Tsc fast = new Tsc(clock, 2_500_000_000L);
    assertThat(gigahertz.tsc()).isEqualTo(2_000_000_001L);
    assertThat(fast.tsc()).isEqualTo(5_000_000_002L);
    assertThat(fast.nanosAt(5_000_000_002L)).isEqualTo(2_000_000_001L);
    assertThat(fast.nanosAt(5_000_000_003L)).isEqualTo(2_000_000_002L);
  }
}
