package org.quern.cli.holes;

/**
 * What a run of a guest kernel came to.
 *
 * @param first what it left at {@link Layout#RESULT}
 * @param second what it left behind that
 * @param traps how often the probed instruction trapped to the monitor; {@link #AS_EXITS} where
 *     only exits are counted
 * @param exits how often the guest was left altogether
 * @param message why it could not go on; null if it ended by itself
 */
record Outcome(int first, int second, long traps, long exits, String message) {
  /**
   * Where a trap cannot be put down to the probed instruction: exits that the loop does not have.
   */
  static final long AS_EXITS = -1;

  /** What that means for a probe that trapped or did not. */
  Verdict verdict(Probe p, boolean trapped) {
    if (message != null) {
      return Verdict.STOPS;
    }
    if (first == p.first() && second == p.second()) {
      return trapped ? Verdict.TRAPS : Verdict.EXACT;
    }
    return p.reads() ? Verdict.LEAKS : Verdict.MISBEHAVES;
  }
}
