package org.quern.cli.terminal;

/** What the user may do to a running machine. Any thread but the machine's own. */
public interface MachineControl {
  void quit();

  void reset();

  /** Presses the power button, which the guest may or may not heed. */
  void powerButton();

  void stop() throws InterruptedException;

  void resume() throws InterruptedException;

  /** {@code running}, {@code paused} or {@code shut down}. */
  String status();

  /** The registers of every processor, as text with line ends. */
  String registers() throws InterruptedException;

  /** The last exceptions of every processor, as text with line ends. */
  String exceptions() throws InterruptedException;

  /** How much was executed so far, as one line. */
  String statistics();

  /** What was translated so far, as text with line ends. */
  String translation();

  /** VM exits so far, in lines. */
  String exits();
}
