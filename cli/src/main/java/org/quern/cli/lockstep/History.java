package org.quern.cli.lockstep;

import org.quern.accel.api.VmExit;

/** The last stops. */
final class History {
  private static final int SIZE = 16;

  private final long[] from = new long[SIZE];
  private final long[] to = new long[SIZE];
  private final long[] rip = new long[SIZE];
  private final VmExit.Kind[] kind = new VmExit.Kind[SIZE];
  private int next;

  /**
   * Remembers a stop.
   *
   * @param before instructions at the stop before
   * @param now instructions at this one
   * @param at its RIP
   * @param how how the run ended
   */
  void add(long before, long now, long at, VmExit.Kind how) {
    int i = next++ % SIZE;
    from[i] = before;
    to[i] = now;
    rip[i] = at;
    kind[i] = how;
  }

  /** RIP at the stop before the last; 0 if there was none. */
  long lastStart() {
    return next < 2 ? 0 : rip[(next - 2) % SIZE];
  }

  /** Instructions between the last two stops. */
  long lastLength() {
    int i = (next - 1) % SIZE;
    return to[i] - from[i];
  }

  /** A line for each stop, oldest first. */
  String text() {
    StringBuilder s = new StringBuilder();
    for (int n = Math.max(0, next - SIZE); n < next; n++) {
      int i = n % SIZE;
      s.append(
          String.format(
              "  instructions %d to %d, then rip=%016x%s%n",
              from[i], to[i], rip[i], kind[i] == VmExit.Kind.KICKED ? "" : " " + kind[i]));
    }
    return s.toString();
  }
}
