package org.quern.machine.run;

/**
 * What devices can ask of the machine as a whole. Every method only takes note and returns at once,
 * so it may be called by any thread, with the machine lock held, on a processor's own thread: the
 * processor gets at most a few instructions further.
 */
public interface SystemControl {
  /**
   * Asks for a system reset.
   *
   * @param cause what did it, for messages: "port 0xcf9"
   */
  void reset(String cause);

  /** Asks for power-off. */
  void powerOff();

  /** Ends the machine with an exit code that the guest chose. */
  void debugExit(int exitCode);
}
