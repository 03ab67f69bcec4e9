package org.quern.x86.semantics;

import static org.quern.x86.semantics.MsrIndex.*;

import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.Cr;
import org.quern.x86.state.MsrFile;
import org.quern.x86.state.Reg;
import org.quern.x86.vmx.Vmx;

/**
 * RDMSR and WRMSR. An index that is not listed raises #GP(0), as does a value hardware would
 * refuse. Source: SDM vol. 4, chapter 2; vol. 3A, 12.11 (MTRRs), 16.3 (machine check).
 */
public final class Msrs {
  // AMD APM vol. 2, appendix A; answered only by models that call themselves AMD's.
  private static final int AMD_PERF_FIRST = 0xc0010000;
  private static final int AMD_PERF_LAST = 0xc0010007;
  private static final int AMD_SYSCFG = 0xc0010010;
  private static final int AMD_HWCR = 0xc0010015;
  private static final int AMD_TOP_MEM = 0xc001001a;
  private static final int AMD_TOP_MEM2 = 0xc001001d;
  private static final int AMD_NB_CFG = 0xc001001f;
  private static final int AMD_PATCH_LOADER = 0xc0010020;
  private static final int AMD_INT_PENDING = 0xc0010055;
  private static final int AMD_LS_CFG = 0xc0011020;
  private static final int AMD_BU_CFG = 0xc0011023;
  private static final int AMD_DE_CFG = 0xc0011029;

  /** Eight variable ranges, fixed ranges, write-combining. */
  private static final long MTRRCAP_VALUE = 0x508;

  /** Locked, nothing enabled. */
  private static final long FEATURE_CONTROL_VALUE = 1;

  /**
   * Immunity to the speculative-execution defects that models say nothing of, which is true of an
   * emulator: SBDR, FBSDP, PSDP, BHI, PBRSB, GDS, RFDS and ITS. The model has the other bits.
   */
  private static final long ARCH_CAPABILITIES_ALWAYS =
      7 << 13 | 1 << 20 | 1 << 24 | 1 << 26 | 1 << 27 | 1L << 62;

  /** BTS and PEBS unavailable. */
  private static final long MISC_ENABLE_FIXED = 3 << 11;

  /** LBR and BTF: accepted, without effect and read as zero. */
  private static final long DEBUGCTL_IGNORED = 3;

  /** Microcode revision 1, in the upper half. */
  private static final long MICROCODE = 1L << 32;

  /** LFENCE is serializing. */
  private static final long AMD_DE_CFG_VALUE = 2;

  static final int MC_BANKS = 4;

