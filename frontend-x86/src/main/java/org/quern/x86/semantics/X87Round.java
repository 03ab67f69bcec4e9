package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.Partial;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/** FRNDINT, FSCALE, FXTRACT, FPREM and FPREM1. Precision control does not apply to them. */
public final class X87Round {
  private X87Round() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FRNDINT -> X87Round::frndint;
      case FSCALE -> X87Round::fscale;
      case FXTRACT -> X87Round::fxtract;
      case FPREM -> (c, i) -> remainder(c, i, false);
      case FPREM1 -> (c, i) -> remainder(c, i, true);
      default -> null;
    };
  }

  private static void frndint(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (X87Access.empty(c.fpu, 0)) {
      stackUnderflow(c);
      return;
    }
    X87Access.load(c.fpu, 0, s.a);
    s.roundToIntegral();
    finish(c);
  }

  private static void fscale(Cpu c, Insn i) {
    if (loadTwo(c, i)) {
      Partial.scale(c.soft);
      c.soft.round(Format.EXTENDED);
      limit(c.soft);
      finish(c);
    }
  }

  /** An unmasked overflow or underflow so far out that even the wrapped exponent does not fit. */
  private static void limit(SoftFloat s) {
    if ((s.flags & ~s.masks & (FpFlags.OE | FpFlags.UE)) == 0) {
      return;
    }
    if (s.r.exponent > Format.EXTENDED.maxExponent()) {
      s.r.setInfinite(s.r.negative);
      s.flags |= FpFlags.PE;
      s.roundedUp = true;
    } else if (s.r.exponent < Format.EXTENDED.minExponent()) {
      s.r.setZero(s.r.negative);
      s.flags |= FpFlags.PE;
      s.roundedUp = false;
    }
  }

  private static void remainder(Cpu c, Insn i, boolean nearest) {
    boolean loaded = loadTwo(c, i);
    c.fpu.status &= ~X87Access.C2;
    if (!loaded) {
      return;
    }
    SoftFloat s = c.soft;
    int q = Partial.remainder(s, nearest);
    s.round(Format.EXTENDED);
    boolean invalid = (s.flags & FpFlags.IE) != 0;
    if (finish(c)) {
      if (invalid || s.r.isNan()) {
        return;
      }
      int conditions = (q & 4) != 0 ? X87Access.C0 : 0;
      conditions |= (q & 2) != 0 ? X87Access.C3 : 0;
      conditions |= (q & 1) != 0 ? X87Access.C1 : 0;
      conditions |= (q & Partial.INCOMPLETE) != 0 ? X87Access.C2 : 0;
      c.fpu.status = c.fpu.status & ~X87Access.CONDITIONS | conditions;
    }
  }

  private static void fxtract(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    boolean empty = X87Access.empty(f, 0);
    if (empty || !X87Access.empty(f, 7)) {
      if (empty ? X87Access.underflow(c) : X87Access.overflow(c)) {
        X87Access.setIndefinite(f, 0);
        X87Access.push(f, X87Access.INDEFINITE_SE, X87Access.INDEFINITE);
      }
      return;
    }
    X87Access.load(f, 0, s.a);
    Partial.extract(s);
    if (X87Access.complete(c, s)) {
      X87Access.store(f, 0, s.b);
      X87Access.push(f, s.r.signExponent80(), s.r.hi);
    }
  }

  /** Readies an operation on ST(0) and ST(1); false if one is empty. */
  static boolean loadTwo(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (X87Access.empty(c.fpu, 0) || X87Access.empty(c.fpu, 1)) {
      stackUnderflow(c);
      return false;
    }
    X87Access.load(c.fpu, 0, s.a);
    X87Access.load(c.fpu, 1, s.b);
    return true;
  }

  static void stackUnderflow(Cpu c) {
    if (X87Access.underflow(c)) {
      X87Access.setIndefinite(c.fpu, 0);
    }
  }

  private static boolean finish(Cpu c) {
    if (!X87Access.complete(c, c.soft)) {
      return false;
    }
    X87Access.store(c.fpu, 0, c.soft.r);
    return true;
  }
}
