package org.quern.cli.options;

/** What a command line asks for. */
public sealed interface Parsed {
  /** Run a machine. */
  record Run(RunOptions options) implements Parsed {}

  /** Print a text, such as that of {@code -accel help}, and end with exit code 0. */
  record Print(String text) implements Parsed {}
}