  private Msrs() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case RDMSR -> Msrs::rdmsr;
      case WRMSR -> Msrs::wrmsr;
      default -> null;
    };
  }

  static void rdmsr(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    int msr = (int) c.gpr[Reg.RCX];
    if (c.nonRoot != null) {
      c.nonRoot.msr(msr, false);
    }
    boolean virtual = c.nonRoot != null && c.nonRoot.ownsMsr(msr, false);
    long v = virtual ? c.nonRoot.readMsr(msr) : read(c, msr);
    if (msr == TSC && c.nonRoot != null) {
      v = c.nonRoot.tsc(v);
    }
    c.gpr[Reg.RAX] = v & 0xffffffffL;
    c.gpr[Reg.RDX] = v >>> 32;
  }

  static void wrmsr(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    int msr = (int) c.gpr[Reg.RCX];
    if (c.nonRoot != null) {
      c.nonRoot.msr(msr, true);
    }
    long v = c.gpr[Reg.RAX] & 0xffffffffL | c.gpr[Reg.RDX] << 32;
    if (c.nonRoot != null && c.nonRoot.ownsMsr(msr, true)) {
      c.nonRoot.writeMsr(msr, v);
    } else {
      write(c, msr, v);
    }
  }

  /** Reads an MSR as RDMSR at CPL 0 does. */
  public static long read(Cpu c, int msr) {
    if (!exists(c, msr)) {
      throw c.gp(0);
    }
    if (LocalInterrupts.ownsMsr(msr)) {
      try {
        return msr == TSC_DEADLINE ? deadline(c) : c.interrupts.readMsr(msr);
      } catch (LocalInterrupts.InvalidMsrAccess e) {
        throw c.gp(0);
      }
    }
    MsrFile f = c.msr;
    return switch (msr) {
      case TSC -> c.time.tsc() + f.tscAdjust;
      case PLATFORM_ID -> 0;
      case FEATURE_CONTROL -> c.vmx == null ? FEATURE_CONTROL_VALUE : c.vmx.featureControl();
      case TSC_ADJUST -> f.tscAdjust;
      case SPEC_CTRL -> f.specCtrl;
      case BIOS_SIGN_ID -> MICROCODE;
      case MTRRCAP -> MTRRCAP_VALUE;
      case ARCH_CAPABILITIES -> ARCH_CAPABILITIES_ALWAYS | c.model.cpuidWord(msr, 0, 'm');
      case SYSENTER_CS -> f.sysenterCs;
      case SYSENTER_ESP -> f.sysenterEsp;
      case SYSENTER_EIP -> f.sysenterEip;
      case MCG_CAP -> MC_BANKS;
      case MCG_STATUS -> f.mcgStatus;
      case MISC_ENABLE -> f.miscEnable | MISC_ENABLE_FIXED;
      case DEBUGCTL -> 0;
      case PAT -> f.pat;
      case PKRS -> f.pkrs & 0xffffffffL;
      case XSS -> f.xss;
      case MTRR_DEF_TYPE -> f.mtrrDefType;
      case EFER -> c.efer;
      case STAR -> f.star;
      case LSTAR -> f.lstar;
      case CSTAR -> f.cstar;
      case SFMASK -> f.sfmask;
      case FS_BASE -> c.seg[Reg.FS].base;
      case GS_BASE -> c.seg[Reg.GS].base;
      case KERNEL_GS_BASE -> f.kernelGsBase;
      case TSC_AUX -> f.tscAux;
      case AMD_DE_CFG -> amd(c, AMD_DE_CFG_VALUE);
      default ->
          c.vmx != null && Vmx.ownsMsr(msr)
              ? c.vmx.capability(msr)
              : amdZero(msr) ? amd(c, 0) : readArray(c, msr);
    };
  }

  private static long amd(Cpu c, long v) {
    if (!c.model.amd()) {
      throw c.gp(0);
    }
    return v;
  }

  private static long readArray(Cpu c, int msr) {
    int fixed = fixedRange(msr);
    if (fixed >= 0) {
      return c.msr.mtrrFixed[fixed];
    }
    if (variableRange(msr)) {
      return c.msr.mtrrVariable[msr - MTRR_PHYSBASE0];
    }
    if (bankRegister(msr)) {
      return c.msr.mcBanks[msr - MC0_CTL];
    }
    throw c.gp(0);
  }

  private static boolean variableRange(int msr) {
    return msr >= MTRR_PHYSBASE0 && msr < MTRR_PHYSBASE0 + 16;
  }

  private static boolean bankRegister(int msr) {
    return msr >= MC0_CTL && msr < MC0_CTL + 4 * MC_BANKS;
  }

  /** Index into {@code mtrrFixed}, or -1. */
  private static int fixedRange(int msr) {
    if (msr == MTRR_FIX64K) {
      return 0;
    }
    if (msr == MTRR_FIX16K || msr == MTRR_FIX16K + 1) {
      return 1 + msr - MTRR_FIX16K;
    }
    return msr >= MTRR_FIX4K && msr < MTRR_FIX4K + 8 ? 3 + msr - MTRR_FIX4K : -1;
  }

  // ---- the APIC timer's deadline, which counts the guest's TSC and not the machine's: SDM vol.
  // 3A, 11.5.4.1

  private static long deadline(Cpu c) throws LocalInterrupts.InvalidMsrAccess {
    long v = c.interrupts.readMsr(TSC_DEADLINE);
    return v == 0 ? 0 : v + c.msr.tscAdjust;
  }

  private static void setDeadline(Cpu c, long v) throws LocalInterrupts.InvalidMsrAccess {
    long machine = v == 0 ? 0 : v - c.msr.tscAdjust;
    if (v != 0 && Long.compareUnsigned(v, c.time.tsc() + c.msr.tscAdjust) <= 0) {
      machine = 1; // over already, even where the difference has wrapped
    }
    c.interrupts.writeMsr(TSC_DEADLINE, machine);
  }

  /** Moves the guest's TSC; a deadline that is waited for stays where it is in that TSC. */
  private static void adjustTsc(Cpu c, long adjust) {
    try {
      long waiting = c.model.has(CpuFeature.TSC_DEADLINE) ? deadline(c) : 0;
      c.msr.tscAdjust = adjust;
      if (waiting != 0) {
        setDeadline(c, waiting);
      }
    } catch (LocalInterrupts.InvalidMsrAccess e) {
      c.msr.tscAdjust = adjust; // an APIC without this timer
    }
  }

  /** Writes an MSR as WRMSR at CPL 0 does. */
  public static void write(Cpu c, int msr, long v) {
    if (!exists(c, msr)) {
      throw c.gp(0);
    }
    if (LocalInterrupts.ownsMsr(msr)) {
      try {
        if (msr == TSC_DEADLINE) {
          setDeadline(c, v);
        } else {
          c.interrupts.writeMsr(msr, v);
        }
      } catch (LocalInterrupts.InvalidMsrAccess e) {
        throw c.gp(0);
      }
      return;
    }
    MsrFile f = c.msr;
    switch (msr) {
      case TSC -> adjustTsc(c, v - c.time.tsc());
      case TSC_ADJUST -> adjustTsc(c, v);
      case FEATURE_CONTROL -> {
        if (c.vmx == null) {
          throw c.gp(0);
        }
        c.vmx.featureControl(v);
      }
      case SPEC_CTRL -> f.specCtrl = masked(c, v, specCtrl(c.model));
      case PRED_CMD -> masked(c, v, 1);
      case BIOS_UPDT_TRIG, BIOS_SIGN_ID -> {
        // No microcode to load; the revision reads the same for ever.
      }
      case SYSENTER_CS -> f.sysenterCs = v;
      case SYSENTER_ESP -> f.sysenterEsp = canonical(c, v);
      case SYSENTER_EIP -> f.sysenterEip = canonical(c, v);
      case MCG_STATUS -> f.mcgStatus = masked(c, v, 7);
      case MISC_ENABLE -> f.miscEnable = v;
      case DEBUGCTL -> masked(c, v, DEBUGCTL_IGNORED);
      case PAT -> f.pat = checkPat(c, v);
      case PKRS -> ProtectionKeys.setSupervisor(c, (int) masked(c, v, 0xffffffffL));
      case XSS -> f.xss = masked(c, v, StateComponents.supervisor());
      case MTRR_DEF_TYPE -> {
        checkType(c, v);
        f.mtrrDefType = masked(c, v, 0xcff);
      }
      case EFER -> writeEfer(c, v);
      case STAR -> f.star = v;
      case LSTAR -> f.lstar = canonical(c, v);
      case CSTAR -> f.cstar = canonical(c, v);
      case SFMASK -> f.sfmask = v & 0xffffffffL;
      case FS_BASE -> c.seg[Reg.FS].base = canonical(c, v);
      case GS_BASE -> c.seg[Reg.GS].base = canonical(c, v);
      case KERNEL_GS_BASE -> f.kernelGsBase = canonical(c, v);
      case TSC_AUX -> f.tscAux = masked(c, v, 0xffffffffL);
      case AMD_DE_CFG -> amd(c, 0);
      default -> {
        if (amdZero(msr)) {
          amd(c, 0);
        } else {
          writeArray(c, msr, v);
        }
      }
    }
  }

  /**
   * Registers of AMD's that read as zero and ignore writes: they configure what is not there
   * (performance counters, north bridge, microcode, power states).
   */
  private static boolean amdZero(int msr) {
    return switch (msr) {
      case AMD_SYSCFG,
          AMD_HWCR,
          AMD_TOP_MEM,
          AMD_TOP_MEM2,
          AMD_NB_CFG,
          AMD_PATCH_LOADER,
          AMD_INT_PENDING ->
          true;
      default ->
          (msr >= AMD_PERF_FIRST && msr <= AMD_PERF_LAST)
              || (msr >= AMD_LS_CFG && msr <= AMD_BU_CFG);
    };
  }

  private static void writeArray(Cpu c, int msr, long v) {
    int fixed = fixedRange(msr);
    if (fixed >= 0) {
      for (int i = 0; i < 8; i++) {
        checkType(c, v >>> 8 * i);
      }
      c.msr.mtrrFixed[fixed] = v;
    } else if (variableRange(msr)) {
      long address = (1L << c.model.physicalBits()) - 1 & -4096;
      if ((msr & 1) == 0) {
        checkType(c, v);
        c.msr.mtrrVariable[msr - MTRR_PHYSBASE0] = masked(c, v, address | 0xff);
      } else {
        c.msr.mtrrVariable[msr - MTRR_PHYSBASE0] = masked(c, v, address | 0x800);
      }
    } else if (bankRegister(msr)) {
      // CTL takes all zeros or all ones, STATUS can only be cleared.
      int register = msr & 3;
      if (v != 0 && (register == 1 || (register == 0 && v != -1))) {
        throw c.gp(0);
      }
      c.msr.mcBanks[msr - MC0_CTL] = v;
    } else {
      throw c.gp(0);
    }
  }

  private static long canonical(Cpu c, long v) {
    if (!Segmentation.canonicalBase(c, v)) {
      throw c.gp(0);
    }
    return v;
  }

  /** {@code v}, or #GP(0) if it has bits outside {@code mask}. */
  private static long masked(Cpu c, long v, long mask) {
    if ((v & ~mask) != 0) {
      throw c.gp(0);
    }
    return v;
  }

  /** Memory types of MTRRs: UC, WC, WT, WP, WB. */
  private static void checkType(Cpu c, long v) {
    int type = (int) v & 0xff;
    if (type > 6 || type == 2 || type == 3) {
      throw c.gp(0);
    }
  }

  /** PAT entries are memory types or UC-. */
  private static long checkPat(Cpu c, long v) {
    for (int i = 0; i < 8; i++) {
      long type = v >>> 8 * i & 0xff;
      if (type != 7) {
        checkType(c, type);
      }
    }
    return v;
  }

  private static void writeEfer(Cpu c, long v) {
    long allowed = c.writable.efer();
    masked(c, v, c.msr.executeDisableOff() ? allowed & ~Cr.EFER_NXE : allowed);
    long changed = c.efer ^ v;
    if ((changed & Cr.EFER_LME) != 0 && (c.cr0 & Cr.CR0_PG) != 0) {
      throw c.gp(0);
    }
    // LMA follows paging, whatever is written.
    c.efer = v & ~Cr.EFER_LMA | c.efer & Cr.EFER_LMA;
    if ((changed & Cr.EFER_NXE) != 0) {
      c.mmu.flushAll();
    }
  }
}
