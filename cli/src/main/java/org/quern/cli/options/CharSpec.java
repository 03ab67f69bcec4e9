package org.quern.cli.options;

import java.nio.file.Path;

/** Where the host's end of a serial line or of the debug console is. */
public sealed interface CharSpec {
  /**
   * The terminal, or standard input and output.
   *
   * @param monitor shared with the monitor through Ctrl-A ({@code mon:stdio}); else Ctrl-C ends
   *     Quern
   */
  record Stdio(boolean monitor) implements CharSpec {}

  /** No such device at all. */
  record None() implements CharSpec {}

  /** The device is there; output is thrown away. */
  record Null() implements CharSpec {}

  /** Output goes to a file, which is created or emptied. */
  record ToFile(Path path) implements CharSpec {}

  /** Reads what follows {@code -serial} or {@code -debugcon}. */
  static CharSpec parse(String option, String text) throws OptionException {
    if (text.startsWith("file:")) {
      String path = text.substring("file:".length());
      if (path.isEmpty()) {
        throw new OptionException(option + " file: needs a path, as in file:serial.log");
      }
      return new ToFile(Path.of(path));
    }
    return switch (text) {
      case "stdio" -> new Stdio(false);
      case "mon:stdio" -> new Stdio(true);
      case "none" -> new None();
      case "null" -> new Null();
      default ->
          throw new OptionException(
              option
                  + " "
                  + text
                  + ": this back end is not supported; use stdio, mon:stdio, null, none or file:PATH");
    };
  }
}
