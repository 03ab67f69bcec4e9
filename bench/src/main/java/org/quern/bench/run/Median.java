package org.quern.bench.run;

import java.util.Collection;

/** Means that do not mind an outlier. */
final class Median {
  private Median() {}

  /** The middle one, or the mean of the two in the middle. */
  static double of(Collection<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    if (sorted.length == 0) {
      throw new IllegalArgumentException("no values");
    }
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** The geometric mean of positive numbers; 1 of none. */
  static double geometric(Collection<Double> values) {
    return Math.exp(values.stream().mapToDouble(Math::log).average().orElse(0));
  }
}
