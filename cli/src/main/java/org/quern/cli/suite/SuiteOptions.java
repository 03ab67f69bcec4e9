package org.quern.cli.suite;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quern.cli.bench.UsageException;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/**
 * What follows {@code quern suite KIND}.
 *
 * @param dir the suite's folder, if one was named
 * @param names cases, groups or files to run; all if empty
 * @param accel accelerator of the guests
 * @param jobs how many guests at once
 * @param timeout seconds for a case; 0: as the suite has it
 * @param cpu the processor under test, where the suite asks for one
 * @param only the number of the one case to run in each file, or -1
 * @param limit most cases of a file
 * @param all also what the suite itself leaves out by default
 * @param junit file for the report as JUnit's XML
 * @param json file for the report as JSON
 * @param verbose show what the cases print
 */
public record SuiteOptions(
    Optional<Path> dir,
    List<String> names,
    String accel,
    int jobs,
    double timeout,
    Optional<String> cpu,
    int only,
    int limit,
    boolean all,
    Optional<Path> junit,
    Optional<Path> json,
    boolean verbose) {
  /** Options with a value. */
  private static final List<String> VALUED =
      List.of(
          "--dir",
          "--accel",
          "--jobs",
          "--timeout",
          "--cpu",
          "--case",
          "--limit",
          "--junit",
          "--json");

  private static final int MOST_JOBS = 256;

  public SuiteOptions {
    names = List.copyOf(names);
  }

  private static CommandLine line() {
    CommandSpec spec = CommandSpec.create();
    for (String name : VALUED) {
      spec.addOption(OptionSpec.builder(name).type(String.class).arity("1").build());
    }
    for (String name : List.of("--all", "--verbose")) {
      spec.addOption(OptionSpec.builder(name).type(boolean.class).arity("0").build());
    }
    spec.addPositional(
        PositionalParamSpec.builder()
            .arity("0..*")
            .type(List.class)
            .auxiliaryTypes(String.class)
            .paramLabel("NAME")
            .build());
    CommandLine line = new CommandLine(spec);
    line.setExpandAtFiles(false);
    line.setInterpolateVariables(false);
    return line;
  }

  /**
   * Reads the words behind the kind.
   *
   * @param kind for messages
   */
  static SuiteOptions parse(String kind, List<String> words) throws UsageException {
    ParseResult r;
    try {
      r = line().parseArgs(words.toArray(new String[0]));
    } catch (ParameterException e) {
      throw new UsageException("suite " + kind + ": " + e.getMessage());
    }
    Optional<Path> dir = path(r, "--dir");
    if (dir.isPresent() && !Files.isDirectory(dir.get())) {
      throw new UsageException("suite " + kind + " --dir " + dir.get() + ": no such folder");
    }
    return new SuiteOptions(
        dir,
        new ArrayList<>(r.matchedPositionalValue(0, List.<String>of())),
        r.matchedOptionValue("--accel", "jit"),
        number(kind, r, "--jobs", 1, 1, MOST_JOBS),
        number(kind, r, "--timeout", 0, 1, Integer.MAX_VALUE),
        Optional.ofNullable(r.matchedOptionValue("--cpu", null)),
        number(kind, r, "--case", -1, 0, Integer.MAX_VALUE),
        number(kind, r, "--limit", Integer.MAX_VALUE, 1, Integer.MAX_VALUE),
        r.matchedOptionValue("--all", false),
        path(r, "--junit"),
        path(r, "--json"),
        r.matchedOptionValue("--verbose", false));
  }

  private static Optional<Path> path(ParseResult r, String option) {
    return Optional.ofNullable(r.<String>matchedOptionValue(option, null)).map(Path::of);
  }

  private static int number(
      String kind, ParseResult r, String option, int otherwise, int least, int most)
      throws UsageException {
    String text = r.matchedOptionValue(option, null);
    if (text == null) {
      return otherwise;
    }
    try {
      int n = Integer.parseInt(text);
      if (n >= least && n <= most) {
        return n;
      }
    } catch (NumberFormatException e) {
      // the same sentence
    }
    throw new UsageException(
        "suite " + kind + " " + option + " " + text + ": must be a number from " + least + " up");
  }

  /** The folder, which this suite cannot do without. */
  public Path needDir(String kind) throws UsageException {
    return dir.orElseThrow(
        () -> new UsageException("suite " + kind + ": say with --dir where the suite is"));
  }
}
