package org.quern.cli.holes;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quern.cli.options.OptionException;

/**
 * What the command line of {@code quern holes} says.
 *
 * @param ways columns asked for; empty for all
 * @param words what the name of an instruction must contain, one of them; empty for all
 * @param count executions of a measurement, 0 for none
 * @param json where to put all cells as JSON
 */
record HolesOptions(List<String> ways, List<String> words, int count, Optional<Path> json) {
  static final String HELP =
      """
      quern holes [OPTIONS] [TEXT ...]   sensitive instructions of a kernel, in an outer ring under
                                 trap and emulate, and in ring 0 under each accelerator;
                                 TEXT: only instructions whose names contain it
        --way NAME[,NAME...]     columns: ring3, ring3-umip, ring1, interp, jit, vtx, kvm
                                 (default: all that work here)
        --count N                executions of a measurement (default 2000); 0: do not measure
        --json FILE              all cells
      exact: as in ring 0. traps: the monitor made it so. LEAKS: it showed the monitor's state and
      did not trap. WRONG: it did something else and did not trap. stops: could not go on.
      Exit code 1 if an accelerator (not a ring) leaked or was wrong.
      """;

  private static final int MAX_COUNT = 10_000_000;

  static HolesOptions parse(List<String> words) throws OptionException {
    List<String> ways = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    int count = 2000;
    Optional<Path> json = Optional.empty();
    for (int n = 0; n < words.size(); n++) {
      String word = words.get(n);
      if (!word.startsWith("-")) {
        texts.add(word);
        continue;
      }
      String option = word.startsWith("--") ? word.substring(2) : word.substring(1);
      if (!List.of("way", "count", "json").contains(option)) {
        throw new OptionException(word + ": not an option of quern holes; see quern holes --help");
      }
      n++;
      if (n == words.size()) {
        throw new OptionException(word + ": requires a value");
      }
      String value = words.get(n);
      switch (option) {
        case "way" -> ways.addAll(List.of(value.split(",", -1)));
        case "count" -> count = count(word, value);
        default -> json = Optional.of(Path.of(value));
      }
    }
    for (String way : ways) {
      if (!Ways.NAMES.contains(way)) {
        throw new OptionException(
            "--way " + way + ": no such way; known are " + String.join(", ", Ways.NAMES));
      }
    }
    return new HolesOptions(List.copyOf(ways), List.copyOf(texts), count, json);
  }

  private static int count(String option, String value) throws OptionException {
    try {
      int n = Integer.parseInt(value);
      if (n >= 0 && n <= MAX_COUNT) {
        return n;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw new OptionException(option + " " + value + ": not a number from 0 to " + MAX_COUNT);
  }
}
