package org.quern.cli.holes;

/**
 * One instruction under one way.
 *
 * @param probe the row
 * @param way the column
 * @param outcome of the run that decided
 * @param verdict what it means
 * @param traps of the probed instruction, for each time it was executed
 * @param exits of the guest, likewise
 * @param nanos host time likewise, without the loop around it; NaN if that was not measured
 */
record Cell(
    Probe probe,
    String way,
    Outcome outcome,
    Verdict verdict,
    double traps,
    double exits,
    double nanos) {}
