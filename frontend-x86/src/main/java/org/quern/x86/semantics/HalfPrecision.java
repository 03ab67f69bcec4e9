package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;

/**
 * F16C: conversions between binary16 and binary32. DAZ does not count for binary16 operands, which
 * raise no DE, nor FTZ for binary16 results. Source: SDM vol. 1, 14.4; vol. 2C, VCVTPH2PS,
 * VCVTPS2PH.
 */
public final class HalfPrecision {
  /** Bit of the immediate: MXCSR has the rounding mode, not bits 0 and 1. */
  private static final int BY_MXCSR = 4;

  private HalfPrecision() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case VCVTPH2PS -> HalfPrecision::vcvtph2ps;
      case VCVTPS2PH -> HalfPrecision::vcvtps2ph;
      default -> null;
    };
  }

  /** A binary16 as binary32: always exact. */
  public static int widen(Cpu c, int a) {
    SoftFloat f = SseMath.control(c);
    f.a.set16(a);
    f.a.denormal = false;
    f.convert();
    return SseMath.rounded32(f);
  }

  /** A binary32 as binary16, zero-extended; {@code imm} is the instruction's immediate. */
  public static int narrow(Cpu c, int a, int imm) {
    SoftFloat f = SseMath.load32(c, a, 0);
    if ((imm & BY_MXCSR) == 0) {
      f.rounding = imm & 3;
    }
    f.flushToZero = false;
    f.convert();
    f.round(Format.BINARY16);
    f.accrued |= f.flags;
    return f.r.to16();
  }

  private static void vcvtph2ps(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1, 4 * VexOperands.lanes(i));
    long lo = c.vec[b];
    long hi = c.vec[b + 1];
    long r0 = widenPair(c, lo);
    long r1 = widenPair(c, lo >>> 32);
    long r2 = i.vexL == 0 ? 0 : widenPair(c, hi);
    long r3 = i.vexL == 0 ? 0 : widenPair(c, hi >>> 32);
    SseMath.finish(c);
    VexOperands.set(c, i, r0, r1, r2, r3);
  }

  private static long widenPair(Cpu c, long v) {
    int low = widen(c, (int) v & 0xffff);
    int high = widen(c, (int) v >>> 16);
    return low & 0xffffffffL | (long) high << 32;
  }

  private static void vcvtps2ph(Cpu c, Insn i) {
    VexOperands.check(c);
    int a = i.op1.reg() * 4;
    int imm = (int) i.imm;
    int bytes = i.vexL == 0 ? 8 : 16;
    long la = 0;
    if (i.op0.isMem()) {
      // First: exceptions of the arithmetic must not outlive a fault.
      la = Operands.writeAddress(c, i, bytes);
      c.mmu.probeWrite(la, bytes);
    }
    long lo = narrowPair(c, c.vec[a], imm) | narrowPair(c, c.vec[a + 1], imm) << 32;
    long hi = 0;
    if (i.vexL != 0) {
      hi = narrowPair(c, c.vec[a + 2], imm) | narrowPair(c, c.vec[a + 3], imm) << 32;
    }
    if (!i.op0.isMem()) {
      SseMath.finish(c);
      VexOperands.set128(c, i, lo, hi);
      return;
    }
    SseMath.finish(c);
    if (i.vexL == 0) {
      c.mmu.write64(la, lo);
    } else {
      SimdAccess.write128(c, la, lo, hi);
    }
  }

  private static long narrowPair(Cpu c, long v, int imm) {
    return narrow(c, (int) v, imm) | (long) narrow(c, (int) (v >>> 32), imm) << 16;
  }
}
