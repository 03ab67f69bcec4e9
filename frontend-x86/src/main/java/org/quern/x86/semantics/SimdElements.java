package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;

/**
 * Single elements and bit fields into and out of XMM registers: SSE4.1's PINSR, PEXTR, INSERTPS and
 * EXTRACTPS with their VEX forms, SSE4A's EXTRQ and INSERTQ. Sources: SDM vol. 2B; AMD APM vol. 4
 * (EXTRQ, INSERTQ).
 */
public final class SimdElements {
  private SimdElements() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PEXTRB, VPEXTRB -> (c, i) -> extract(c, i, 8);
      case PEXTRD, EXTRACTPS, VPEXTRD, VEXTRACTPS -> (c, i) -> extract(c, i, 32);
      case PEXTRQ, VPEXTRQ -> (c, i) -> extract(c, i, 64);
      case PINSRB, VPINSRB -> (c, i) -> insert(c, i, 8);
      case PINSRD, VPINSRD -> (c, i) -> insert(c, i, 32);
      case PINSRQ, VPINSRQ -> (c, i) -> insert(c, i, 64);
      case INSERTPS, VINSERTPS -> SimdElements::insertps;
      case EXTRQ -> SimdElements::extrq;
      case INSERTQ -> SimdElements::insertq;
      default -> null;
    };
  }

  private static long mask(int bits) {
    return -1L >>> 64 - bits;
  }

  private static void extract(Cpu c, Insn i, int bits) {
    VexOperands.checkEither(c, i);
    int at = (int) i.imm * bits & 127;
    long v = c.vec[i.op1.reg() * 4 + (at >> 6)] >>> at & mask(bits);
    Operands.write(c, i, i.op0, v);
  }

  private static void insert(Cpu c, Insn i, int bits) {
    VexOperands.checkEither(c, i);
    long v = Operands.read(c, i, VexOperands.last(i)) & mask(bits);
    int at = (int) i.imm * bits & 127;
    long field = mask(bits) << at;
    int a = VexOperands.first(i);
    long lo = c.vec[a];
    long hi = c.vec[a + 1];
    if (at < 64) {
      set(c, i, lo & ~field | v << at, hi);
    } else {
      set(c, i, lo, hi & ~field | v << at);
    }
  }

  private static void set(Cpu c, Insn i, long lo, long hi) {
    if (i.vexL >= 0) {
      VexOperands.set128(c, i, lo, hi);
      return;
    }
    int d = i.op0.reg() * 4;
    c.vec[d] = lo;
    c.vec[d + 1] = hi;
  }

  /** A source in memory is one doubleword; of a register the immediate chooses one. */
  private static void insertps(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    int imm = (int) i.imm;
    Operand s = VexOperands.last(i);
    int v;
    if (s.isMem()) {
      v = (int) SimdAccess.readMem(c, i, 4);
    } else {
      v = (int) (c.vec[s.reg() * 4 + (imm >> 7 & 1)] >>> 32 * (imm >> 6 & 1));
    }
    int a = VexOperands.first(i);
    long lo = PackedBlend.insertps(c.vec[a], v, imm, 0);
    long hi = PackedBlend.insertps(c.vec[a + 1], v, imm, 1);
    set(c, i, lo, hi);
  }

  // ---- bit fields; length and start are six bits each, length 0 is 64. The upper half of the
  // destination is undefined by the manual; an AMD Zen 4 clears it.

  private static void extrq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int length = (int) i.imm;
    int start = (int) i.imm2;
    if (i.op1.kind() == Operand.Kind.VEC) {
      length = (int) c.vec[i.op1.reg() * 4];
      start = length >> 8;
    }
    int d = i.op0.reg() * 4;
    c.vec[d] = c.vec[d] >>> start & field(length);
    c.vec[d + 1] = 0;
  }

  private static void insertq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int s = i.op1.reg() * 4;
    int length = (int) i.imm;
    int start = (int) i.imm2;
    if (i.operandCount == 2) {
      length = (int) c.vec[s + 1];
      start = length >> 8;
    }
    int d = i.op0.reg() * 4;
    long field = field(length);
    c.vec[d] = c.vec[d] & ~(field << start) | (c.vec[s] & field) << start;
    c.vec[d + 1] = 0;
  }

  private static long field(int length) {
    return (length & 63) == 0 ? -1 : mask(length & 63);
  }
}
