package org.quern.machine.time;

/**
 * What a periodic timer owes: periods that passed before its callback could run, because the host
 * was busy. They are made up for between the regular ones, each as an interrupt of its own, or a
 * guest that counts interrupts would lose time (and Linux, which tests its timer by waiting for
 * five of them within 160 ms, would take it for broken).
 *
 * <p>Times and periods are in any unit, the same for all. Under the machine lock.
 */
public final class MissedTicks {
  /** Made-up ticks are so many times as fast as regular ones. */
  private static final int SPEED = 16;

  /** More are forgotten: whoever stopped the process for minutes wants no storm afterwards. */
  private static final int MOST = 1000;

  private final long shortest;
  private int count;

  /**
   * @param shortest time from one made-up tick to the next at least
   */
  public MissedTicks(long shortest) {
    this.shortest = shortest;
  }

  /** So many more periods have passed without their tick. */
  public void add(long periods) {
    count = (int) Math.min(count + periods, MOST);
  }

  /** Takes one tick to be made up for; false if there is none. */
  public boolean take() {
    if (count == 0) {
      return false;
    }
    count--;
    return true;
  }

  /** The timer has been set anew. */
  public void forget() {
    count = 0;
  }

  /**
   * When to ring next.
   *
   * @param regular the next regular tick
   */
  public long next(long now, long regular, long period) {
    return count == 0 ? regular : Math.min(regular, now + Math.max(shortest, period / SPEED));
  }
}
