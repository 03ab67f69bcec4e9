package org.quern.accel.api;

import java.util.List;

/**
 * A {@link Vm} whose processors leave guest code by exits, as those of hardware-assisted
 * virtualization do, and that counts them. Any thread; the counts of a running machine may lag.
 */
public interface ExitCounts {
  /**
   * What one reason has come to since the machine was created.
   *
   * @param reason its name, as the accelerator's manual has it
   * @param count exits of all processors
   * @param nanoseconds host time from those exits until guest code ran again; time spent halted is
   *     not part of it
   */
  record Exit(String reason, long count, long nanoseconds) {}

  /** Reasons that have occurred, the most frequent first. */
  List<Exit> exits();
}
