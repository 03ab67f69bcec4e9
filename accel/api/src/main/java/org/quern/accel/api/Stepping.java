package org.quern.accel.api;

/**
 * A {@link Vcpu} that can run a bounded number of instructions: for lock-step comparison and for
 * guest time that counts instructions.
 *
 * <p>A <em>stop</em> is a place where the whole state is exact and the last thing that happened was
 * the completion of an instruction. So it is never behind the delivery of an event and never inside
 * a repeated string instruction, and the count of instructions alone says which place it is: two
 * accelerators that stop at the same count stop at the same place. A repeated string instruction
 * counts once, when its last element is done; an instruction that faults does not count.
 */
public interface Stepping {
  /**
   * Runs as {@link Vcpu#run} does, but returns with {@link VmExit.Kind#KICKED} at the first stop
   * after at least {@code instructions} more have completed. How far that may be is up to the
   * accelerator; an interpreter stops exactly there.
   *
   * @param instructions at least 1
   */
  VmExit run(long instructions);

  /**
   * Lets the current or else the next call of {@link #run(long)} end at the first stop it comes to,
   * however many instructions are left; translated loops are left. Any thread.
   */
  void stopSoon();

  /** As {@link Vcpu#state()} into an object that exists; allocates nothing. */
  void copyState(CpuState to);
}
