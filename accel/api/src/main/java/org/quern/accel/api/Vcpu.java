package org.quern.accel.api;

/** One virtual processor. {@link #run} and the state methods belong to one thread at a time. */
public interface Vcpu {
  int index();

  /**
   * Executes guest code until something needs the caller.
   *
   * @return the reason; the same object is reused by the next call
   */
  VmExit run();

  /** Makes {@link #run} return soon with {@link VmExit.Kind#KICKED}. Any thread. */
  void kick();

  /** Drives INTR. Any thread. */
  void setInterruptLine(boolean level);

  /** Raises an NMI. Any thread. */
  void nmi();

  /** INIT: processor 0 restarts at the reset vector, others wait for SIPI. Any thread. */
  void init();

  /** Start-up IPI; ignored unless the processor waits for one. Any thread. */
  void startup(int vector);

  /** Power-on reset. The processor must not be running. */
  void reset();

  /** A copy of the architectural state. The processor must not be running. */
  CpuState state();

  /** Loads the whole architectural state. The processor must not be running. */
  void state(CpuState state);

  /** Instructions completed since creation; 0 where the accelerator cannot count. Any thread. */
  long instructions();
}
