package org.quern.cli.difftest;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.quern.accel.software.Tiering;
import org.quern.cli.options.OptionException;
import org.quern.x86.state.CpuFeature;

/**
 * What the command line of {@code quern difftest} says.
 *
 * @param cases how many, at least
 * @param seconds after which to stop, whatever comes first
 * @param seed of all that is random
 * @param each cases of one instruction
 * @param forms pattern for rows of the instruction table
 * @param features flags of CPUID features that rows must need; all rows if empty
 * @param engines names of our engines
 * @param jobs threads
 * @param corpus where differences are saved, or null
 * @param replay a vector or a folder of them to run instead, or null
 * @param record whether the processor's results are written into them
 * @param list whether the rows that are left out are listed
 */
record DifftestOptions(
    long cases,
    long seconds,
    long seed,
    int each,
    Pattern forms,
    Set<String> features,
    List<String> engines,
    int jobs,
    Path corpus,
    Path replay,
    boolean record,
    boolean list) {
  /** Our engines: both forms of translated code from the first execution on. */
  private static final Map<String, Tiering> ENGINES = engineNames();

  static final String HELP =
      """
      quern difftest [OPTIONS]   compare instructions with the processor of this host, through KVM
        --cases N            how many to compare at least (default 1000000)
        --seconds N          stop after so long
        --seed N             what is random depends on it alone (default 1)
        --each N             cases of one instruction (default 64)
        --form REGEX         only rows of the instruction table that contain it, e.g. 'ADD Ev'
        --features NAME,...  only rows that need one of these CPUID features, e.g. avx2,fma
        --accel NAME,...     interp, jit, jit-compact, jit-fast (default interp,jit; jit is the last
                             two, each translating everything at its first execution)
        --jobs N             threads (default 1)
        --corpus DIR         save each difference, reduced, as a text file
        --replay PATH        run a saved file, or a folder of them, on our engines and, where there is
                             one, on the processor
        --record             with --replay: write the processor's results into the files
        --list               list the rows that are not covered, with the reasons
      Exit code 0 if nothing differed, else 1.
      """;

  private static Map<String, Tiering> engineNames() {
    Map<String, Tiering> m = new LinkedHashMap<>();
    m.put("interp", Tiering.INTERPRET);
    m.put("jit-compact", new Tiering(1, Long.MAX_VALUE, false, false));
    m.put("jit-fast", new Tiering(1, 0, false, false));
    return m;
  }

  static Tiering tiering(String engine) {
    return ENGINES.get(engine);
  }

  static DifftestOptions parse(List<String> words) throws OptionException {
    long cases = -1;
    long seconds = Long.MAX_VALUE;
    long seed = 1;
    long each = 64;
    long jobs = 1;
    Pattern forms = Pattern.compile("");
    List<String> engines = engines("interp,jit");
    Set<String> features = Set.of();
    Path corpus = null;
    Path replay = null;
    boolean list = false;
    boolean record = false;
    for (int n = 0; n < words.size(); n++) {
      String option = words.get(n);
      if (option.equals("--list")) {
        list = true;
        continue;
      }
      if (option.equals("--record")) {
        record = true;
        continue;
      }
      if (n + 1 == words.size()) {
        throw new OptionException(option + ": requires a value, or is no option");
      }
      String value = words.get(++n);
      switch (option) {
        case "--cases" -> cases = number(option, value, 1, Long.MAX_VALUE);
        case "--seconds" -> seconds = number(option, value, 1, 10_000_000);
        case "--seed" -> seed = number(option, value, Long.MIN_VALUE, Long.MAX_VALUE);
        case "--each" -> each = number(option, value, 1, Layout.MAX_CASES);
        case "--jobs" -> jobs = number(option, value, 1, 256);
        case "--form" -> forms = pattern(value);
        case "--features" -> features = features(value);
        case "--accel" -> engines = engines(value);
        case "--corpus" -> corpus = path(option, value);
        case "--replay" -> replay = path(option, value);
        default -> throw new OptionException(option + ": not an option of quern difftest");
      }
    }
    if (cases < 0) {
      cases = seconds == Long.MAX_VALUE ? 1_000_000 : Long.MAX_VALUE;
    }
    return new DifftestOptions(
        cases,
        seconds,
        seed,
        (int) each,
        forms,
        features,
        engines,
        (int) jobs,
        corpus,
        replay,
        record,
        list);
  }

  private static List<String> engines(String value) throws OptionException {
    List<String> all = new ArrayList<>();
    for (String name : value.split(",", -1)) {
      if (name.equals("jit")) {
        all.add("jit-compact");
        all.add("jit-fast");
      } else if (ENGINES.containsKey(name)) {
        all.add(name);
      } else {
        throw new OptionException(
            "--accel " + name + ": not one of interp, jit, jit-compact, jit-fast");
      }
    }
    return List.copyOf(all);
  }

  private static Set<String> features(String value) throws OptionException {
    Set<String> all = new TreeSet<>(Arrays.asList(value.split(",", -1)));
    for (String name : all) {
      if (Arrays.stream(CpuFeature.values()).noneMatch(f -> f.flag.equals(name))) {
        throw new OptionException("--features " + name + ": no such CPUID feature");
      }
    }
    return all;
  }

  private static Pattern pattern(String value) throws OptionException {
    try {
      return Pattern.compile(value);
    } catch (PatternSyntaxException e) {
      throw new OptionException("--form " + value + ": " + e.getDescription());
    }
  }

  private static Path path(String option, String value) throws OptionException {
    try {
      return Path.of(value);
    } catch (InvalidPathException e) {
      throw new OptionException(option + " " + value + ": " + e.getReason());
    }
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
