package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.semantics.fp.Unpacked;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/** x87 addition, subtraction, multiplication and division in all forms, and FSQRT. */
public final class X87Arith {
  @FunctionalInterface
  private interface Operation {
    /** Computes {@code r} from {@code a} and {@code b}. */
    void apply(SoftFloat s);
  }

  private X87Arith() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FADD -> (c, i) -> real(c, i, SoftFloat::add, false);
      case FMUL -> (c, i) -> real(c, i, SoftFloat::multiply, false);
      case FSUB -> (c, i) -> real(c, i, SoftFloat::subtract, false);
      case FSUBR -> (c, i) -> real(c, i, SoftFloat::subtract, true);
      case FDIV -> (c, i) -> real(c, i, SoftFloat::divide, false);
      case FDIVR -> (c, i) -> real(c, i, SoftFloat::divide, true);
      case FADDP -> (c, i) -> registers(c, i, SoftFloat::add, false, true);
      case FMULP -> (c, i) -> registers(c, i, SoftFloat::multiply, false, true);
      case FSUBP -> (c, i) -> registers(c, i, SoftFloat::subtract, false, true);
      case FSUBRP -> (c, i) -> registers(c, i, SoftFloat::subtract, true, true);
      case FDIVP -> (c, i) -> registers(c, i, SoftFloat::divide, false, true);
      case FDIVRP -> (c, i) -> registers(c, i, SoftFloat::divide, true, true);
      case FIADD -> (c, i) -> integer(c, i, SoftFloat::add, false);
      case FIMUL -> (c, i) -> integer(c, i, SoftFloat::multiply, false);
      case FISUB -> (c, i) -> integer(c, i, SoftFloat::subtract, false);
      case FISUBR -> (c, i) -> integer(c, i, SoftFloat::subtract, true);
      case FIDIV -> (c, i) -> integer(c, i, SoftFloat::divide, false);
      case FIDIVR -> (c, i) -> integer(c, i, SoftFloat::divide, true);
      case FSQRT -> X87Arith::fsqrt;
      default -> null;
    };
  }

  private static void real(Cpu c, Insn i, Operation op, boolean reverse) {
    if (!i.op0.isMem()) {
      registers(c, i, op, reverse, false);
      return;
    }
    SoftFloat s = X87Access.enter(c);
    X87Access.readReal(c, i, reverse ? s.a : s.b);
    memory(c, i, op, reverse);
  }

  private static void integer(Cpu c, Insn i, Operation op, boolean reverse) {
    SoftFloat s = X87Access.enter(c);
    Unpacked source = reverse ? s.a : s.b;
    source.setInteger(X87Access.readInteger(c, i));
    memory(c, i, op, reverse);
  }

  private static void memory(Cpu c, Insn i, Operation op, boolean reverse) {
    Fpu f = c.fpu;
    X87Access.noteMemory(c, i);
    if (X87Access.empty(f, 0)) {
      if (X87Access.underflow(c)) {
        X87Access.setIndefinite(f, 0);
      }
      return;
    }
    X87Access.load(f, 0, reverse ? c.soft.b : c.soft.a);
    compute(c, op, 0);
  }

  /** Register forms; {@code reverse} takes the destination as second operand. */
  private static void registers(Cpu c, Insn i, Operation op, boolean reverse, boolean pop) {
    SoftFloat s = X87Access.enter(c);
    Fpu f = c.fpu;
    X87Access.note(c, i);
    int to = i.op0.reg();
    int from = i.op1.reg();
    boolean done;
    if (X87Access.empty(f, to) || X87Access.empty(f, from)) {
      done = X87Access.underflow(c);
      if (done) {
        X87Access.setIndefinite(f, to);
      }
    } else {
      X87Access.load(f, to, reverse ? s.b : s.a);
      X87Access.load(f, from, reverse ? s.a : s.b);
      done = compute(c, op, to);
    }
    if (done && pop) {
      X87Access.pop(f);
    }
  }

  private static boolean compute(Cpu c, Operation op, int to) {
    SoftFloat s = c.soft;
    op.apply(s);
    s.round(Format.EXTENDED, X87Access.precision(c));
    if (!X87Access.complete(c, s)) {
      return false;
    }
    X87Access.store(c.fpu, to, s.r);
    return true;
  }

  private static void fsqrt(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (X87Access.empty(c.fpu, 0)) {
      if (X87Access.underflow(c)) {
        X87Access.setIndefinite(c.fpu, 0);
      }
      return;
    }
    X87Access.load(c.fpu, 0, s.a);
    compute(c, SoftFloat::squareRoot, 0);
  }
}
