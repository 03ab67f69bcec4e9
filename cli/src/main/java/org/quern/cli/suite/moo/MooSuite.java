package org.quern.cli.suite.moo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.software.Tiering;
import org.quern.cli.CliException;
import org.quern.cli.bench.UsageException;
import org.quern.cli.suite.CaseResult;
import org.quern.cli.suite.Quern;
import org.quern.cli.suite.Report;
import org.quern.cli.suite.Suite;
import org.quern.cli.suite.SuiteOptions;
import org.quern.cli.suite.Verdict;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Generation;
import org.quern.x86.state.NamedModels;

/**
 * A folder of MOO files: each file is a case of the report, each of its instructions a check. The
 * report names the first instructions that came out wrong, by their number in the file.
 */
public final class MooSuite implements Suite {
  /** Wrong instructions that a file's line describes. */
  private static final int SHOWN = 1;

  @Override
  public void run(SuiteOptions options, Report report) throws CliException, InterruptedException {
    Path dir = options.needDir("moo");
    Tiering tiering = tiering(options.accel());
    List<Path> files = files(dir, options);
    Queue<MooMachine> machines = new ConcurrentLinkedQueue<>();
    Job job = new Job(options, tiering, metadata(dir), revoked(dir), machines);
    ExecutorService jobs = Executors.newFixedThreadPool(options.jobs());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (Path f : files) {
        running.add(
            jobs.submit(
                () -> {
                  report.add(job.file(f));
                  return null;
                }));
      }
      for (Future<?> f : running) {
        f.get();
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof CliException c) {
        throw c;
      }
      throw new CliException("suite moo: " + e.getCause(), e);
    } finally {
      jobs.shutdownNow();
      machines.forEach(MooMachine::close);
    }
  }

  /** Cases run in machines of the software core only. */
  private static Tiering tiering(String accel) throws UsageException {
    return switch (accel) {
      case "interp" -> Tiering.INTERPRET;
      case "jit", "tcg" -> Tiering.DEFAULT;
      default -> throw new UsageException("suite moo --accel " + accel + ": must be interp or jit");
    };
  }

  private static List<Path> files(Path dir, SuiteOptions options) throws CliException {
    List<Path> all;
    try (Stream<Path> s = Files.list(dir)) {
      all = s.filter(p -> !opcode(p).isEmpty()).sorted().toList();
    } catch (IOException e) {
      throw new CliException("suite moo --dir " + dir + ": " + e.getMessage(), e);
    }
    if (all.isEmpty()) {
      throw new UsageException("suite moo --dir " + dir + ": there is no .MOO or .MOO.gz file");
    }
    for (String name : options.names()) {
      if (all.stream().noneMatch(p -> opcode(p).equalsIgnoreCase(name))) {
        throw new UsageException("suite moo " + name + ": there is no file of that opcode");
      }
    }
    return all.stream()
        .filter(
            p ->
                options.names().isEmpty()
                    || options.names().stream().anyMatch(opcode(p)::equalsIgnoreCase))
        .toList();
  }

  /** {@code F6.7} of {@code F6.7.MOO.gz}; empty if it is no such file. */
  private static String opcode(Path file) {
    String name = file.getFileName().toString();
    String upper = name.toUpperCase(Locale.ROOT);
    for (String end : List.of(".MOO.GZ", ".MOO")) {
      if (upper.endsWith(end)) {
        return name.substring(0, name.length() - end.length());
      }
    }
    return "";
  }

  private static MooMetadata metadata(Path dir) throws CliException {
    try {
      return MooMetadata.near(dir);
    } catch (IOException e) {
      throw new CliException("suite moo: metadata.json cannot be read: " + e.getMessage(), e);
    }
  }

  /** Hashes of cases that their makers have found to be wrong. */
  private static Set<String> revoked(Path dir) throws CliException {
    Set<String> hashes = new HashSet<>();
    Path above = dir.toAbsolutePath().getParent();
    try {
      for (Path folder : above == null ? List.of(dir) : List.of(dir, above)) {
        Path list = folder.resolve("revocation_list.txt");
        if (Files.exists(list)) {
          for (String line : Files.readAllLines(list)) {
            hashes.add(line.strip().toLowerCase(Locale.ROOT));
          }
        }
      }
    } catch (IOException e) {
      throw new CliException("suite moo: revocation_list.txt cannot be read", e);
    }
    return hashes;
  }

  /** The model that a file's processor is, by the name in its header. */
  private static Optional<String> model(String cpu) {
    return Optional.ofNullable(
        switch (cpu) {
          case "8086", "8088" -> "8086";
          case "186" -> "80186";
          case "C286", "80286", "286" -> "80286";
          case "386E", "80386", "386" -> "386";
          default -> null;
        });
  }

  /** What is common to all files of a run. */
  private record Job(
      SuiteOptions options,
      Tiering tiering,
      MooMetadata metadata,
      Set<String> revoked,
      Queue<MooMachine> machines) {

    CaseResult file(Path path) throws IOException, AcceleratorException, CliException {
      long start = System.nanoTime();
      MooFile file;
      try {
        file = MooFile.read(path);
      } catch (IOException e) {
        throw new CliException("suite moo: " + path + ": " + e.getMessage(), e);
      }
      String asked = options.cpu().orElse(file.cpu());
      Optional<CpuModel> model = model(asked).or(() -> options.cpu()).flatMap(NamedModels::find);
      if (model.isEmpty()) {
        return result(path, file.cpu(), Verdict.SKIP, 0, "no model of a " + asked, start, -1);
      }
      // RAM is never given back: each worker takes over the machine of an earlier file.
      MooMachine machine = machines.poll();
      if (machine == null || !machine.model().equals(model.get())) {
        machine = new MooMachine(model.get(), tiering);
      }
      try {
        return cases(path, file, model.get(), machine, start);
      } catch (IOException e) {
        throw new CliException("suite moo: " + path + ": " + e.getMessage(), e);
      } finally {
        machines.add(machine);
      }
    }

    private CaseResult cases(
        Path path, MooFile file, CpuModel model, MooMachine machine, long start)
        throws IOException {
      int flags = metadata.flags(opcode(path));
      int done = 0;
      int failed = 0;
      int first = -1;
      StringBuilder detail = new StringBuilder();
      for (MooCase c = file.next(); c != null && done < options.limit(); c = file.next()) {
        boolean wanted = options.only() < 0 || c.index() == options.only();
        if (!wanted || revoked.contains(c.hash())) {
          continue;
        }
        done++;
        String difference = one(c, model, machine, flags);
        if (difference != null) {
          failed++;
          if (first < 0) {
            first = c.index();
          }
          if (failed <= SHOWN || options.verbose()) {
            detail.append(String.format("; %d %s: %s", c.index(), c.name(), difference));
          }
        }
      }
      return result(
          path,
          file.cpu(),
          done == 0 ? Verdict.SKIP : failed == 0 ? Verdict.PASS : Verdict.FAIL,
          done,
          failed == 0 ? done + " cases" : failed + " of " + done + " cases differ" + detail,
          start,
          first);
    }

    private static String one(MooCase c, CpuModel model, MooMachine machine, int flags) {
      boolean bits32 = !model.generation().before(Generation.I386);
      boolean plant = model.generation() == Generation.I8086;
      CpuState s = machine.execute(c, plant);
      String difference = MooCheck.difference(c, s, machine, flags, bits32);
      machine.clean(c);
      if (difference != null && plant) {
        // Perhaps the instruction has used the byte where our HLT stood.
        s = machine.execute(c, false);
        String again = MooCheck.difference(c, s, machine, flags, bits32);
        machine.clean(c);
        return again == null ? null : difference;
      }
      return difference;
    }

    private CaseResult result(
        Path path, String cpu, Verdict v, int checks, String detail, long start, int first) {
      List<String> words = new ArrayList<>(List.of("suite", "moo", "--dir"));
      words.add(String.valueOf(path.toAbsolutePath().getParent()));
      words.addAll(List.of("--accel", options.accel()));
      if (first >= 0) {
        words.addAll(List.of("--case", Integer.toString(first)));
      }
      options.cpu().ifPresent(c -> words.addAll(List.of("--cpu", c)));
      words.add(opcode(path));
      double seconds = (System.nanoTime() - start) / 1e9;
      return new CaseResult(cpu, opcode(path), v, checks, detail, seconds, Quern.shown(words));
    }
  }
}
