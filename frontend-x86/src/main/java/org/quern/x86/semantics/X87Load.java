package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/** x87 loads: real, integer and BCD operands, registers and constants. */
public final class X87Load {
  private X87Load() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FLD -> X87Load::fld;
      case FILD -> X87Load::fild;
      case FBLD -> X87Load::fbld;
      case FLDZ -> (c, i) -> constant(c, i, 0, 0, false);
      case FLD1 -> (c, i) -> constant(c, i, 0x3fff, 0x8000000000000000L, false);
      // Significands truncated to 64 bits, and whether nearest is one more.
      case FLDL2T -> (c, i) -> constant(c, i, 0x4000, 0xd49a784bcd1b8afeL, false);
      case FLDL2E -> (c, i) -> constant(c, i, 0x3fff, 0xb8aa3b295c17f0bbL, true);
      case FLDPI -> (c, i) -> constant(c, i, 0x4000, 0xc90fdaa22168c234L, true);
      case FLDLG2 -> (c, i) -> constant(c, i, 0x3ffd, 0x9a209a84fbcff798L, true);
      case FLDLN2 -> (c, i) -> constant(c, i, 0x3ffe, 0xb17217f7d1cf79abL, true);
      default -> null;
    };
  }

  private static void fld(Cpu c, Insn i) {
    if (i.op0.kind() == Operand.Kind.ST) {
      fldRegister(c, i);
    } else if (i.op0.size() == 80) {
      fldExtended(c, i);
    } else {
      fldReal(c, i);
    }
  }

  private static void fldRegister(Cpu c, Insn i) {
    X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    int r = f.top + i.op0.reg() & 7;
    if (X87Access.empty(f, i.op0.reg())) {
      if (X87Access.underflow(c)) {
        X87Access.push(f, X87Access.INDEFINITE_SE, X87Access.INDEFINITE);
      }
    } else if (!X87Access.empty(f, 7)) {
      X87Access.pushOverflow(c);
    } else {
      X87Access.complete(c, 0, false);
      X87Access.push(f, f.signExponent[r], f.significand[r]);
    }
  }

  /** The register format needs no conversion: not even a signalling NaN is an exception. */
  private static void fldExtended(Cpu c, Insn i) {
    X87Access.enter(c);
    long la = Operands.readAddress(c, i, 10);
    long significand = c.mmu.read64(la);
    int signExponent = c.mmu.read16(SimdAccess.plus(c, la, 8));
    X87Access.noteMemory(c, i);
    X87Access.pushChecked(c, signExponent, significand);
  }

  /** Not even an unmasked denormal exception keeps the value from being pushed. */
  private static void fldReal(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.readReal(c, i, s.a);
    X87Access.noteMemory(c, i);
    if (!X87Access.empty(c.fpu, 7)) {
      X87Access.pushOverflow(c);
      return;
    }
    s.convert();
    if (X87Access.complete(c, s) || (s.flags & FpFlags.IE) == 0) {
      X87Access.push(c.fpu, s.r.signExponent80(), s.r.hi);
    }
  }

  private static void fild(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    s.a.setInteger(X87Access.readInteger(c, i));
    X87Access.noteMemory(c, i);
    X87Access.pushChecked(c, s.a.signExponent80(), s.a.hi);
  }

  /** Eighteen BCD digits; a nibble above nine counts as its value. */
  private static void fbld(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    long la = Operands.readAddress(c, i, 10);
    long low = c.mmu.read64(la);
    int high = c.mmu.read16(SimdAccess.plus(c, la, 8));
    long v = (high >> 4 & 15) * 10L + (high & 15);
    for (int shift = 60; shift >= 0; shift -= 4) {
      v = v * 10 + (low >>> shift & 15);
    }
    s.a.setInteger(v);
    s.a.negative = (high & 0x8000) != 0;
    X87Access.noteMemory(c, i);
    X87Access.pushChecked(c, s.a.signExponent80(), s.a.hi);
  }

  private static void constant(Cpu c, Insn i, int exponent, long truncated, boolean nearestIsUp) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    boolean exact = truncated << 1 == 0;
    boolean up = s.rounding == FpFlags.UP && !exact || s.rounding == FpFlags.NEAREST && nearestIsUp;
    X87Access.pushChecked(c, exponent, up ? truncated + 1 : truncated);
  }
}
