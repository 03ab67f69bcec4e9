package org.quern.cli.holes;

/**
 * What a run of a guest kernel came to.
 *
 * @param first what it left at {@link Layout#RESULT}
 * @param second what it left behind that
 * @param traps how often the probed instruction trapped to the monitor
 * @param exits how often the guest was left altogether
 * @param message why it could not go on; null if it ended by itself
 */
record Outcome(int first, int second, long traps, long exits, String message) {
  /** What that means for a probe. */
  Verdict verdict(Probe p) {
    if (message != null) {
      return Verdict.STOPS;
    }
    if (first == p.first() && second == p.second()) {
      return traps > 0 ? Verdict.TRAPS : Verdict.EXACT;
    }
    return p.reads() ? Verdict.LEAKS : Verdict.MISBEHAVES;
  }
}
