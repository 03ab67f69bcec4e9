package org.quern.machine.time;

/** Conversion between nanoseconds and ticks of a fixed frequency, without overflow or drift. */
public final class Ticks {
  public static final long NANOS_PER_SECOND = 1_000_000_000L;

  private Ticks() {}

  /**
   * Whole ticks completed at a time.
   *
   * @param nanos time, not negative
   * @param hz frequency, at most 9 GHz
   */
  public static long fromNanos(long nanos, long hz) {
    long seconds = nanos / NANOS_PER_SECOND;
    long rest = nanos - seconds * NANOS_PER_SECOND;
    return seconds * hz + rest * hz / NANOS_PER_SECOND;
  }

  /**
   * The first nanosecond at which {@link #fromNanos} gives {@code ticks}; {@link Long#MAX_VALUE} if
   * that is more than 292 years away.
   *
   * @param ticks count, taken as unsigned
   */
  public static long toNanos(long ticks, long hz) {
    if (ticks < 0) {
      return Long.MAX_VALUE;
    }
    long seconds = ticks / hz;
    if (seconds >= Long.MAX_VALUE / NANOS_PER_SECOND) {
      return Long.MAX_VALUE;
    }
    long rest = ticks - seconds * hz;
    return seconds * NANOS_PER_SECOND + (rest * NANOS_PER_SECOND + hz - 1) / hz;
  }
}
