package org.quern.cli.bench;

import org.quern.cli.CliException;

/** The command line of {@code quern bench} does not make sense; the message says where. */
public final class UsageException extends CliException {
  private static final long serialVersionUID = 1L;

  public UsageException(String message) {
    super(message);
  }

  @Override
  public int exitCode() {
    return 2;
  }
}
