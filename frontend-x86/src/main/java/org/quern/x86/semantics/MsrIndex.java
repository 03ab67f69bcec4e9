package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Generation;

/**
 * Indices of the model-specific registers, and which a model has. Source: SDM vol. 4, chapter 2.
 */
public final class MsrIndex {
  public static final int TSC = 0x10;
  public static final int PLATFORM_ID = 0x17;
  public static final int APIC_BASE = 0x1b;
  public static final int FEATURE_CONTROL = 0x3a;
  public static final int TSC_ADJUST = 0x3b;
  public static final int SPEC_CTRL = 0x48;
  public static final int PRED_CMD = 0x49;
  public static final int BIOS_UPDT_TRIG = 0x79;
  public static final int BIOS_SIGN_ID = 0x8b;
  public static final int MTRRCAP = 0xfe;
  public static final int ARCH_CAPABILITIES = 0x10a;
  public static final int SYSENTER_CS = 0x174;
  public static final int SYSENTER_ESP = 0x175;
  public static final int SYSENTER_EIP = 0x176;
  public static final int MCG_CAP = 0x179;
  public static final int MCG_STATUS = 0x17a;
  public static final int MISC_ENABLE = 0x1a0;
  public static final int DEBUGCTL = 0x1d9;
  public static final int MTRR_PHYSBASE0 = 0x200;
  public static final int MTRR_FIX64K = 0x250;
  public static final int MTRR_FIX16K = 0x258;
  public static final int MTRR_FIX4K = 0x268;
  public static final int PAT = 0x277;
  public static final int MTRR_DEF_TYPE = 0x2ff;
  public static final int MC0_CTL = 0x400;
  public static final int TSC_DEADLINE = 0x6e0;
  public static final int PKRS = 0x6e1;
  public static final int XSS = 0xda0;
  public static final int EFER = 0xc0000080;
  public static final int STAR = 0xc0000081;
  public static final int LSTAR = 0xc0000082;
  public static final int CSTAR = 0xc0000083;
  public static final int SFMASK = 0xc0000084;
  public static final int FS_BASE = 0xc0000100;
  public static final int GS_BASE = 0xc0000101;
  public static final int KERNEL_GS_BASE = 0xc0000102;
  public static final int TSC_AUX = 0xc0000103;

  private MsrIndex() {}

  /** Whether a model has an MSR; for one that is not listed here, whether any has it is open. */
  static boolean exists(Cpu c, int msr) {
    CpuModel m = c.model;
    return switch (msr) {
      case LSTAR, CSTAR, SFMASK, FS_BASE, GS_BASE, KERNEL_GS_BASE -> m.has(CpuFeature.LM);
      case STAR -> m.has(CpuFeature.SYSCALL);
      case EFER -> c.writable.efer() != 0;
      case SPEC_CTRL -> specCtrl(m) != 0;
      case TSC -> m.has(CpuFeature.TSC);
      case APIC_BASE -> m.has(CpuFeature.APIC);
      case TSC_DEADLINE -> m.has(CpuFeature.TSC_DEADLINE);
      case PLATFORM_ID, FEATURE_CONTROL, BIOS_UPDT_TRIG, MISC_ENABLE -> p6(m) && !m.amd();
      case BIOS_SIGN_ID, DEBUGCTL -> p6(m);
      case TSC_ADJUST -> m.has(CpuFeature.TSC_ADJUST);
      case PRED_CMD -> m.has(CpuFeature.SPEC_CTRL) || m.has(CpuFeature.IBPB);
      case ARCH_CAPABILITIES -> m.has(CpuFeature.ARCH_CAPABILITIES);
      case SYSENTER_CS, SYSENTER_ESP, SYSENTER_EIP -> m.has(CpuFeature.SEP);
      case MCG_CAP, MCG_STATUS -> m.has(CpuFeature.MCA);
      case PAT -> m.has(CpuFeature.PAT);
      case PKRS -> m.has(CpuFeature.PKS);
      case XSS -> m.has(CpuFeature.XSAVES);
      case TSC_AUX -> m.has(CpuFeature.RDTSCP) || m.has(CpuFeature.RDPID);
      default -> existsInArray(m, msr);
    };
  }

  private static boolean existsInArray(CpuModel m, int msr) {
    if ((msr >= MTRR_PHYSBASE0 && msr <= MTRR_DEF_TYPE) || msr == MTRRCAP) {
      return m.has(CpuFeature.MTRR);
    }
    if (msr >= MC0_CTL && msr < MC0_CTL + 4 * Msrs.MC_BANKS) {
      return m.has(CpuFeature.MCA);
    }
    return true;
  }

  private static boolean p6(CpuModel m) {
    return m.generation() == Generation.P6;
  }

  /** The bits of IA32_SPEC_CTRL that a model has: IBRS, STIBP, SSBD and BHI_DIS_S. */
  static long specCtrl(CpuModel m) {
    long v = 0;
    v |= m.has(CpuFeature.SPEC_CTRL) ? 3 : 0;
    v |= m.has(CpuFeature.IBRS) ? 1 : 0;
    v |= m.has(CpuFeature.STIBP) || m.has(CpuFeature.AMD_STIBP) ? 1 << 1 : 0;
    v |= m.has(CpuFeature.SSBD) || m.has(CpuFeature.AMD_SSBD) ? 1 << 2 : 0;
    v |= m.has(CpuFeature.BHI_CTRL) ? 1 << 10 : 0;
    return v;
  }
}
