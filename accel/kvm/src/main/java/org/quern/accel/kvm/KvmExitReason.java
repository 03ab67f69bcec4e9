package org.quern.accel.kvm;

/** Why KVM_RUN returned, in the order of the kernel's numbers. Source: linux/kvm.h. */
public enum KvmExitReason {
  UNKNOWN,
  EXCEPTION,
  IO,
  HYPERCALL,
  DEBUG,
  HLT,
  MMIO,
  IRQ_WINDOW_OPEN,
  SHUTDOWN,
  FAIL_ENTRY,
  /** A signal, or {@link KvmRun#immediateExit}. */
  INTR,
  SET_TPR,
  TPR_ACCESS,
  S390_SIEIC,
  S390_RESET,
  DCR,
  NMI,
  INTERNAL_ERROR,
  OSI,
  PAPR_HCALL,
  S390_UCONTROL,
  WATCHDOG,
  S390_TSCH,
  EPR,
  SYSTEM_EVENT,
  S390_STSI,
  IOAPIC_EOI,
  HYPERV,
  ARM_NISV,
  X86_RDMSR,
  X86_WRMSR,
  DIRTY_RING_FULL,
  AP_RESET_HOLD,
  X86_BUS_LOCK,
  XEN,
  RISCV_SBI,
  RISCV_CSR,
  NOTIFY,
  /** A number that this list does not have. */
  OTHER;

  private static final KvmExitReason[] ALL = values();

  static KvmExitReason of(int number) {
    return number >= 0 && number < OTHER.ordinal() ? ALL[number] : OTHER;
  }
}
