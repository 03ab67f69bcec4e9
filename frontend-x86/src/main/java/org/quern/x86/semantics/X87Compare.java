package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.semantics.fp.Unpacked;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;
import org.quern.x86.state.RFlags;

/**
 * x87 comparison and classification. Between an empty register and anything the relation is
 * unordered. The relation is reported even if an exception is unmasked, which only keeps the
 * operands on the stack: so do processors, though the manual leaves the conditions as they were.
 * Source: SDM vol. 1, 8.1.3.1 and tables 8-6 to 8-8.
 */
public final class X87Compare {
  private X87Compare() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case FCOM -> (c, i) -> fcom(c, i, 0);
      case FCOMP -> (c, i) -> fcom(c, i, 1);
      case FCOMPP -> (c, i) -> registers(c, i, 1, true, 2);
      case FUCOM -> (c, i) -> registers(c, i, i.op0.reg(), false, 0);
      case FUCOMP -> (c, i) -> registers(c, i, i.op0.reg(), false, 1);
      case FUCOMPP -> (c, i) -> registers(c, i, 1, false, 2);
      case FICOM -> (c, i) -> ficom(c, i, 0);
      case FICOMP -> (c, i) -> ficom(c, i, 1);
      case FCOMI -> (c, i) -> flags(c, i, true, 0);
      case FCOMIP -> (c, i) -> flags(c, i, true, 1);
      case FUCOMI -> (c, i) -> flags(c, i, false, 0);
      case FUCOMIP -> (c, i) -> flags(c, i, false, 1);
      case FTST -> X87Compare::ftst;
      case FXAM -> X87Compare::fxam;
      default -> null;
    };
  }

  private static void fcom(Cpu c, Insn i, int pops) {
    if (!i.op0.isMem()) {
      registers(c, i, i.op0.reg(), true, pops);
      return;
    }
    SoftFloat s = X87Access.enter(c);
    X87Access.readReal(c, i, s.b);
    X87Access.noteMemory(c, i);
    withLoaded(c, pops);
  }

  private static void ficom(Cpu c, Insn i, int pops) {
    SoftFloat s = X87Access.enter(c);
    s.b.setInteger(X87Access.readInteger(c, i));
    X87Access.noteMemory(c, i);
    withLoaded(c, pops);
  }

  private static void ftst(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    s.b.setZero(false);
    withLoaded(c, 0);
  }

  /** ST(0) with what is in {@code b}. */
  private static void withLoaded(Cpu c, int pops) {
    SoftFloat s = c.soft;
    if (X87Access.empty(c.fpu, 0)) {
      conclude(c, SoftFloat.UNORDERED, FpFlags.IE | X87Access.SF, pops);
    } else {
      X87Access.load(c.fpu, 0, s.a);
      int order = s.compare(true);
      conclude(c, order, s.flags, pops);
    }
  }

  private static void registers(Cpu c, Insn i, int with, boolean signaling, int pops) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    int order = compare(c, with, signaling);
    conclude(c, order, s.flags, pops);
  }

  /** Compares ST(0) with ST({@code with}); exceptions, a stack fault too, in the unit's flags. */
  private static int compare(Cpu c, int with, boolean signaling) {
    SoftFloat s = c.soft;
    if (X87Access.empty(c.fpu, 0) || X87Access.empty(c.fpu, with)) {
      s.flags = FpFlags.IE | X87Access.SF;
      return SoftFloat.UNORDERED;
    }
    X87Access.load(c.fpu, 0, s.a);
    X87Access.load(c.fpu, with, s.b);
    return s.compare(signaling);
  }

  private static void conclude(Cpu c, int order, int flags, int pops) {
    boolean done = X87Access.complete(c, flags, false);
    setConditions(c, conditions(order));
    if (done) {
      pop(c, pops);
    }
  }

  private static int conditions(int order) {
    return switch (order) {
      case SoftFloat.LESS -> X87Access.C0;
      case SoftFloat.EQUAL -> X87Access.C3;
      case SoftFloat.GREATER -> 0;
      default -> X87Access.C0 | X87Access.C2 | X87Access.C3;
    };
  }

  private static void setConditions(Cpu c, int conditions) {
    c.fpu.status = c.fpu.status & ~X87Access.CONDITIONS | conditions;
  }

  private static void pop(Cpu c, int pops) {
    for (int n = 0; n < pops; n++) {
      X87Access.pop(c.fpu);
    }
  }

  private static void flags(Cpu c, Insn i, boolean signaling, int pops) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    int order = compare(c, i.op1.reg(), signaling);
    // C1 says something about a stack fault only.
    boolean c1 = (s.flags & X87Access.SF) == 0 && (c.fpu.status & X87Access.C1) != 0;
    boolean done = X87Access.complete(c, s.flags, c1);
    c.setStatusFlags(
        switch (order) {
          case SoftFloat.LESS -> RFlags.CF;
          case SoftFloat.EQUAL -> RFlags.ZF;
          case SoftFloat.GREATER -> 0;
          default -> RFlags.ZF | RFlags.PF | RFlags.CF;
        });
    if (done) {
      pop(c, pops);
    }
  }

  private static void fxam(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    X87Access.load(f, 0, s.a);
    int kind = X87Access.empty(f, 0) ? X87Access.C3 | X87Access.C0 : classify(s.a);
    setConditions(c, kind | (s.a.negative ? X87Access.C1 : 0));
  }

  private static int classify(Unpacked a) {
    return switch (a.kind) {
      case Unpacked.ZERO -> X87Access.C3;
      case Unpacked.FINITE -> a.denormal ? X87Access.C3 | X87Access.C2 : X87Access.C2;
      case Unpacked.INFINITE -> X87Access.C2 | X87Access.C0;
      case Unpacked.UNSUPPORTED -> 0;
      default -> X87Access.C0;
    };
  }
}
