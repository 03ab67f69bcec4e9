package org.quern.bench.run;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import org.quern.bench.program.BenchProgram;

/**
 * What all accelerators measured of one program.
 *
 * @param samples by accelerator, in the order of the command line; only those that succeeded
 * @param exits of one repetition and the start-up, by accelerator; only those that have exits
 * @param failures sentences about what went wrong; empty if all is well
 */
public record ProgramResult(
    BenchProgram program,
    Map<String, List<ProgramSample>> samples,
    Map<String, List<ExitLine>> exits,
    List<String> failures) {
  public ProgramResult {
    samples = new LinkedHashMap<>(samples);
    exits = new LinkedHashMap<>(exits);
    List<String> all = new ArrayList<>(failures);
    Map<String, Set<String>> sums = new TreeMap<>();
    samples.forEach(
        (name, list) ->
            list.forEach(
                s -> sums.computeIfAbsent(s.checksum(), c -> new LinkedHashSet<>()).add(name)));
    if (sums.size() > 1) {
      all.add(program.label() + ": the checksums disagree: " + sums);
    }
    failures = List.copyOf(all);
  }

  /** The accelerators that have a figure. */
  public Set<String> names() {
    return samples.keySet();
  }

  /** Time of a warm repetition: the median of the later half of all processes' repetitions. */
  public double warmMs(String name) {
    List<Double> warm = new ArrayList<>();
    samples.get(name).forEach(s -> warm.addAll(s.warm()));
    return Median.of(warm);
  }

  /** From the start of a process to the end of its first repetition, the median. */
  public double coldMs(String name) {
    return Median.of(samples.get(name).stream().map(ProgramSample::coldMs).toList());
  }

  /** Instructions in a repetition, which is the same under each accelerator, if one told it. */
  public OptionalLong instructions() {
    return samples.values().stream()
        .flatMap(List::stream)
        .map(ProgramSample::instructions)
        .filter(OptionalLong::isPresent)
        .mapToLong(OptionalLong::getAsLong)
        .findFirst();
  }

  /** Million guest instructions a second, warm. */
  public OptionalDouble mips(String name) {
    OptionalLong n = instructions();
    return n.isPresent()
        ? OptionalDouble.of(n.getAsLong() / warmMs(name) / 1000)
        : OptionalDouble.empty();
  }

  /** Nanoseconds of one of the program's operations, warm; empty if it has none. */
  public OptionalDouble nanosPerOperation(String name) {
    long n = (long) program.operations() * program.passes();
    return n == 0 ? OptionalDouble.empty() : OptionalDouble.of(warmMs(name) * 1e6 / n);
  }

  /** How many times as fast as another accelerator; empty without a figure of that one. */
  public OptionalDouble speedup(String name, String reference) {
    return names().contains(name) && names().contains(reference)
        ? OptionalDouble.of(warmMs(reference) / warmMs(name))
        : OptionalDouble.empty();
  }
}
