package org.quern.firmware;

/** A kernel, initrd or ROM that cannot be booted; the message is one sentence for the user. */
public final class BootException extends Exception {
  private static final long serialVersionUID = 1;

  public BootException(String message) {
    super(message);
  }

  public BootException(String message, Throwable cause) {
    super(message, cause);
  }
}
