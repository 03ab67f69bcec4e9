package org.quern.cli.lockstep;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.quern.accel.software.Tiering;
import org.quern.cli.options.OptionException;
import org.quern.cli.options.OptionParser;
import org.quern.cli.options.Parsed;
import org.quern.cli.options.Preset;
import org.quern.cli.options.RunOptions;

/**
 * What the command line of {@code quern lockstep} says.
 *
 * @param machine the guest, one processor
 * @param instructions how many to compare at least
 * @param tiering when and how the translator sets in
 * @param ramEvery instructions between two comparisons of RAM
 * @param shift an instruction takes 2<sup>shift</sup> nanoseconds of guest time
 * @param seed decides which stops are asked for inside loops
 * @param traceFrom count of instructions from which on the interpreter's path is kept
 */
record LockstepOptions(
    RunOptions machine,
    long instructions,
    Tiering tiering,
    long ramEvery,
    int shift,
    long seed,
    long traceFrom) {
  /** Sooner than outside: the more is translated, the more is compared. */
  private static final int THRESHOLD = 200;

  /** Instructions in a compact region, for each execution before it, until the fast form. */
  private static final long FAST_FACTOR = 1000;

  static final String HELP =
      """
      quern lockstep [OPTIONS]   run a guest under interp and jit at once and compare their state
        -instructions N          how many at least (default 50000000)
        -threshold N             executions before translation sets in, 1 translates everything
                                 (default 200)
        -fast N                  instructions in translated code before its fast form, 0 the fast
                                 form at once (default 1000 times the threshold)
        -translate now|background   now (the default) is the same in each run; background is when
                                 -accel jit does it
        -ram-every N             compare RAM after so many instructions (default 2000000)
        -shift N                 2^N ns of guest time an instruction (default 3)
        -seed N                  where inside loops to stop (default 1)
        -trace-from N            keep the path of the last instructions, from so many on (slow)
        -kernel, -initrd, -append, -bios, -m, -cpu, -machine, -device as for a machine;
        without -kernel and -bios: Debian's stock kernel, as quern linux
      Exit code 0 if nothing differed, 1 at the first difference.
      """;

  private static final Set<String> MACHINE =
      Set.of(
          "-kernel",
          "-initrd",
          "-append",
          "-bios",
          "-m",
          "-cpu",
          "-machine",
          "-M",
          "-device",
          "-global");

  /** Which options of a machine name a guest. */
  static final Set<String> GUEST = Set.of("-kernel", "-bios");

  static LockstepOptions parse(List<String> words, Preset preset) throws OptionException {
    long instructions = 50_000_000;
    long threshold = THRESHOLD;
    long fast = -1;
    boolean background = false;
    long ramEvery = 2_000_000;
    long shift = 3;
    long seed = 1;
    long traceFrom = Long.MAX_VALUE;
    List<String> rest = new ArrayList<>();
    for (int i = 0; i < words.size(); i += 2) {
      String option = words.get(i);
      if (i + 1 == words.size()) {
        throw new OptionException(option + ": requires a value");
      }
      String value = words.get(i + 1);
      switch (option) {
        case "-instructions" -> instructions = number(option, value, 1, Long.MAX_VALUE >> 1);
        case "-threshold" -> threshold = number(option, value, 1, Integer.MAX_VALUE);
        case "-fast" -> fast = number(option, value, 0, Long.MAX_VALUE);
        case "-translate" -> background = background(value);
        case "-ram-every" -> ramEvery = number(option, value, 1, Long.MAX_VALUE >> 1);
        case "-shift" -> shift = number(option, value, 0, 10);
        case "-seed" -> seed = number(option, value, Long.MIN_VALUE, Long.MAX_VALUE);
        case "-trace-from" -> traceFrom = number(option, value, 0, Long.MAX_VALUE);
        default -> {
          if (!MACHINE.contains(option)) {
            throw new OptionException(option + ": not an option of quern lockstep");
          }
          rest.add(option);
          rest.add(value);
        }
      }
    }
    Parsed parsed = new OptionParser().parse(rest, preset);
    if (!(parsed instanceof Parsed.Run run)) {
      throw new OptionException("quern lockstep lists nothing; ask quern itself");
    }
    Tiering tiering =
        new Tiering((int) threshold, fast < 0 ? FAST_FACTOR * threshold : fast, background, true);
    return new LockstepOptions(
        run.options(), instructions, tiering, ramEvery, (int) shift, seed, traceFrom);
  }

  private static boolean background(String value) throws OptionException {
    return switch (value) {
      case "now" -> false;
      case "background" -> true;
      default -> throw new OptionException("-translate " + value + ": neither now nor background");
    };
  }

  private static long number(String option, String value, long min, long max)
      throws OptionException {
    try {
      long n = Long.parseLong(value.replace("_", ""));
      if (n >= min && n <= max) {
        return n;
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw new OptionException(option + " " + value + ": not a number from " + min + " to " + max);
  }
}
