package org.quern.bench.run;

import java.util.List;
import java.util.OptionalDouble;

/** Geometric means over programs. */
final class Means {
  private Means() {}

  /** How many times as fast as another accelerator over the programs that both have run. */
  static OptionalDouble speedup(List<ProgramResult> results, String name, String reference) {
    List<Double> ratios =
        results.stream()
            .map(r -> r.speedup(name, reference))
            .filter(OptionalDouble::isPresent)
            .map(OptionalDouble::getAsDouble)
            .toList();
    return ratios.isEmpty() ? OptionalDouble.empty() : OptionalDouble.of(Median.geometric(ratios));
  }
}
