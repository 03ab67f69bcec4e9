package org.quern.accel.api;

import java.util.List;

/**
 * A {@link Vcpu} that remembers the last exceptions it delivered, for reports of a guest's death.
 */
public interface ExceptionLog {
  /**
   * One delivered exception.
   *
   * @param vector 0 to 31
   * @param errorCode as pushed; 0 if the exception has none
   * @param cr2 the faulting address of a page fault; 0 otherwise
   * @param cs code segment selector of the faulting instruction
   * @param rip its instruction pointer
   * @param cpl its privilege level
   * @param instructions the processor's instruction count when it happened
   */
  record Entry(int vector, int errorCode, long cr2, int cs, long rip, int cpl, long instructions) {}

  /** The last exceptions, oldest first. The processor must not be running. */
  List<Entry> recentExceptions();
}
