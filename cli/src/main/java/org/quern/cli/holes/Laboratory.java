package org.quern.cli.holes;

import org.quern.accel.api.AcceleratorException;

/** Runs probes, judges them and measures what they cost. */
final class Laboratory {
  /** Executions that decide: enough for code to be translated on the way. */
  static final int EXECUTIONS = 50;

  /** Fewer traps for each execution have other causes. */
  private static final double REGULARLY = 0.5;

  private static final int ROUNDS = 5;
  private static final double NOT_MEASURED = Double.NaN;

  /** The loop around a probe, to be subtracted. */
  private static final Probe EMPTY = new Probe("", false, true, "probe: nop", 0, 0);

  private final int count;

  /**
   * A laboratory.
   *
   * @param count executions of a measurement; 0: nothing is measured
   */
  Laboratory(int count) {
    this.count = count;
  }

  /**
   * The empty loop.
   *
   * @param exits of the guest, from its start to its end
   * @param nanos host time for each time around
   */
  record Overhead(long exits, double nanos) {}

  Overhead overhead(Way way) throws AcceleratorException {
    try (Way.Run run = way.prepare(new GuestKernel(EMPTY))) {
      run.run(1);
      return new Overhead(run.run(EXECUTIONS).exits(), nanos(run));
    }
  }

  Cell cell(Probe p, Way way, Overhead overhead) throws AcceleratorException {
    try (Way.Run run = way.prepare(new GuestKernel(p))) {
      // The first run brings memory into the tables of an accelerator.
      run.run(1);
      Outcome outcome = run.run(EXECUTIONS);
      double exits = (double) (outcome.exits() - overhead.exits()) / EXECUTIONS;
      double traps =
          outcome.traps() == Outcome.AS_EXITS ? exits : (double) outcome.traps() / EXECUTIONS;
      Verdict verdict = outcome.verdict(p, traps >= REGULARLY);
      boolean measured = verdict != Verdict.STOPS;
      return new Cell(
          p,
          way.name(),
          outcome,
          verdict,
          traps,
          exits,
          measured ? nanos(run) - overhead.nanos() : NOT_MEASURED);
    }
  }

  /** The best of some rounds, for each execution. */
  private double nanos(Way.Run run) {
    if (count == 0) {
      return NOT_MEASURED;
    }
    long best = Long.MAX_VALUE;
    for (int n = 0; n < ROUNDS; n++) {
      long start = System.nanoTime();
      run.run(count);
      best = Math.min(best, System.nanoTime() - start);
    }
    return (double) best / count;
  }
}
