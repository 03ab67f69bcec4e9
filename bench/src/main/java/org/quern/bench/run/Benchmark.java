package org.quern.bench.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.quern.bench.program.BenchProgram;

/**
 * Measures programs and boots under several accelerators. Each round runs every accelerator once,
 * beginning with another one each time, so that a host that changes its speed hurts all alike.
 */
public final class Benchmark {
  private final List<Contender> contenders;
  private final int rounds;
  private final int repetitions;
  private final Path folder;

  /**
   * Nothing runs yet.
   *
   * @param contenders at least one
   * @param rounds processes for each accelerator and program
   * @param repetitions of the work in each process; interpreters do fewer
   * @param folder for temporary files
   */
  public Benchmark(List<Contender> contenders, int rounds, int repetitions, Path folder) {
    if (contenders.isEmpty() || rounds < 1 || repetitions < 1) {
      throw new IllegalArgumentException("nothing to measure");
    }
    this.contenders = List.copyOf(contenders);
    this.rounds = rounds;
    this.repetitions = repetitions;
    this.folder = folder;
  }

  /** One measurement by one contender. */
  @FunctionalInterface
  private interface Measurement<T> {
    T by(Contender contender) throws BenchException, InterruptedException;
  }

  /**
   * Measures a program.
   *
   * @throws BenchException if an image cannot be written; what a guest does wrong is in the result
   */
  public ProgramResult measure(BenchProgram program) throws BenchException, InterruptedException {
    Map<Integer, Path> images = new LinkedHashMap<>();
    for (Contender c : contenders) {
      int n = c.repetitions(repetitions);
      if (!images.containsKey(n)) {
        images.put(n, image(program, n));
      }
    }
    List<String> failures = new ArrayList<>();
    Map<String, List<ProgramSample>> samples =
        rounds(
            program.label(),
            c -> {
              int n = c.repetitions(repetitions);
              return ProgramRun.run(c, images.get(n), n);
            },
            failures);
    return new ProgramResult(program, samples, exits(program, failures), failures);
  }

  /** Exits by reason, from a run of its own: counting costs time. */
  private Map<String, List<ExitLine>> exits(BenchProgram program, List<String> failures)
      throws BenchException, InterruptedException {
    Map<String, List<ExitLine>> exits = new LinkedHashMap<>();
    for (Contender c : contenders) {
      if (c.exits()) {
        try {
          exits.put(c.name(), ProgramRun.run(c.reporting(), image(program, 1), 1).exits());
        } catch (BenchException e) {
          failures.add(program.label() + " under " + c.name() + " for exits: " + e.getMessage());
        }
      }
    }
    return exits;
  }

  /** Measures the boot of a Linux kernel whose initial RAM disk is ours. */
  public BootResult boot(Path kernel, Path initrd) throws InterruptedException {
    List<String> failures = new ArrayList<>();
    Map<String, List<BootSample>> samples =
        rounds("boot", c -> BootRun.run(c, kernel, initrd, folder), failures);
    return new BootResult(samples, failures);
  }

  private <T> Map<String, List<T>> rounds(
      String what, Measurement<T> measurement, List<String> failures) throws InterruptedException {
    Map<String, List<T>> samples = new LinkedHashMap<>();
    contenders.forEach(c -> samples.put(c.name(), new ArrayList<>()));
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < contenders.size(); i++) {
        Contender c = contenders.get((round + i) % contenders.size());
        try {
          samples.get(c.name()).add(measurement.by(c));
        } catch (BenchException e) {
          failures.add(what + " under " + c.name() + ": " + e.getMessage());
        }
      }
    }
    samples.values().removeIf(List::isEmpty);
    return samples;
  }

  private Path image(BenchProgram program, int n) throws BenchException {
    Path path = folder.resolve(program.label() + "-" + n + ".img");
    try {
      Files.write(path, program.image(n, program.passes()));
    } catch (IOException e) {
      throw new BenchException("cannot write " + path + ": " + e.getMessage(), e);
    }
    return path;
  }
}
