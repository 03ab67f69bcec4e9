package org.quern.bench.run;

import java.util.List;
import java.util.OptionalLong;

/**
 * What one process measured of a program.
 *
 * @param startMs from the start of the process to the start of the work
 * @param repetitionsMs each repetition
 * @param checksum as the guest wrote it
 * @param instructions executed in a repetition, on average over the whole run, if it was told
 * @param exits by reason, if they were told
 * @param usage what the process used
 */
public record ProgramSample(
    double startMs,
    List<Double> repetitionsMs,
    String checksum,
    OptionalLong instructions,
    List<ExitLine> exits,
    Usage usage) {
  public ProgramSample {
    repetitionsMs = List.copyOf(repetitionsMs);
    exits = List.copyOf(exits);
  }

  /** The later half of the repetitions. */
  List<Double> warm() {
    return repetitionsMs.subList(repetitionsMs.size() / 2, repetitionsMs.size());
  }

  /** From the start of the process to the end of the first repetition. */
  double coldMs() {
    return startMs + repetitionsMs.get(0);
  }
}
