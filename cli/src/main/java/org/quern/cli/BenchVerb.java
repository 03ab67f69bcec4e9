package org.quern.cli;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.quern.accel.kvm.Kvm;
import org.quern.bench.program.BenchProgram;
import org.quern.bench.run.BenchException;
import org.quern.bench.run.Benchmark;
import org.quern.bench.run.BootResult;
import org.quern.bench.run.Contender;
import org.quern.bench.run.HostInfo;
import org.quern.bench.run.HtmlReport;
import org.quern.bench.run.JsonReport;
import org.quern.bench.run.ProgramResult;
import org.quern.bench.run.Tables;
import org.quern.cli.bench.BenchOptions;
import org.quern.cli.bench.Commands;
import org.quern.cli.linux.LinuxImages;

/**
 * {@code quern bench}: runs guest programs, and a boot if asked for, under each accelerator, and
 * prints a table. The exit code is 1 if anything that was to be measured failed or if the
 * accelerators disagree about what a program computes.
 */
final class BenchVerb {
  private final BenchOptions options;
  private final Optional<Path> qemu = Commands.qemu();

  private BenchVerb(BenchOptions options) {
    this.options = options;
  }

  static int run(List<String> words) throws CliException {
    BenchOptions options = BenchOptions.parse(words);
    if (options.help()) {
      System.out.print(BenchOptions.usage());
      return 0;
    }
    if (options.image().isPresent()) {
      writeImage(options.image().get(), options.repetitions(), options.output().orElseThrow());
      return 0;
    }
    try {
      return new BenchVerb(options).measure();
    } catch (BenchException e) {
      throw new CliException("bench: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  private static void writeImage(BenchProgram program, int repetitions, Path to)
      throws CliException {
    try {
      Files.write(to, program.image(repetitions, program.passes()));
    } catch (IOException e) {
      throw new CliException("bench -o " + to + ": " + reason(e), e);
    }
  }

  private int measure() throws CliException, BenchException, InterruptedException {
    // A file that cannot be written is better known now than in five minutes.
    write("--json", options.json(), "", StandardOpenOption.APPEND);
    write("--html", options.html(), "", StandardOpenOption.APPEND);
    List<Contender> contenders = contenders();
    LinuxImages.Images linux = options.boot() ? linux() : null;
    Path folder = temporaryFolder();
    Thread cleaner = new Thread(() -> remove(folder), "bench-cleaner");
    Runtime.getRuntime().addShutdownHook(cleaner);
    HostInfo host = HostInfo.collect(programFolder(), qemu.filter(q -> uses(contenders)));
    System.out.println(host.line());
    System.out.println();
    Benchmark benchmark =
        new Benchmark(contenders, options.rounds(), options.repetitions(), folder);
    List<ProgramResult> results = programs(benchmark, contenders);
    Optional<BootResult> boot = Optional.empty();
    if (linux != null) {
      boot = Optional.of(benchmark.boot(linux.kernel(), linux.initrd()));
      print(Tables.boot(boot.get()));
    }
    StandardOpenOption anew = StandardOpenOption.TRUNCATE_EXISTING;
    write("--json", options.json(), JsonReport.of(host, contenders, results, boot), anew);
    write("--html", options.html(), HtmlReport.of(host, contenders, results), anew);
    boolean failed =
        results.stream().anyMatch(r -> !r.failures().isEmpty())
            || boot.filter(b -> !b.failures().isEmpty()).isPresent();
    return failed ? 1 : 0;
  }

  private List<ProgramResult> programs(Benchmark benchmark, List<Contender> contenders)
      throws BenchException, InterruptedException {
    List<ProgramResult> results = new ArrayList<>();
    if (options.programs().isEmpty()) {
      return results;
    }
    print(Tables.programHeader());
    for (BenchProgram program : options.programs()) {
      ProgramResult r = benchmark.measure(program);
      results.add(r);
      print(Tables.program(r));
    }
    print(Tables.means(results, contenders));
    System.out.println();
    return results;
  }

  private List<Contender> contenders() throws CliException {
    List<Contender> list = new ArrayList<>();
    for (String name : options.accelerators()) {
      if (name.equals(Contender.KVM) && !Kvm.probe().available()) {
        System.err.println("quern: no figures of kvm: " + Kvm.probe().reason());
      } else if (!name.equals(Contender.TCG)) {
        list.add(Commands.quern(name, Main.class));
      } else if (qemu.isPresent()) {
        list.add(Commands.tcg(qemu.get()));
      } else {
        System.err.println(
            "quern: qemu-system-x86_64 is not on the path, so there are no figures of QEMU TCG");
      }
    }
    if (list.isEmpty()) {
      throw new CliException("bench: no accelerator is left to measure");
    }
    return list;
  }

  private static boolean uses(List<Contender> contenders) {
    return contenders.stream().anyMatch(c -> c.name().equals(Contender.TCG));
  }

  private static LinuxImages.Images linux() throws CliException {
    return new LinuxImages(LinuxImages.defaultCache(), step -> System.err.println("quern: " + step))
        .get();
  }

  private static Path temporaryFolder() throws CliException {
    try {
      return Files.createTempDirectory("quern-bench");
    } catch (IOException e) {
      throw new CliException("bench: no temporary folder: " + reason(e), e);
    }
  }

  /** The folder of our own class files or jar. */
  private static Path programFolder() {
    String first = System.getProperty("java.class.path").split(File.pathSeparator, 2)[0];
    Path at = Path.of(first).toAbsolutePath();
    return Files.isDirectory(at) ? at : at.getParent();
  }

  private static void write(String option, Optional<Path> file, String text, StandardOpenOption how)
      throws CliException {
    if (file.isEmpty()) {
      return;
    }
    Path to = file.get();
    try {
      Files.writeString(to, text, StandardOpenOption.CREATE, StandardOpenOption.WRITE, how);
    } catch (IOException e) {
      throw new CliException("bench " + option + " " + to + ": " + reason(e), e);
    }
  }

  private static void print(List<String> lines) {
    lines.forEach(System.out::println);
  }

  private static String reason(IOException e) {
    return e instanceof NoSuchFileException
        ? "no such folder"
        : e.getClass().getSimpleName().replace("Exception", "") + " " + e.getMessage();
  }

  private static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(p);
      }
    } catch (IOException e) {
      System.err.println("quern: " + folder + " is left behind: " + e.getMessage());
    }
  }
}
