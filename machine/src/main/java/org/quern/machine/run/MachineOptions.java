package org.quern.machine.run;

/**
 * How a machine behaves as a whole.
 *
 * @param noReboot a system reset ends the machine
 * @param stopOnShutdown a triple fault ends the machine with a message instead of resetting it
 * @param startPaused no processor runs before {@link Machine#resume}
 */
public record MachineOptions(boolean noReboot, boolean stopOnShutdown, boolean startPaused) {
  /** Reboots, runs at once. */
  public static final MachineOptions DEFAULT = new MachineOptions(false, false, false);
}
