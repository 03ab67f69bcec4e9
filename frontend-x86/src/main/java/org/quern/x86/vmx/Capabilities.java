package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.Cr;

/**
 * What the model offers: the VMX capability MSRs. A control bit that is not implemented is not
 * allowed to be 1 here, and VM entry checks with the same numbers. Source: SDM vol. 3D, appendix A.
 */
final class Capabilities {
  static final int FIRST_MSR = 0x480;
  static final int LAST_MSR = 0x491;

  // Bits that are 1 on processors without the "true" MSRs, and those that are 1 with them too.
  private static final int PIN_DEFAULT1 = 0x16;
  private static final int PRIMARY_DEFAULT1 = 0x0401e172;
  private static final int PRIMARY_TRUE1 = 0x04006172;
  private static final int EXIT_DEFAULT1 = 0x00036dff;
  private static final int EXIT_TRUE1 = 0x00036dfb;
  private static final int ENTRY_DEFAULT1 = 0x000011ff;
  private static final int ENTRY_TRUE1 = 0x000011fb;

  private static final int PIN =
      Controls.PIN_EXTERNAL_INTERRUPT
          | Controls.PIN_NMI
          | Controls.PIN_VIRTUAL_NMIS
          | Controls.PIN_PREEMPTION_TIMER
          | Controls.PIN_POSTED_INTERRUPTS;
  private static final int PRIMARY =
      Controls.INTERRUPT_WINDOW
          | Controls.TSC_OFFSETTING
          | Controls.HLT
          | Controls.INVLPG
          | Controls.MWAIT
          | Controls.RDPMC
          | Controls.RDTSC
          | Controls.CR3_LOAD
          | Controls.CR3_STORE
          | Controls.CR8_LOAD
          | Controls.CR8_STORE
          | Controls.TPR_SHADOW
          | Controls.NMI_WINDOW
          | Controls.MOV_DR
          | Controls.UNCONDITIONAL_IO
          | Controls.IO_BITMAPS
          | Controls.MONITOR_TRAP_FLAG
          | Controls.MSR_BITMAPS
          | Controls.MONITOR
          | Controls.PAUSE
          | Controls.SECONDARY;
  private static final int SECONDARY =
      Controls.APIC_ACCESSES
          | Controls.EPT
          | Controls.DESCRIPTOR_TABLE
          | Controls.X2APIC
          | Controls.VPID
          | Controls.WBINVD
          | Controls.UNRESTRICTED_GUEST
          | Controls.APIC_REGISTERS
          | Controls.VIRTUAL_INTERRUPTS
          | Controls.PAUSE_LOOP
          | Controls.VM_FUNCTIONS
          | Controls.VMCS_SHADOWING
          | Controls.MODIFICATION_LOG
          | Controls.VIRTUALIZATION_EXCEPTION
          | Controls.EXECUTE_BY_MODE
          | Controls.TSC_SCALING;
  private static final int EXIT =
      Controls.EXIT_SAVE_DEBUG
          | Controls.EXIT_HOST_64
          | Controls.EXIT_ACKNOWLEDGE
          | Controls.EXIT_SAVE_PAT
          | Controls.EXIT_LOAD_PAT
          | Controls.EXIT_SAVE_EFER
          | Controls.EXIT_LOAD_EFER
          | Controls.EXIT_SAVE_PREEMPTION_TIMER;
  private static final int ENTRY =
      Controls.ENTRY_LOAD_DEBUG
          | Controls.ENTRY_IA32E
          | Controls.ENTRY_LOAD_PAT
          | Controls.ENTRY_LOAD_EFER;

  /** Region of 4 KiB, write-back, INS and OUTS give information, the "true" MSRs exist. */
  private static final long BASIC =
      Vmcs.REVISION | (long) Vmcs.BYTES << 32 | 6L << 50 | 1L << 54 | 1L << 55;

  // IA32_VMX_MISC: appendix A.6.
  private static final int MISC_STORES_LMA = 1 << 5;
  private static final int MISC_HLT = 1 << 6;
  private static final int MISC_WAIT_FOR_SIPI = 1 << 8;
  private static final int MISC_WRITES_ANY_FIELD = 1 << 29;

