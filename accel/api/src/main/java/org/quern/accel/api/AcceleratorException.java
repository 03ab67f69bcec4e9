package org.quern.accel.api;

/** An accelerator cannot do what it was asked; the message is a sentence for the user. */
public class AcceleratorException extends Exception {
  private static final long serialVersionUID = 1L;

  public AcceleratorException(String message) {
    super(message);
  }

  public AcceleratorException(String message, Throwable cause) {
    super(message, cause);
  }
}
