package org.quern.cli;

import java.util.Arrays;
import java.util.List;
import org.quern.cli.difftest.DifftestVerb;
import org.quern.cli.holes.HolesVerb;
import org.quern.cli.lockstep.LockstepVerb;
import org.quern.cli.options.OptionParser;
import org.quern.cli.options.Parsed;
import org.quern.cli.options.Preset;
import org.quern.cli.run.MachineRunner;
import org.quern.cli.stress.Stress;
import org.quern.cli.suite.SuiteVerb;

/** The {@code quern} command. */
public final class Main {
  private static final String USAGE =
      """
      quern linux [OPTIONS]   boot Debian's stock kernel to a shell (fetched on first use)
      quern demo [OPTIONS]    boot the built-in guest, offline
      quern bench [OPTIONS]   compare accelerators on guest programs; see quern bench --help
      quern lockstep [OPTIONS] compare interp and jit state by state; see quern lockstep --help
      quern suite KIND ...    run a test suite of others; see quern suite --help
      quern difftest [OPTIONS] compare instructions with the real CPU; see quern difftest --help
      quern holes [OPTIONS]   instructions that resist virtualization; see quern holes --help
      quern stress [OPTIONS]  run a guest that rewrites its code; see quern stress --help
      quern OPTIONS           run a machine; the options are QEMU's
      quern test              set up and run the tests (in a checkout)
      quern version | help

      Options:
      """;

  private Main() {}

  public static void main(String[] arguments) {
    System.exit(run(Arrays.asList(arguments)));
  }

  /** Runs a command to its end and returns the exit code of the process. */
  static int run(List<String> words) {
    try {
      return dispatch(words);
    } catch (CliException e) {
      System.err.println("quern: " + e.getMessage());
      return e.exitCode();
    } catch (OutOfMemoryError e) {
      // For example a damaged kernel image that claims to unpack to gigabytes.
      System.err.println(
          "quern: out of memory: "
              + e.getMessage()
              + "; QUERN_HEAP=2g in the environment gives more");
      return 1;
    }
  }

  private static int dispatch(List<String> words) throws CliException {
    if (words.isEmpty()) {
      System.err.print(USAGE + OptionParser.help());
      return 1;
    }
    List<String> rest = words.subList(1, words.size());
    return switch (words.get(0)) {
      case "linux" -> LinuxVerb.run(rest);
      case "demo" -> machine(rest, Preset.DEMO);
      case "bench" -> BenchVerb.run(rest);
      case "suite" -> suite(rest);
      case "stress" -> Stress.run(rest);
      case "lockstep" -> LockstepVerb.run(rest);
      case "difftest" -> DifftestVerb.run(rest);
      case "holes" -> HolesVerb.run(rest);
      case "version", "-version", "--version" -> {
        System.out.println("Quern " + version() + ", Java " + Runtime.version());
        yield 0;
      }
      case "help", "-h", "-help", "--help" -> {
        System.out.print(USAGE + OptionParser.help());
        yield 0;
      }
      default -> machine(words, Preset.NONE);
    };
  }

  private static int suite(List<String> words) throws CliException {
    try {
      return SuiteVerb.run(words, Main.class);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return 1;
    }
  }

  /** Runs the machine that options describe, or prints what they ask for. */
  static int machine(List<String> words, Preset preset) throws CliException {
    Parsed parsed = new OptionParser().parse(words, preset);
    if (parsed instanceof Parsed.Run run) {
      run.options().warnings().forEach(w -> System.err.println("quern: warning: " + w));
      return new MachineRunner(run.options()).run();
    }
    System.out.print(((Parsed.Print) parsed).text());
    return 0;
  }

  private static String version() {
    String v = Main.class.getPackage().getImplementationVersion();
    return v == null ? "(not packaged)" : v;
  }
}
