package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;

/**
 * Single elements and bit fields into and out of XMM registers: SSE4.1's PINSR, PEXTR, INSERTPS and
 * EXTRACTPS, SSE4A's EXTRQ and INSERTQ. Sources: SDM vol. 2B; AMD APM vol. 4 (EXTRQ, INSERTQ).
 */
public final class SimdElements {
  private SimdElements() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PEXTRB -> (c, i) -> extract(c, i, 8);
      case PEXTRD, EXTRACTPS -> (c, i) -> extract(c, i, 32);
      case PEXTRQ -> (c, i) -> extract(c, i, 64);
      case PINSRB -> (c, i) -> insert(c, i, 8);
      case PINSRD -> (c, i) -> insert(c, i, 32);
      case PINSRQ -> (c, i) -> insert(c, i, 64);
      case INSERTPS -> SimdElements::insertps;
      case EXTRQ -> SimdElements::extrq;
      case INSERTQ -> SimdElements::insertq;
      default -> null;
    };
  }

  private static long mask(int bits) {
    return -1L >>> 64 - bits;
  }

  private static void extract(Cpu c, Insn i, int bits) {
    SimdAccess.checkSse(c);
    int at = (int) i.imm * bits & 127;
    long v = c.vec[i.op1.reg() * 4 + (at >> 6)] >>> at & mask(bits);
    Operands.write(c, i, i.op0, v);
  }

  private static void insert(Cpu c, Insn i, int bits) {
    SimdAccess.checkSse(c);
    long v = Operands.read(c, i, i.op1) & mask(bits);
    int at = (int) i.imm * bits & 127;
    int lane = i.op0.reg() * 4 + (at >> 6);
    c.vec[lane] = c.vec[lane] & ~(mask(bits) << at) | v << at;
  }

  /** A source in memory is one doubleword; of a register the immediate chooses one. */
  private static void insertps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int imm = (int) i.imm;
    int v;
    if (i.op1.isMem()) {
      v = SimdAccess.readScalar32(c, i);
    } else {
      v = (int) (c.vec[i.op1.reg() * 4 + (imm >> 7 & 1)] >>> 32 * (imm >> 6 & 1));
    }
    int d = i.op0.reg() * 4;
    c.vec[d] = PackedBlend.insertps(c.vec[d], v, imm, 0);
    c.vec[d + 1] = PackedBlend.insertps(c.vec[d + 1], v, imm, 1);
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
