package org.quern.cli.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.quern.bench.program.BenchProgram;
import org.quern.bench.run.Contender;
import org.quern.cli.options.AccelKind;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What {@code quern bench} is to do.
 *
 * @param accelerators names, each once, in the order given
 * @param programs to run; may be empty
 * @param repetitions of the work in a process
 * @param rounds processes for each accelerator and program
 * @param json file for all samples
 * @param boot whether to boot Linux as well
 * @param image write this program's image to {@code output} instead of measuring
 * @param output file for the image
 * @param help show the help instead of measuring
 */
public record BenchOptions(
    List<String> accelerators,
    List<BenchProgram> programs,
    int repetitions,
    int rounds,
    Optional<Path> json,
    Optional<Path> html,
    boolean boot,
    Optional<BenchProgram> image,
    Optional<Path> output,
    boolean help) {
  private static final int DEFAULT_REPETITIONS = 8;
  private static final int DEFAULT_ROUNDS = 2;
  private static final int MOST = 1000;

  public BenchOptions {
    accelerators = List.copyOf(accelerators);
    programs = List.copyOf(programs);
  }

  /** Every accelerator there is a name for. */
  static List<String> allAccelerators() {
    List<String> all = new ArrayList<>();
    for (AccelKind kind : AccelKind.values()) {
      all.add(kind.label());
    }
    all.add(Contender.TCG);
    return all;
  }

  /** The text for {@code --help}. */
  public static String usage() {
    return """
        quern bench [OPTIONS]   run guest programs under several accelerators and compare them
          --accel NAME,..       all (default), or some of: %s
          --programs NAME,..    all (default), none, or some of:
                                %s
          --repetitions N       repetitions in a process (default %d); interpreters do a quarter
          --rounds N            processes for each accelerator and program (default %d)
          --boot                also boot the kernel of "quern linux" to /init
          --json FILE           write all samples to FILE
          --html FILE           write a report with charts to FILE
          --image NAME -o FILE  only write the multiboot image of a program to FILE; it does
                                --repetitions of its work and runs with
                                -m 64 -display none -nodefaults -no-reboot -debugcon stdio
                                -device isa-debug-exit,iobase=0xf4,iosize=4 -kernel FILE
        """
        .formatted(
            String.join(", ", allAccelerators()),
            BenchProgram.labels(),
            DEFAULT_REPETITIONS,
            DEFAULT_ROUNDS);
  }

  private static CommandLine line() {
    CommandSpec spec = CommandSpec.create();
    for (String name :
        List.of(
            "--accel",
            "--programs",
            "--repetitions",
            "--rounds",
            "--json",
            "--html",
            "--image",
            "-o")) {
      spec.addOption(OptionSpec.builder(name).type(String.class).arity("1").build());
    }
    spec.addOption(OptionSpec.builder("--boot").type(boolean.class).arity("0").build());
    spec.addOption(OptionSpec.builder("--help", "-h").type(boolean.class).arity("0").build());
    CommandLine line = new CommandLine(spec);
    line.setExpandAtFiles(false);
    line.setInterpolateVariables(false);
    return line;
  }

  /** Reads the words after {@code bench}. */
  public static BenchOptions parse(List<String> words) throws UsageException {
    ParseResult r;
    try {
      r = line().parseArgs(words.toArray(new String[0]));
    } catch (ParameterException e) {
      throw new UsageException("bench: " + e.getMessage());
    }
    String image = r.matchedOptionValue("--image", null);
    String output = r.matchedOptionValue("-o", null);
    if ((image == null) != (output == null)) {
      throw new UsageException("bench: --image NAME and -o FILE belong together");
    }
    return new BenchOptions(
        accelerators(r.matchedOptionValue("--accel", "all")),
        programs(r.matchedOptionValue("--programs", "all")),
        count("--repetitions", r.matchedOptionValue("--repetitions", null), DEFAULT_REPETITIONS),
        count("--rounds", r.matchedOptionValue("--rounds", null), DEFAULT_ROUNDS),
        Optional.ofNullable(r.<String>matchedOptionValue("--json", null)).map(Path::of),
        Optional.ofNullable(r.<String>matchedOptionValue("--html", null)).map(Path::of),
        r.matchedOptionValue("--boot", false),
        image == null ? Optional.empty() : Optional.of(program("--image", image)),
        Optional.ofNullable(output).map(Path::of),
        r.matchedOptionValue("--help", false));
  }

  private static List<String> accelerators(String text) throws UsageException {
    if (text.equals("all")) {
      return allAccelerators();
    }
    List<String> names = Arrays.stream(text.split(",", -1)).distinct().toList();
    for (String name : names) {
      if (!allAccelerators().contains(name)) {
        throw new UsageException(
            String.format(
                "bench --accel %s: no such accelerator; known are %s, or all",
                name, String.join(", ", allAccelerators())));
      }
    }
    return names;
  }

  private static List<BenchProgram> programs(String text) throws UsageException {
    if (text.equals("all")) {
      return List.of(BenchProgram.values());
    }
    if (text.equals("none")) {
      return List.of();
    }
    List<BenchProgram> list = new ArrayList<>();
    for (String name : text.split(",", -1)) {
      BenchProgram p = program("--programs", name);
      if (!list.contains(p)) {
        list.add(p);
      }
    }
    return list;
  }

  private static BenchProgram program(String option, String name) throws UsageException {
    Optional<BenchProgram> p = BenchProgram.of(name);
    if (p.isEmpty()) {
      throw new UsageException(
          String.format(
              "bench %s %s: no such program; known are %s", option, name, BenchProgram.labels()));
    }
    return p.get();
  }

  private static int count(String option, String text, int otherwise) throws UsageException {
    if (text == null) {
      return otherwise;
    }
    try {
      int n = Integer.parseInt(text);
      if (n >= 1 && n <= MOST) {
        return n;
      }
    } catch (NumberFormatException e) {
      // the same sentence
    }
    throw new UsageException(
        String.format("bench %s %s: must be a number from 1 to %d", option, text, MOST));
  }
}
