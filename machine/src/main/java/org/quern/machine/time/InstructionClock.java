package org.quern.machine.time;

import org.quern.machine.core.VirtualClock;

/**
 * Guest time derived from the number of executed instructions: each takes 2<sup>shift</sup>
 * nanoseconds, and while all processors halt, time jumps. The same guest with the same inputs sees
 * the same time in every run, however fast the host is.
 *
 * <p>Time moves only when {@link #executed} or {@link #skipTo} is called and stands still in
 * between. Those calls come from one thread; {@link #nanos} may be called by any.
 */
public final class InstructionClock implements VirtualClock {
  /** Instructions of a millisecond or more each: nobody can want that. */
  public static final int MAX_SHIFT = 20;

  private final int shift;

  /** Time that passed while nothing was executed. */
  private long skipped;

  private volatile long nanos;

  /**
   * A clock at 0.
   *
   * @param shift 0 to {@value #MAX_SHIFT}; 3 makes the guest see 125 million instructions a second
   */
  public InstructionClock(int shift) {
    if (shift < 0 || shift > MAX_SHIFT) {
      throw new IllegalArgumentException("shift must be 0 to " + MAX_SHIFT + ", not " + shift);
    }
    this.shift = shift;
  }

  @Override
  public long nanos() {
    return nanos;
  }

  /**
   * Moves time to where so many instructions belong.
   *
   * @param instructions completed since power-on, never fewer than in the call before
   */
  public void executed(long instructions) {
    long now = skipped + (instructions << shift);
    if (now < nanos) {
      throw new IllegalStateException("guest time would run back from " + nanos + " to " + now);
    }
    nanos = now;
  }

  /** Lets idle time pass; nothing if that time is over already. */
  public void skipTo(long target) {
    if (target > nanos) {
      skipped += target - nanos;
      nanos = target;
    }
  }

  /**
   * Instructions to execute until it is {@code target}; 0 if it is over already.
   *
   * @param target a time; {@link Long#MAX_VALUE} gives more than can ever be executed
   */
  public long instructionsUntil(long target) {
    long left = target - nanos;
    return left <= 0 ? 0 : (left - 1 >> shift) + 1;
  }
}
