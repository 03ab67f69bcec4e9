package org.quern.cli.options;

import org.quern.cli.CliException;

/** An option, or a combination of options, that Quern refuses; the message names it. */
public final class OptionException extends CliException {
  private static final long serialVersionUID = 1L;

  public OptionException(String message) {
    super(message);
  }
}
