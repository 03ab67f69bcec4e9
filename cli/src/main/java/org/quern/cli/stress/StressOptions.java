package org.quern.cli.stress;

import java.util.List;
import java.util.Locale;
import org.quern.accel.software.Tiering;
import org.quern.cli.options.OptionException;

/**
 * What the command line of {@code quern stress} says.
 *
 * @param seconds how long to run
 * @param every seconds between two lines
 * @param calls how often the guest calls each function
 * @param threshold executions before the compact form
 * @param fast instructions in the compact form before the fast one
 */
record StressOptions(double seconds, double every, int calls, int threshold, long fast) {
  static final String HELP =
      """
      quern stress [OPTIONS]     run a guest that writes, calls and rewrites code under jit
        -minutes N               how long (default 10; fractions are allowed)
        -every SECONDS           how often to print what the JVM holds (default 10)
        -calls N                 calls of each function between two rewrites (default 3000)
        -threshold N             executions before translation (default 500)
        -fast N                  instructions in translated code before the fast form
                                 (default 20000)
      Exit code 0 if all results were right and code cache, metaspace and heap stayed flat.
      """;

  static final StressOptions DEFAULT = new StressOptions(600, 10, 3000, 500, 20_000);

  static StressOptions parse(List<String> words) throws OptionException {
    StressOptions o = DEFAULT;
    for (int i = 0; i < words.size(); i += 2) {
      String option = words.get(i);
      // One dash as QEMU's options have, or two.
      String name = option.startsWith("--") ? option.substring(1) : option;
      if (!List.of("-minutes", "-every", "-calls", "-threshold", "-fast").contains(name)) {
        throw new OptionException(option + ": not an option of quern stress");
      }
      if (i + 1 == words.size()) {
        throw new OptionException(option + ": requires a value");
      }
      String v = words.get(i + 1);
      o =
          switch (name) {
            case "-minutes" -> o.withSeconds(60 * number(option, v, 0.01, 100_000));
            case "-every" -> o.withEvery(number(option, v, 0.1, 3600));
            case "-calls" -> o.withCalls((int) number(option, v, 1, 1e9));
            case "-threshold" -> o.withThreshold((int) number(option, v, 1, 1e9));
            default -> o.withFast((long) number(option, v, 0, 1e15));
          };
    }
    return o;
  }

  private static double number(String option, String value, double min, double max)
      throws OptionException {
    try {
      double n = Double.parseDouble(value);
      if (n >= min && n <= max) {
        return n;
      }
    } catch (NumberFormatException e) {
      // The sentence below says what is wanted.
    }
    throw new OptionException(
        String.format(
            Locale.ROOT, "%s %s: not a number from %.4g to %.4g", option, value, min, max));
  }

  /** Both forms, translated in the background as {@code -accel jit} does, but soon. */
  Tiering tiering() {
    return new Tiering(threshold, fast, true, false);
  }

  StressOptions withSeconds(double s) {
    return new StressOptions(s, every, calls, threshold, fast);
  }

  StressOptions withEvery(double s) {
    return new StressOptions(seconds, s, calls, threshold, fast);
  }

  StressOptions withCalls(int n) {
    return new StressOptions(seconds, every, n, threshold, fast);
  }

  StressOptions withThreshold(int n) {
    return new StressOptions(seconds, every, calls, n, fast);
  }

  StressOptions withFast(long n) {
    return new StressOptions(seconds, every, calls, threshold, n);
  }
}
