package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.LaneOps.Converted;
import org.quern.x86.semantics.LaneOps.Float32;
import org.quern.x86.semantics.LaneOps.FloatLanes;
import org.quern.x86.semantics.LaneOps.Narrowed;
import org.quern.x86.state.Cpu;

/**
 * How VEX-encoded floating-point instructions get from operands to result: each method is one shape
 * and takes the value method of the mnemonic, that of the legacy encoding. All lanes are computed
 * before {@link SseMath#finish}, and nothing is written if that raises. Scalar forms take what is
 * above the scalar from the first source.
 */
final class VexFloat {
  private VexFloat() {}

  /** Each 64-bit lane of two operands (or of one, which is {@code b}). */
  static void packed(Cpu c, Insn i, FloatLanes f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, VexOperands.last(i));
    int a = i.op1.reg() * 4;
    long[] v = c.vec;
    long r0 = f.apply(c, v[a], v[b]);
    long r1 = f.apply(c, v[a + 1], v[b + 1]);
    long r2 = 0;
    long r3 = 0;
    if (i.vexL != 0) {
      r2 = f.apply(c, v[a + 2], v[b + 2]);
      r3 = f.apply(c, v[a + 3], v[b + 3]);
    }
    SseMath.finish(c);
    VexOperands.set(c, i, r0, r1, r2, r3);
  }

  static void scalar64(Cpu c, Insn i, FloatLanes f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2, 8);
    int a = i.op1.reg() * 4;
    long r = f.apply(c, c.vec[a], c.vec[b]);
    SseMath.finish(c);
    VexOperands.set128(c, i, r, c.vec[a + 1]);
  }

  static void scalar32(Cpu c, Insn i, Float32 f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2, 4);
    int a = i.op1.reg() * 4;
    set32(c, i, f.apply(c, (int) c.vec[a], (int) c.vec[b]));
  }

  /** Ends a scalar instruction with the low 32 bits of its result. */
  private static void set32(Cpu c, Insn i, int r) {
    SseMath.finish(c);
    int a = i.op1.reg() * 4;
    VexOperands.set128(c, i, c.vec[a] & 0xffffffff00000000L | r & 0xffffffffL, c.vec[a + 1]);
  }

  // ---- conversions

  /** Each 64-bit lane by itself. */
  static void converted(Cpu c, Insn i, Converted f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1);
    long[] v = c.vec;
    long r0 = f.apply(c, v[b]);
    long r1 = f.apply(c, v[b + 1]);
    long r2 = i.vexL == 0 ? 0 : f.apply(c, v[b + 2]);
    long r3 = i.vexL == 0 ? 0 : f.apply(c, v[b + 3]);
    SseMath.finish(c);
    VexOperands.set(c, i, r0, r1, r2, r3);
  }

  /** Two 64-bit lanes to one; the result has half the vector length. */
  static void narrowed(Cpu c, Insn i, Narrowed f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1);
    long[] v = c.vec;
    long lo = f.apply(c, v[b], v[b + 1]);
    long hi = i.vexL == 0 ? 0 : f.apply(c, v[b + 2], v[b + 3]);
    SseMath.finish(c);
    VexOperands.set128(c, i, lo, hi);
  }

  /** A 32-bit value to a 64-bit one. */
  @FunctionalInterface
  interface Widened {
    long apply(Cpu c, int v);
  }

  /** Each 32-bit value of half the vector length to 64 bits. */
  static void widened(Cpu c, Insn i, Widened f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op1, 4 * VexOperands.lanes(i));
    long lo = c.vec[b];
    long hi = c.vec[b + 1];
    long r0 = f.apply(c, (int) lo);
    long r1 = f.apply(c, (int) (lo >> 32));
    long r2 = i.vexL == 0 ? 0 : f.apply(c, (int) hi);
    long r3 = i.vexL == 0 ? 0 : f.apply(c, (int) (hi >> 32));
    SseMath.finish(c);
    VexOperands.set(c, i, r0, r1, r2, r3);
  }

  /** VCVTSS2SD. */
  static void widenScalar(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2, 4);
    long r = SseMath.widen(c, (int) c.vec[b]);
    SseMath.finish(c);
    VexOperands.set128(c, i, r, c.vec[i.op1.reg() * 4 + 1]);
  }

  /** VCVTSD2SS. */
  static void narrowScalar(Cpu c, Insn i) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2, 8);
    set32(c, i, SseMath.narrow(c, c.vec[b]));
  }

  private static long integer(Cpu c, Insn i) {
    Operand o = i.op2;
    long v = Operands.read(c, i, o);
    return o.size() == 64 ? v : (int) v;
  }

  /** VCVTSI2SD. */
  static void integerTo64(Cpu c, Insn i) {
    VexOperands.check(c);
    long r = SseMath.fromInteger64(c, integer(c, i));
    SseMath.finish(c);
    VexOperands.set128(c, i, r, c.vec[i.op1.reg() * 4 + 1]);
  }

  /** VCVTSI2SS. */
  static void integerTo32(Cpu c, Insn i) {
    VexOperands.check(c);
    set32(c, i, SseMath.fromInteger32(c, integer(c, i)));
  }
}
