package org.quern.cli.suite;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.quern.bench.run.HostInfo;
import org.quern.cli.CliException;
import org.quern.cli.bench.UsageException;
import org.quern.cli.suite.kvmunit.KvmUnitTests;
import org.quern.cli.suite.moo.MooSuite;

/**
 * {@code quern suite}. The exit code is 0 if at least one case passed and none failed, 1 otherwise.
 */
public final class SuiteVerb {
  private static final Set<String> HELP = Set.of("help", "-h", "-help", "--help");

  private static final String USAGE =
      """
      quern suite KIND [OPTIONS] [NAME...]   run a test suite of others; docs/suites.md says how to get each
        kvm-unit-tests --dir DIR   a built checkout; NAME is a test or a group
        moo --dir DIR              SingleStepTests, files *.MOO[.gz]; NAME is an opcode, e.g. F6.7;
                                   --case N: one case of a file; --limit N: that many;
                                   --cpu MODEL instead of the file's
        rom IMAGE...               ROM images that tell by POST code how far they come, to FF;
                                   --cpu MODEL (default 386)
        user PROGRAM...            static programs, run in a Linux guest and here: same output and exit
                                   code? --dir DIR alone takes all programs of a folder
      Options of every kind:
        --dir DIR         where the suite is
        --accel NAME      accelerator (default jit)
        --jobs N          guests at once (default 1)
        --timeout SECONDS for each case (default: as the suite has it)
        --all             also what the suite leaves out by default
        --verbose         show what the cases print
        --junit FILE      write the report as JUnit's XML
        --json FILE       write the report as JSON
      Each case that fails is followed by the command that runs it alone.
      """;

  private SuiteVerb() {}

  /**
   * Runs the command.
   *
   * @param main class with the main method, to start Quern again
   */
  public static int run(List<String> words, Class<?> main)
      throws CliException, InterruptedException {
    if (words.isEmpty() || HELP.contains(words.get(0))) {
      System.out.print(USAGE);
      return words.isEmpty() ? 2 : 0;
    }
    String kind = words.get(0);
    Suite suite =
        switch (kind) {
          case "kvm-unit-tests" -> new KvmUnitTests(new Quern(main));
          case "moo" -> new MooSuite();
          case "rom" -> new RomSuite(new Quern(main));
          case "user" -> new UserSuite(new Quern(main));
          default ->
              throw new UsageException("suite " + kind + ": no such kind; see quern suite --help");
        };
    SuiteOptions options = SuiteOptions.parse(kind, words.subList(1, words.size()));
    String host = HostInfo.collect(programFolder(), Optional.empty()).line();
    Report report = new Report(kind, host.replace(", QEMU: none", ""), System.out);
    suite.run(options, report);
    report.finish();
    write(options, report);
    return report.count(Verdict.FAIL) == 0 && report.count(Verdict.PASS) > 0 ? 0 : 1;
  }

  private static void write(SuiteOptions options, Report report) throws CliException {
    try {
      if (options.junit().isPresent()) {
        Files.writeString(options.junit().get(), JUnitXml.text(report));
      }
      if (options.json().isPresent()) {
        JsonCases.write(report, options.json().get());
      }
    } catch (IOException e) {
      throw new CliException("the report cannot be written: " + e, e);
    }
  }

  /** The folder of our own class files or jar. */
  private static Path programFolder() {
    String first = System.getProperty("java.class.path").split(File.pathSeparator, 2)[0];
    Path at = Path.of(first).toAbsolutePath();
    return Files.isDirectory(at) ? at : at.getParent();
  }
}
