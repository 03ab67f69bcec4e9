package org.quern.x86.vmx;

/** Bits of the VM-execution, VM-exit and VM-entry controls. Source: SDM vol. 3C, 25.6 to 25.8. */
public final class Controls {
  // ---- pin-based
  public static final int PIN_EXTERNAL_INTERRUPT = 1;
  public static final int PIN_NMI = 1 << 3;
  public static final int PIN_VIRTUAL_NMIS = 1 << 5;
  public static final int PIN_PREEMPTION_TIMER = 1 << 6;
  public static final int PIN_POSTED_INTERRUPTS = 1 << 7;

  // ---- primary processor-based
  public static final int INTERRUPT_WINDOW = 1 << 2;
  public static final int TSC_OFFSETTING = 1 << 3;
  public static final int HLT = 1 << 7;
  public static final int INVLPG = 1 << 9;
  public static final int MWAIT = 1 << 10;
  public static final int RDPMC = 1 << 11;
  public static final int RDTSC = 1 << 12;
  public static final int CR3_LOAD = 1 << 15;
  public static final int CR3_STORE = 1 << 16;
  public static final int CR8_LOAD = 1 << 19;
  public static final int CR8_STORE = 1 << 20;
  public static final int TPR_SHADOW = 1 << 21;
  public static final int NMI_WINDOW = 1 << 22;
  public static final int MOV_DR = 1 << 23;
  public static final int UNCONDITIONAL_IO = 1 << 24;
  public static final int IO_BITMAPS = 1 << 25;
  public static final int MONITOR_TRAP_FLAG = 1 << 27;
  public static final int MSR_BITMAPS = 1 << 28;
  public static final int MONITOR = 1 << 29;
  public static final int PAUSE = 1 << 30;
  public static final int SECONDARY = 1 << 31;

  // ---- secondary processor-based
  public static final int APIC_ACCESSES = 1;
  public static final int EPT = 1 << 1;
  public static final int DESCRIPTOR_TABLE = 1 << 2;
  public static final int RDTSCP = 1 << 3;
  public static final int X2APIC = 1 << 4;
  public static final int VPID = 1 << 5;
  public static final int WBINVD = 1 << 6;
  public static final int UNRESTRICTED_GUEST = 1 << 7;
  public static final int APIC_REGISTERS = 1 << 8;
  public static final int VIRTUAL_INTERRUPTS = 1 << 9;
  public static final int PAUSE_LOOP = 1 << 10;
  public static final int RDRAND = 1 << 11;
  public static final int INVPCID = 1 << 12;
  public static final int VM_FUNCTIONS = 1 << 13;
  public static final int VMCS_SHADOWING = 1 << 14;
  public static final int RDSEED = 1 << 16;
  public static final int MODIFICATION_LOG = 1 << 17;
  public static final int VIRTUALIZATION_EXCEPTION = 1 << 18;
  public static final int XSAVES = 1 << 20;
  public static final int EXECUTE_BY_MODE = 1 << 22;
  public static final int TSC_SCALING = 1 << 25;

  // ---- VM exit
  public static final int EXIT_SAVE_DEBUG = 1 << 2;
  public static final int EXIT_HOST_64 = 1 << 9;
  public static final int EXIT_ACKNOWLEDGE = 1 << 15;
  public static final int EXIT_SAVE_PAT = 1 << 18;
  public static final int EXIT_LOAD_PAT = 1 << 19;
  public static final int EXIT_SAVE_EFER = 1 << 20;
  public static final int EXIT_LOAD_EFER = 1 << 21;
  public static final int EXIT_SAVE_PREEMPTION_TIMER = 1 << 22;
  public static final int EXIT_LOAD_PKRS = 1 << 29;

  // ---- VM entry
  public static final int ENTRY_LOAD_DEBUG = 1 << 2;
  public static final int ENTRY_IA32E = 1 << 9;
  public static final int ENTRY_LOAD_PAT = 1 << 14;
  public static final int ENTRY_LOAD_EFER = 1 << 15;
  public static final int ENTRY_LOAD_PKRS = 1 << 22;

  // ---- VM functions
  public static final int EPTP_SWITCHING = 1;

  private Controls() {}
}
