package org.quern.x86.vmx;

/** Basic exit reasons that this model gives. Source: SDM vol. 3D, appendix C. */
public final class ExitReason {
  public static final int EXCEPTION_OR_NMI = 0;
  public static final int EXTERNAL_INTERRUPT = 1;
  public static final int TRIPLE_FAULT = 2;
  public static final int INIT = 3;
  public static final int SIPI = 4;
  public static final int INTERRUPT_WINDOW = 7;
  public static final int NMI_WINDOW = 8;
  public static final int TASK_SWITCH = 9;
  public static final int CPUID = 10;
  public static final int HLT = 12;
  public static final int INVD = 13;
  public static final int INVLPG = 14;
  public static final int RDPMC = 15;
  public static final int RDTSC = 16;
  public static final int VMCALL = 18;
  public static final int VMCLEAR = 19;
  public static final int VMLAUNCH = 20;
  public static final int VMPTRLD = 21;
  public static final int VMPTRST = 22;
  public static final int VMREAD = 23;
  public static final int VMRESUME = 24;
  public static final int VMWRITE = 25;
  public static final int VMXOFF = 26;
  public static final int VMXON = 27;
  public static final int CR_ACCESS = 28;
  public static final int DR_ACCESS = 29;
  public static final int IO_INSTRUCTION = 30;
  public static final int RDMSR = 31;
  public static final int WRMSR = 32;
  public static final int INVALID_GUEST_STATE = 33;
  public static final int MSR_LOADING = 34;
  public static final int MWAIT = 36;
  public static final int MONITOR_TRAP_FLAG = 37;
  public static final int MONITOR = 39;
  public static final int PAUSE = 40;
  public static final int TPR_BELOW_THRESHOLD = 43;
  public static final int APIC_ACCESS = 44;
  public static final int VIRTUALIZED_EOI = 45;
  public static final int GDTR_OR_IDTR = 46;
  public static final int LDTR_OR_TR = 47;
  public static final int EPT_VIOLATION = 48;
  public static final int EPT_MISCONFIGURATION = 49;
  public static final int INVEPT = 50;
  public static final int RDTSCP = 51;
  public static final int PREEMPTION_TIMER = 52;
  public static final int INVVPID = 53;
  public static final int WBINVD = 54;
  public static final int XSETBV = 55;
  public static final int APIC_WRITE = 56;
  public static final int RDRAND = 57;
  public static final int INVPCID = 58;
  public static final int VMFUNC = 59;
  public static final int RDSEED = 61;
  public static final int MODIFICATION_LOG_FULL = 62;
  public static final int XSAVES = 63;
  public static final int XRSTORS = 64;

  /** Set in the exit reason of a VM-entry failure. */
  public static final int ENTRY_FAILURE = 1 << 31;

  private ExitReason() {}
}
