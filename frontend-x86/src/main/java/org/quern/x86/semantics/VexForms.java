package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.LaneOps.Half;
import org.quern.x86.semantics.LaneOps.HalfBy;
import org.quern.x86.semantics.LaneOps.Lanes;
import org.quern.x86.state.Cpu;

/**
 * How VEX-encoded integer and shuffling instructions get from operands to result: each method is
 * one shape and takes the value method of the mnemonic. The value methods are those of the legacy
 * encodings, applied to each 128-bit lane.
 */
final class VexForms {
  private VexForms() {}

  /** Each 64-bit lane of two operands (or of one, which is {@code b}). */
  static void lanes(Cpu c, Insn i, Lanes f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, VexOperands.last(i));
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    long[] v = c.vec;
    v[d] = f.apply(v[a], v[b]);
    v[d + 1] = f.apply(v[a + 1], v[b + 1]);
    if (i.vexL == 0) {
      v[d + 2] = 0;
      v[d + 3] = 0;
    } else {
      v[d + 2] = f.apply(v[a + 2], v[b + 2]);
      v[d + 3] = f.apply(v[a + 3], v[b + 3]);
    }
  }

  /** Each 64-bit lane by a count, which is an immediate or the low 64 bits of 128. */
  static void shift(Cpu c, Insn i, Lanes f) {
    VexOperands.check(c);
    Operand by = i.op2;
    long n = by.kind() == Operand.Kind.IMM ? i.imm & 0xff : c.vec[VexOperands.source(c, i, by, 16)];
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    long[] v = c.vec;
    for (int k = 0; k < VexOperands.lanes(i); k++) {
      v[d + k] = f.apply(v[a + k], n);
    }
    VexOperands.clearUpper(c, i, d);
  }

  /**
   * Unpack: both results from the same 64-bit lane of each 128-bit one.
   *
   * @param lane 0 for the lower, 1 for the upper
   */
  static void unpack(Cpu c, Insn i, int lane, Lanes low, Lanes high) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, VexOperands.last(i));
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    long[] v = c.vec;
    for (int n = 0; n < VexOperands.lanes(i); n += 2) {
      long x = v[a + n + lane];
      long y = v[b + n + lane];
      v[d + n] = low.apply(x, y);
      v[d + n + 1] = high.apply(x, y);
    }
    VexOperands.clearUpper(c, i, d);
  }

  /** The lower half of each 128-bit lane from the first operand, the upper from the second. */
  static void pack(Cpu c, Insn i, Lanes f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2);
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    long[] v = c.vec;
    for (int n = 0; n < VexOperands.lanes(i); n += 2) {
      long lo = f.apply(v[a + n], v[a + n + 1]);
      long hi = f.apply(v[b + n], v[b + n + 1]);
      v[d + n] = lo;
      v[d + n + 1] = hi;
    }
    VexOperands.clearUpper(c, i, d);
  }

  /** Each 128-bit lane of two operands (or of one, which is {@code b}). */
  static void halves(Cpu c, Insn i, Half low, Half high) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, VexOperands.last(i));
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    long[] v = c.vec;
    for (int n = 0; n < VexOperands.lanes(i); n += 2) {
      long a0 = v[a + n];
      long a1 = v[a + n + 1];
      long b0 = v[b + n];
      long b1 = v[b + n + 1];
      v[d + n] = low.apply(a0, a1, b0, b1);
      v[d + n + 1] = high.apply(a0, a1, b0, b1);
    }
    VexOperands.clearUpper(c, i, d);
  }

  /**
   * As {@link #halves}, with the immediate.
   *
   * @param step by how many bits it is shifted for the second 128-bit lane
   */
  static void halvesBy(Cpu c, Insn i, int step, HalfBy low, HalfBy high) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, VexOperands.last(i));
    int a = i.op1.reg() * 4;
    int d = i.op0.reg() * 4;
    int imm = (int) i.imm & 0xff;
    long[] v = c.vec;
    for (int n = 0; n < VexOperands.lanes(i); n += 2) {
      long a0 = v[a + n];
      long a1 = v[a + n + 1];
      long b0 = v[b + n];
      long b1 = v[b + n + 1];
      v[d + n] = low.apply(a0, a1, b0, b1, imm);
      v[d + n + 1] = high.apply(a0, a1, b0, b1, imm);
      imm >>>= step;
    }
    VexOperands.clearUpper(c, i, d);
  }
}
