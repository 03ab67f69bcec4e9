package org.quern.x86.semantics;

import java.util.function.Consumer;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.semantics.fp.Unpacked;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;

/**
 * F2XM1, FYL2X, FYL2XP1, FPATAN, FSIN, FCOS, FSINCOS and FPTAN. Results have full precision
 * whatever the precision control says.
 */
public final class X87Transcendental {
  /** Trigonometric arguments are below 2^63 in magnitude. */
  private static final int ANGLE_EXPONENT = 63;

  private X87Transcendental() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case F2XM1 -> X87Transcendental::f2xm1;
      case FYL2X -> (c, i) -> ofTwo(c, i, s -> s.logarithms.yLog2());
      case FYL2XP1 -> (c, i) -> ofTwo(c, i, s -> s.logarithms.yLog2Plus1());
      case FPATAN -> (c, i) -> ofTwo(c, i, s -> s.angles.arcTangent());
      case FSIN -> (c, i) -> ofAngle(c, i, s -> s.angles.sine());
      case FCOS -> (c, i) -> ofAngle(c, i, s -> s.angles.cosine());
      case FPTAN -> X87Transcendental::fptan;
      case FSINCOS -> X87Transcendental::fsincos;
      default -> null;
    };
  }

  private static void f2xm1(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (X87Access.empty(c.fpu, 0)) {
      X87Round.stackUnderflow(c);
      return;
    }
    X87Access.load(c.fpu, 0, s.a);
    s.logarithms.exp2Minus1();
    if (s.a.kind == Unpacked.FINITE) {
      finishInexact(c, 0);
    } else {
      finish(c, 0);
    }
  }

  /** The result replaces ST(1), and ST(0) is popped. */
  private static void ofTwo(Cpu c, Insn i, Consumer<SoftFloat> operation) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    Fpu f = c.fpu;
    boolean done;
    if (X87Access.empty(f, 0) || X87Access.empty(f, 1)) {
      done = X87Access.underflow(c);
      if (done) {
        X87Access.setIndefinite(f, 1);
      }
    } else {
      X87Access.load(f, 0, s.a);
      X87Access.load(f, 1, s.b);
      operation.accept(s);
      done = finishInexact(c, 1);
    }
    if (done) {
      X87Access.pop(f);
    }
  }

  private static void ofAngle(Cpu c, Insn i, Consumer<SoftFloat> function) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (X87Access.empty(c.fpu, 0)) {
      c.fpu.status &= ~X87Access.C2;
      X87Round.stackUnderflow(c);
      return;
    }
    X87Access.load(c.fpu, 0, s.a);
    if (!inRange(c)) {
      return;
    }
    if (s.angles.angle()) {
      function.accept(s);
    }
    finish(c, 0);
  }

  /** C2 tells whether the argument is too large; then nothing else happens. */
  private static boolean inRange(Cpu c) {
    Unpacked a = c.soft.a;
    if (a.kind == Unpacked.FINITE && a.exponent >= ANGLE_EXPONENT) {
      X87Access.complete(c, 0, false);
      c.fpu.status |= X87Access.C2;
      return false;
    }
    c.fpu.status &= ~X87Access.C2;
    return true;
  }

  /** ST(0) becomes the tangent, and 1 is pushed. */
  private static void fptan(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (!readyToPush(c)) {
      return;
    }
    boolean number = s.angles.angle();
    if (number) {
      s.angles.tangent();
    }
    if (finish(c, 0)) {
      if (number) {
        X87Access.push(c.fpu, 0x3fff, Long.MIN_VALUE);
      } else {
        X87Access.push(c.fpu, s.r.signExponent80(), s.r.hi);
      }
    }
  }

  /** ST(0) becomes the sine, and the cosine is pushed. */
  private static void fsincos(Cpu c, Insn i) {
    SoftFloat s = X87Access.enter(c);
    X87Access.note(c, i);
    if (!readyToPush(c)) {
      return;
    }
    boolean number = s.angles.angle();
    if (number) {
      s.angles.sine();
    }
    s.round(Format.EXTENDED);
    int sineSe = s.r.signExponent80();
    long sine = s.r.hi;
    boolean up = s.roundedUp;
    if (number) {
      s.angles.cosine();
      s.round(Format.EXTENDED);
    }
    if (X87Access.complete(c, s.flags, up)) {
      X87Access.set(c.fpu, 0, sineSe, sine);
      X87Access.push(c.fpu, s.r.signExponent80(), s.r.hi);
    }
  }

  /** Loads the angle for an instruction that also pushes; false if it is at its end. */
  private static boolean readyToPush(Cpu c) {
    Fpu f = c.fpu;
    boolean empty = X87Access.empty(f, 0);
    if (empty || !X87Access.empty(f, 7)) {
      f.status &= ~X87Access.C2;
      if (empty ? X87Access.underflow(c) : X87Access.overflow(c)) {
        X87Access.setIndefinite(f, 0);
        X87Access.push(f, X87Access.INDEFINITE_SE, X87Access.INDEFINITE);
      }
      return false;
    }
    X87Access.load(f, 0, c.soft.a);
    return inRange(c);
  }

  /** As {@link #finish}; processors call even powers of two inexact. */
  private static boolean finishInexact(Cpu c, int st) {
    SoftFloat s = c.soft;
    if (s.r.kind == Unpacked.FINITE && (s.flags & ~s.masks & FpFlags.BEFORE) == 0) {
      s.round(Format.EXTENDED);
      s.flags |= s.r.hi < 0 ? FpFlags.PE : FpFlags.PE | FpFlags.UE;
    }
    return conclude(c, st);
  }

  private static boolean finish(Cpu c, int st) {
    c.soft.round(Format.EXTENDED);
    return conclude(c, st);
  }

  private static boolean conclude(Cpu c, int st) {
    SoftFloat s = c.soft;
    if (!X87Access.complete(c, s)) {
      return false;
    }
    X87Access.store(c.fpu, st, s.r);
    return true;
  }
}
