package org.quern.x86.bus;

/**
 * The local APIC (or the bare PIC pair behind it) as seen from its processor. Called only by the
 * processor's own thread.
 */
public interface LocalInterrupts {
  /**
   * Accepts the highest-priority pending maskable interrupt (an INTA cycle).
   *
   * @return its vector, 0 to 255, or -1 if none is pending any more
   */
  int acknowledge();

  /** CR8: the task-priority class, 0 to 15. */
  int taskPriority();

  void taskPriority(int priorityClass);

  /**
   * Reads an APIC-owned MSR: IA32_APIC_BASE, IA32_TSC_DEADLINE, 0x800 to 0x8ff. A deadline counts
   * in {@link TimeSource#tsc} ticks: the processor subtracts IA32_TSC_ADJUST from what the guest
   * writes and adds it to what the guest reads, unless that is 0.
   *
   * @param msr the index; ask {@link #ownsMsr} first
   * @throws InvalidMsrAccess where hardware raises #GP(0)
   */
  long readMsr(int msr) throws InvalidMsrAccess;

  void writeMsr(int msr, long value) throws InvalidMsrAccess;

  /** Whether an MSR index belongs to the APIC. */
  static boolean ownsMsr(int msr) {
    return msr == 0x1b || msr == 0x6e0 || (msr & ~0xff) == 0x800;
  }

  /** An APIC MSR access that hardware answers with #GP(0). Preallocated, stackless. */
  final class InvalidMsrAccess extends Exception {
    private static final long serialVersionUID = 1L;
    public static final InvalidMsrAccess INSTANCE = new InvalidMsrAccess();

    private InvalidMsrAccess() {
      super("invalid APIC MSR access", null, false, false);
    }
  }
}
