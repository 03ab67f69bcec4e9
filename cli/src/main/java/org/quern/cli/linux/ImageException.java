package org.quern.cli.linux;

import org.quern.cli.CliException;

/** The Linux images cannot be had; the message is a sentence that says why. */
public final class ImageException extends CliException {
  private static final long serialVersionUID = 1L;

  private final boolean unavailable;

  ImageException(String message, boolean unavailable, Throwable cause) {
    super(message, cause);
    this.unavailable = unavailable;
  }

  /** Whether the packages could not be reached, rather than this host being out of order. */
  public boolean unavailable() {
    return unavailable;
  }
}
