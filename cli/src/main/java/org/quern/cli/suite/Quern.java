package org.quern.cli.suite;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.quern.cli.CliException;
import org.quern.cli.bench.Commands;

/** Commands that start Quern again, for a guest of its own. */
public final class Quern {
  private final List<String> java;

  /**
   * Quern as this process was started.
   *
   * @param main class with the main method
   */
  public Quern(Class<?> main) throws CliException {
    List<String> words = Commands.quern("", main).command();
    java = words.subList(0, words.size() - 2); // without -accel
  }

  /** The command with these options. */
  public List<String> command(List<String> options) {
    List<String> words = new ArrayList<>(java);
    words.addAll(options);
    return words;
  }

  /** The same for people, to be pasted into a shell. */
  public static String shown(List<String> options) {
    return "quern " + options.stream().map(Quern::quoted).collect(Collectors.joining(" "));
  }

  /** A word as a POSIX shell reads it. */
  public static String quoted(String word) {
    return word.matches("[-+=,.:/_@%A-Za-z0-9]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }
}
