package org.quern.machine.run;

/**
 * How a machine ended.
 *
 * @param kind the reason
 * @param exitCode what the process should return; QEMU's where QEMU has the case
 * @param message a sentence for the user; empty where the kind says it all
 */
public record MachineEnd(Kind kind, int exitCode, String message) {
  /** The closed set of reasons. */
  public enum Kind {
    /** The guest switched itself off. */
    POWER_OFF,
    /** The guest reset and {@code -no-reboot} was given. */
    RESET,
    /** isa-debug-exit. */
    DEBUG_EXIT,
    /** A processor shut down (triple fault) and the machine does not reset on that. */
    SHUTDOWN,
    /** The user asked. */
    QUIT,
    /** Quern could not go on. */
    ERROR
  }
}
