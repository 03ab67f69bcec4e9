package org.quern.cli;

/** Something ends the command; the message is one sentence for the user. */
public class CliException extends Exception {
  private static final long serialVersionUID = 1L;

  public CliException(String message) {
    super(message);
  }

  public CliException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The exit code of the process: 1, as QEMU ends when it cannot start. */
  public int exitCode() {
    return 1;
  }
}
