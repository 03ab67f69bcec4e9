package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/** x87 register moves, sign changes and stack management. */
public final class X87Stack {
  private static final int SIGN = 0x8000;

  private X87Stack() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FXCH -> X87Stack::fxch;
      case FCMOVCC -> X87Stack::fcmov;
      case FCHS -> X87Stack::fchs;
      case FABS -> X87Stack::fabs;
      case FINCSTP -> (c, i) -> rotate(c, i, 1);
      case FDECSTP -> (c, i) -> rotate(c, i, -1);
      case FFREE -> (c, i) -> ffree(c, i, false);
      case FFREEP -> (c, i) -> ffree(c, i, true);
      case FNOP -> X87Stack::fnop;
      default -> null;
    };
  }

  private static void fxch(Cpu c, Insn i) {
    X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    int with = i.op0.reg();
    boolean empty0 = X87Access.empty(f, 0);
    boolean emptyWith = X87Access.empty(f, with);
    if (empty0 || emptyWith) {
      if (!X87Access.underflow(c)) {
        return;
      }
      if (empty0) {
        X87Access.setIndefinite(f, 0);
      }
      if (emptyWith) {
        X87Access.setIndefinite(f, with);
      }
    } else {
      X87Access.complete(c, 0, false);
    }
    int r = f.top + with & 7;
    int signExponent = f.signExponent[r];
    long significand = f.significand[r];
    f.signExponent[r] = f.signExponent[f.top];
    f.significand[r] = f.significand[f.top];
    f.signExponent[f.top] = signExponent;
    f.significand[f.top] = significand;
  }

  /** Both registers must be in use whether the condition holds or not. */
  private static void fcmov(Cpu c, Insn i) {
    X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    int from = i.op1.reg();
    if (X87Access.empty(f, 0) || X87Access.empty(f, from)) {
      if (X87Access.underflow(c)) {
        X87Access.setIndefinite(f, 0);
      }
      return;
    }
    if (Cond.test(c, i.cc)) {
      int r = f.top + from & 7;
      X87Access.set(f, 0, f.signExponent[r], f.significand[r]);
    }
  }

  private static void fchs(Cpu c, Insn i) {
    Fpu f = c.fpu;
    if (unary(c, i)) {
      f.signExponent[f.top] ^= SIGN;
    }
  }

  private static void fabs(Cpu c, Insn i) {
    Fpu f = c.fpu;
    if (unary(c, i)) {
      f.signExponent[f.top] &= ~SIGN;
    }
  }

  /** Begins an operation on ST(0) that has no exception but a stack fault; false if that is. */
  private static boolean unary(Cpu c, Insn i) {
    X87Access.enter(c);
    X87Access.note(c, i);
    if (X87Access.empty(c.fpu, 0)) {
      if (X87Access.underflow(c)) {
        X87Access.setIndefinite(c.fpu, 0);
      }
      return false;
    }
    X87Access.complete(c, 0, false);
    return true;
  }

  private static void rotate(Cpu c, Insn i, int by) {
    X87Access.enter(c);
    X87Access.note(c, i);
    X87Access.complete(c, 0, false);
    c.fpu.top = c.fpu.top + by & 7;
  }

  private static void ffree(Cpu c, Insn i, boolean pop) {
    X87Access.enter(c);
    X87Access.note(c, i);
    X87Access.complete(c, 0, false);
    X87Access.free(c.fpu, i.op0.reg());
    if (pop) {
      X87Access.pop(c.fpu);
    }
  }

  private static void fnop(Cpu c, Insn i) {
    X87Access.enter(c);
    X87Access.note(c, i);
  }
}