  static final int CR3_TARGETS = 4;

  /** Entries of an MSR list; IA32_VMX_MISC bits 25 to 27 are 0. */
  static final int MSR_LIST_MAX = 512;

  // IA32_VMX_EPT_VPID_CAP: appendix A.10. Execute-only, 4 levels, UC, WB, 2 MiB, 1 GiB, INVEPT,
  // accessed and dirty flags, both INVEPT types; INVVPID and its four types.
  private static final long EPT_VPID =
      1 | 1 << 6 | 1 << 8 | 1 << 14 | 1 << 16 | 1 << 17 | 1 << 20 | 1 << 21 | 1 << 25 | 1 << 26
          | 1L << 32 | 15L << 40;

  static final long CR0_FIXED0 = Cr.CR0_PE | Cr.CR0_NE | Cr.CR0_PG;
  static final long CR0_FIXED1 = 0xffffffffL;
  static final long CR4_FIXED0 = Cr.CR4_VMXE;

  private Capabilities() {}

  private static int secondary(Cpu c) {
    int s = SECONDARY;
    s |= c.model.has(CpuFeature.RDTSCP) || c.model.has(CpuFeature.RDPID) ? Controls.RDTSCP : 0;
    s |= c.model.has(CpuFeature.RDRAND) ? Controls.RDRAND : 0;
    s |= c.model.has(CpuFeature.RDSEED) ? Controls.RDSEED : 0;
    s |= c.model.has(CpuFeature.XSAVES) ? Controls.XSAVES : 0;
    return s | (c.model.has(CpuFeature.INVPCID) ? Controls.INVPCID : 0);
  }

  private static int exit(Cpu c) {
    return EXIT | (c.model.has(CpuFeature.PKS) ? Controls.EXIT_LOAD_PKRS : 0);
  }

  private static int entry(Cpu c) {
    return ENTRY | (c.model.has(CpuFeature.PKS) ? Controls.ENTRY_LOAD_PKRS : 0);
  }

  /** Low half: bits that must be 1; high half: bits that may be 1. */
  private static long pair(int must, int may) {
    return must & 0xffffffffL | (long) (must | may) << 32;
  }

  /** Reads one of {@link #FIRST_MSR} to {@link #LAST_MSR}. */
  static long read(Cpu c, int msr) {
    return switch (msr - FIRST_MSR) {
      case 0 -> BASIC;
      case 1, 0xd -> pair(PIN_DEFAULT1, PIN);
      case 2 -> pair(PRIMARY_DEFAULT1, PRIMARY);
      case 3 -> pair(EXIT_DEFAULT1, exit(c));
      case 4 -> pair(ENTRY_DEFAULT1, entry(c));
      case 5 ->
          PreemptionTimer.RATE
              | MISC_STORES_LMA
              | MISC_HLT
              | MISC_WAIT_FOR_SIPI
              | CR3_TARGETS << 16
              | MISC_WRITES_ANY_FIELD;
      case 6 -> CR0_FIXED0;
      case 7 -> CR0_FIXED1;
      case 8 -> CR4_FIXED0;
      case 9 -> c.writable.cr4();
      case 0xa -> (long) VmcsField.HIGHEST_INDEX << 1;
      case 0xb -> pair(0, secondary(c));
      case 0xc -> EPT_VPID;
      case 0xe -> pair(PRIMARY_TRUE1, PRIMARY | PRIMARY_DEFAULT1);
      case 0xf -> pair(EXIT_TRUE1, exit(c) | EXIT_DEFAULT1);
      case 0x10 -> pair(ENTRY_TRUE1, entry(c) | ENTRY_DEFAULT1);
      default -> Controls.EPTP_SWITCHING;
    };
  }

  /** Whether a control field has only allowed settings, by the "true" MSR of that field. */
  static boolean allowed(Cpu c, int msr, int v) {
    long caps = read(c, msr);
    return ((int) caps & ~v) == 0 && (v & ~(int) (caps >>> 32)) == 0;
  }
}
