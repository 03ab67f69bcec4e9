package org.quern.x86.semantics;

import static org.quern.x86.semantics.StateComponents.AVX;
import static org.quern.x86.semantics.StateComponents.BASE_BYTES;
import static org.quern.x86.semantics.StateComponents.PKRU;
import static org.quern.x86.semantics.StateComponents.SSE;
import static org.quern.x86.semantics.StateComponents.X87;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * The XSAVE feature set: XSAVE, XSAVEOPT, XSAVEC, XSAVES, XRSTOR, XRSTORS, XGETBV and XSETBV.
 * XSAVEOPT leaves components in their initial configuration out, but not those that are only
 * unmodified, which the architecture allows. Source: SDM vol. 1, 13.3 and 13.7 to 13.12.
 */
final class Xsave {
  // The header
  private static final int XSTATE_BV = 512;
  private static final int XCOMP_BV = 520;
  private static final int RESERVED = 528;
  private static final int HEADER_END = 576;

  /** Bit of XCOMP_BV: the area has the compacted format. */
  private static final long COMPACTED = 1L << 63;

  private Xsave() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case XSAVE -> (c, i) -> saveStandard(c, i, false);
      case XSAVEOPT -> (c, i) -> saveStandard(c, i, true);
      case XSAVEC -> (c, i) -> saveCompacted(c, i, requested(c, c.xcr0));
      case XSAVES -> Xsave::xsaves;
      case XRSTOR -> Xsave::xrstor;
      case XRSTORS -> Xsave::xrstors;
      case XGETBV -> Xsave::xgetbv;
      case XSETBV -> Xsave::xsetbv;
      default -> null;
    };
  }

  // ---- XCR0

  private static void checkOsxsave(Cpu c) {
    if ((c.cr4 & Cr.CR4_OSXSAVE) == 0) {
      throw c.ud();
    }
  }

  private static void xgetbv(Cpu c, Insn i) {
    checkOsxsave(c);
    int index = (int) c.gpr[Reg.RCX];
    if (index > 1 || index < 0 || (index == 1 && !c.model.has(CpuFeature.XGETBV1))) {
      throw c.gp(0);
    }
    long v = c.xcr0;
    if (index == 1) {
      v &= StateComponents.inUse(c) | (mxcsrInUse(c) ? SSE : 0);
    }
    c.gpr[Reg.RAX] = v & 0xffffffffL;
    c.gpr[Reg.RDX] = v >>> 32;
  }

  private static void xsetbv(Cpu c, Insn i) {
    checkOsxsave(c);
    ControlRegs.privileged(c);
    if (c.nonRoot != null) {
      throw c.nonRoot.always(i);
    }
    long v = c.gpr[Reg.RAX] & 0xffffffffL | c.gpr[Reg.RDX] << 32;
    boolean avxWithoutSse = (v & (SSE | AVX)) == AVX;
    if ((int) c.gpr[Reg.RCX] != 0
        || (v & X87) == 0
        || (v & ~StateComponents.user(c.model)) != 0
        || avxWithoutSse) {
      throw c.gp(0);
    }
    c.xcr0 = v;
  }

  private static boolean mxcsrInUse(Cpu c) {
    return c.mxcsr != ExtendedState.MXCSR_DEFAULT;
  }

  /** Checks that the instructions are on; the requested-feature bitmap: EDX:EAX of {@code all}. */
  private static long requested(Cpu c, long all) {
    checkOsxsave(c);
    if ((c.cr0 & Cr.CR0_TS) != 0) {
      throw c.nm();
    }
    return (c.gpr[Reg.RAX] & 0xffffffffL | c.gpr[Reg.RDX] << 32) & all;
  }

  private static void privileged(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.checkEnabled(i);
    }
    checkOsxsave(c);
    ControlRegs.privileged(c);
    if (c.nonRoot != null) {
      c.nonRoot.components(i, c.gpr[Reg.RAX] & 0xffffffffL | c.gpr[Reg.RDX] << 32);
    }
  }

  // ---- saving

  private static void saveStandard(Cpu c, Insn i, boolean optimized) {
    long mask = requested(c, c.xcr0);
    long used = StateComponents.inUse(c);
    long la = writeArea(c, i);
    long save = optimized ? mask & used : mask;
    probe(c, i, la, save, 0, true);
    long others = c.mmu.read64(la + XSTATE_BV) & ~mask;
    if ((mask & (SSE | AVX)) != 0) {
      ExtendedState.saveMxcsr(c, la);
    }
    saveComponents(c, i, la, save, 0);
    c.mmu.write64(la + XSTATE_BV, others | mask & used);
  }

  private static void xsaves(Cpu c, Insn i) {
    privileged(c, i);
    saveCompacted(c, i, requested(c, c.xcr0 | c.msr.xss));
  }

  private static void saveCompacted(Cpu c, Insn i, long mask) {
    long used = StateComponents.inUse(c) | (mxcsrInUse(c) ? SSE : 0);
    long la = writeArea(c, i);
    long save = mask & used;
    long format = mask | COMPACTED;
    probe(c, i, la, save, format, true);
    if ((save & SSE) != 0) {
      ExtendedState.saveMxcsr(c, la);
    }
    saveComponents(c, i, la, save, format);
    c.mmu.write64(la + XSTATE_BV, save);
    c.mmu.write64(la + XCOMP_BV, format);
  }

  private static void saveComponents(Cpu c, Insn i, long la, long save, long format) {
    if ((save & X87) != 0) {
      ExtendedState.saveX87(c, la, i.opSize == 64);
    }
    if ((save & SSE) != 0) {
      ExtendedState.saveXmm(c, la);
    }
    if ((save & AVX) != 0) {
      saveUpperHalves(c, la + offset(AVX, format));
    }
    if ((save & PKRU) != 0) {
      c.mmu.write64(la + offset(PKRU, format), c.pkru & 0xffffffffL);
    }
  }

  private static void saveUpperHalves(Cpu c, long at) {
    int count = c.longMode ? 16 : 8;
    for (int r = 0; r < count; r++) {
      c.mmu.write64(at + 16L * r, c.vec[r * 4 + 2]);
      c.mmu.write64(at + 16L * r + 8, c.vec[r * 4 + 3]);
    }
  }

  // ---- restoring

  private static void xrstor(Cpu c, Insn i) {
    long mask = requested(c, c.xcr0);
    long la = readArea(c, i);
    long present = c.mmu.read64(la + XSTATE_BV);
    long format = c.mmu.read64(la + XCOMP_BV);
    if (format < 0) {
      if (!c.model.has(CpuFeature.XSAVEC)) {
        throw c.gp(0);
      }
      checkCompacted(c, la, present, format, c.xcr0);
      restore(c, i, la, mask, present, format);
    } else {
      if (format != 0 || c.mmu.read64(la + RESERVED) != 0 || (present & ~c.xcr0) != 0) {
        throw c.gp(0);
      }
      restore(c, i, la, mask, present, 0);
    }
  }

  private static void xrstors(Cpu c, Insn i) {
    privileged(c, i);
    long all = c.xcr0 | c.msr.xss;
    long mask = requested(c, all);
    long la = readArea(c, i);
    long present = c.mmu.read64(la + XSTATE_BV);
    long format = c.mmu.read64(la + XCOMP_BV);
    checkCompacted(c, la, present, format, all);
    restore(c, i, la, mask, present, format);
  }

  private static void checkCompacted(Cpu c, long la, long present, long format, long all) {
    boolean bad = format >= 0 || (format & ~COMPACTED & ~all) != 0 || (present & ~format) != 0;
    for (int at = RESERVED; at < HEADER_END; at += 8) {
      bad |= c.mmu.read64(la + at) != 0;
    }
    if (bad || (present & COMPACTED) != 0) {
      throw c.gp(0);
    }
  }

  private static void restore(Cpu c, Insn i, long la, long mask, long present, long format) {
    long load = mask & present;
    probe(c, i, la, load, format, false);
    // The standard format has MXCSR beside the components, the compacted one in SSE's.
    boolean loadMxcsr = format == 0 ? (mask & (SSE | AVX)) != 0 : (load & SSE) != 0;
    int mxcsr = c.mxcsr;
    if (loadMxcsr) {
      mxcsr = ExtendedState.checkedMxcsr(c, c.mmu.read32(la + ExtendedState.MXCSR));
    } else if ((mask & SSE) != 0) {
      mxcsr = ExtendedState.MXCSR_DEFAULT;
    }
    if ((load & X87) != 0) {
      ExtendedState.loadX87(c, la, i.opSize == 64);
    } else if ((mask & X87) != 0) {
      ExtendedState.clearX87(c.fpu);
    }
    if ((load & SSE) != 0) {
      ExtendedState.loadXmm(c, la);
    } else if ((mask & SSE) != 0) {
      ExtendedState.clearXmm(c);
    }
    if ((mask & AVX) != 0) {
      restoreUpperHalves(c, la + offset(AVX, format), (load & AVX) != 0);
    }
    c.mxcsr = mxcsr;
    if ((mask & PKRU) != 0) {
      // Last: it may take the right to read the area away.
      ProtectionKeys.set(c, (load & PKRU) != 0 ? c.mmu.read32(la + offset(PKRU, format)) : 0);
    }
  }

  private static void restoreUpperHalves(Cpu c, long at, boolean load) {
    int count = c.longMode ? 16 : 8;
    for (int r = 0; r < count; r++) {
      c.vec[r * 4 + 2] = load ? c.mmu.read64(at + 16L * r) : 0;
      c.vec[r * 4 + 3] = load ? c.mmu.read64(at + 16L * r + 8) : 0;
    }
  }

  // ---- the area

  /** Offset of a component of the extended region; a {@code format} of 0 is the standard one. */
  private static int offset(long component, long format) {
    int n = Long.numberOfTrailingZeros(component);
    return format == 0
        ? StateComponents.standardOffset(n)
        : StateComponents.compactedOffset(n, format);
  }

  private static long writeArea(Cpu c, Insn i) {
    return aligned(c, Operands.writeAddress(c, i, BASE_BYTES));
  }

  private static long readArea(Cpu c, Insn i) {
    long la = aligned(c, Operands.readAddress(c, i, BASE_BYTES));
    ExtendedState.probeRead(c, la, BASE_BYTES);
    return la;
  }

  private static long aligned(Cpu c, long la) {
    if ((la & 63) != 0) {
      throw c.gp(0);
    }
    return la;
  }

  /** All faults come before the first effect. */
  private static void probe(Cpu c, Insn i, long la, long components, long format, boolean write) {
    probePart(c, la, BASE_BYTES, write);
    for (long rest = components & ~(X87 | SSE); rest != 0; rest &= rest - 1) {
      long component = Long.lowestOneBit(rest);
      int bytes = StateComponents.size(Long.numberOfTrailingZeros(component));
      long at = Operands.effective(c, i) + offset(component, format);
      long part =
          write
              ? Segmentation.write(c, i.segment, at, bytes)
              : Segmentation.read(c, i.segment, at, bytes);
      probePart(c, part, bytes, write);
    }
  }

  private static void probePart(Cpu c, long la, int bytes, boolean write) {
    int edge = Math.min(bytes, 16);
    if (write) {
      c.mmu.probeWrite(la, edge);
      c.mmu.probeWrite(la + bytes - edge, edge);
    } else {
      c.mmu.probeRead(la, edge);
      c.mmu.probeRead(la + bytes - edge, edge);
    }
  }
}
