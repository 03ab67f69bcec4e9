package org.quern.accel.vtx;

/** Is told of each VM exit, on the thread of its processor. */
@FunctionalInterface
public interface ExitLog {
  /**
   * A guest has exited.
   *
   * @param cpu which processor
   * @param reason the basic exit reason; {@link ExitNames} has its name
   * @param rip of the guest
   * @param qualification the exit qualification
   */
  void exit(int cpu, int reason, long rip, long qualification);
}
