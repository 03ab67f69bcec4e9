package org.quern.machine.time;

import org.quern.machine.core.VirtualClock;
import org.quern.x86.bus.TimeSource;

/** The time-stamp counter: guest time at a fixed frequency, the same for every processor. */
public final class Tsc implements TimeSource {
  private final VirtualClock clock;
  private final long hz;

  /**
   * @param hz frequency, 1 to 9 GHz; 1 GHz is the cheapest to read
   */
  public Tsc(VirtualClock clock, long hz) {
    this.clock = clock;
    this.hz = hz;
  }

  @Override
  public long tsc() {
    long nanos = clock.nanos();
    return hz == Ticks.NANOS_PER_SECOND ? nanos : Ticks.fromNanos(nanos, hz);
  }

  @Override
  public long tscFrequency() {
    return hz;
  }

  /** The first nanosecond of guest time at which {@link #tsc} reads at least {@code tsc}. */
  public long nanosAt(long tsc) {
    return Ticks.toNanos(tsc, hz);
  }
}
