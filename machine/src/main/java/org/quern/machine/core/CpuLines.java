package org.quern.machine.core;

/** The pins of one processor as interrupt controllers drive them. Thread-safe. */
public interface CpuLines {
  /** Level of INTR; the processor answers by {@code LocalInterrupts.acknowledge}. */
  void intr(boolean level);

  void nmi();

  /**
   * INIT: resets the processor into wait-for-SIPI (application processors) or to the reset vector.
   */
  void init();

  /** Start-up IPI with its vector: real mode at {@code vector << 12}. Ignored unless waiting. */
  void startup(int vector);

  /** SMI. Ignored: no board has SMM yet. */
  void smi();
}
