package org.quern.cli.lockstep;

import org.quern.accel.api.VmExit;

/** The last stops and, where they were kept, the last instructions. */
final class History {
  private static final int SIZE = 16;

  private static final int PATH = 48;

  private final long[] from = new long[SIZE];
  private final long[] to = new long[SIZE];
  private final long[] rip = new long[SIZE];
  private final VmExit.Kind[] kind = new VmExit.Kind[SIZE];
  private long next;
  private final long[] path = new long[PATH];
  private long steps;

  /**
   * Remembers a stop.
   *
   * @param before instructions at the stop before
   * @param now instructions at this one
   * @param at its RIP
   * @param how how the run ended
   */
  void add(long before, long now, long at, VmExit.Kind how) {
    int i = (int) (next++ % SIZE);
    from[i] = before;
    to[i] = now;
    rip[i] = at;
    kind[i] = how;
  }

  /** Remembers an instruction that is about to be executed. */
  void step(long at) {
    path[(int) (steps++ % PATH)] = at;
  }

  /** RIPs of the last instructions, oldest first; empty where none were kept. */
  long[] path() {
    long[] last = new long[(int) Math.min(steps, PATH)];
    for (int n = 0; n < last.length; n++) {
      last[n] = path[(int) ((steps - last.length + n) % PATH)];
    }
    return last;
  }

  /** RIP at the stop before the last; 0 if there was none. */
  long lastStart() {
    return next < 2 ? 0 : rip[(int) ((next - 2) % SIZE)];
  }

  /** Instructions between the last two stops. */
  long lastLength() {
    int i = (int) ((next - 1) % SIZE);
    return to[i] - from[i];
  }

  /** A line for each stop, oldest first. */
  String text() {
    StringBuilder s = new StringBuilder();
    for (long n = Math.max(0, next - SIZE); n < next; n++) {
      int i = (int) (n % SIZE);
      s.append(
          String.format(
              "  instructions %d to %d, then rip=%016x%s%n",
              from[i], to[i], rip[i], kind[i] == VmExit.Kind.KICKED ? "" : " " + kind[i]));
    }
    return s.toString();
  }
}
