package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;

/**
 * Bit tests, bit scans, SETcc and CMOVcc.
 *
 * <p>Source: SDM vol. 2A and 2B, BT, BTC, BTR, BTS, BSF, BSR, CMOVcc, SETcc. What it leaves
 * undefined is as an AMD Zen 4 does it: the bit tests keep every flag but CF; a scan of zero leaves
 * its whole destination alone (64 bits of it, also for a 32-bit operand) and sets ZF and PF; any
 * other scan clears ZF, sets PF by the bit number and clears the rest.
 */
public final class BitOps {
  private BitOps() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case BT -> BitOps::bt;
      case BTS -> BitOps::bts;
      case BTR -> BitOps::btr;
      case BTC -> BitOps::btc;
      case BSF -> BitOps::bsf;
      case BSR -> BitOps::bsr;
      case SETCC -> BitOps::setcc;
      case CMOVCC -> BitOps::cmovcc;
      default -> null;
    };
  }

  // ---- primitives

  /** BT: CF becomes bit {@code n} (already reduced to the width) of {@code a}. */
  public static void bt(Cpu c, long a, int n) {
    c.ccAux ^= ((c.ccAux ^ a << 63 - n) >> 63) << 62;
  }

  /** Flags of BSF and BSR that found bit {@code n}. */
  public static void found(Cpu c, int n) {
    c.ccResult = n | 0x100; // not zero, and only the low byte makes parity
    c.ccAux = 0;
  }

  /** Flags of BSF and BSR that found nothing. */
  public static void notFound(Cpu c) {
    Alu.logicFlags(c, 0);
  }

  // ---- bit tests

  private static void bt(Cpu c, Insn i) {
    int mask = i.op0.size() - 1;
    long n = Operands.read(c, i, i.op1);
    long a;
    if (isBitString(i)) {
      int bytes = i.op0.size() >> 3;
      a = c.mmu.read(Segmentation.read(c, i.segment, bitStringOffset(c, i, n), bytes), bytes);
    } else {
      a = Operands.read(c, i, i.op0);
    }
    bt(c, a, (int) n & mask);
  }

  private static void bts(Cpu c, Insn i) {
    int n = (int) Operands.read(c, i, i.op1) & i.op0.size() - 1;
    long a;
    do {
      a = readModify(c, i);
    } while (!Operands.commit(c, i, i.op0, a, a | 1L << n));
    bt(c, a, n);
  }

  private static void btr(Cpu c, Insn i) {
    int n = (int) Operands.read(c, i, i.op1) & i.op0.size() - 1;
    long a;
    do {
      a = readModify(c, i);
    } while (!Operands.commit(c, i, i.op0, a, a & ~(1L << n)));
    bt(c, a, n);
  }

  private static void btc(Cpu c, Insn i) {
    int n = (int) Operands.read(c, i, i.op1) & i.op0.size() - 1;
    long a;
    do {
      a = readModify(c, i);
    } while (!Operands.commit(c, i, i.op0, a, a ^ 1L << n));
    bt(c, a, n);
  }

  /** Memory with the bit number in a register: the number is signed and may be far outside. */
  private static boolean isBitString(Insn i) {
    return i.op0.isMem() && i.op1.kind() == Operand.Kind.GPR;
  }

  private static long readModify(Cpu c, Insn i) {
    if (!isBitString(i)) {
      return Operands.readModify(c, i, i.op0);
    }
    long offset = bitStringOffset(c, i, Operands.read(c, i, i.op1));
    return Operands.readModifyAt(c, i, i.op0, offset);
  }

  private static long bitStringOffset(Cpu c, Insn i, long n) {
    int bits = i.op0.size();
    long signed = n << 64 - bits >> 64 - bits;
    // Rounding down to whole operands: bits is 16, 32 or 64.
    long bytes = signed >> 3 & -(bits >> 3);
    long offset = Operands.effective(c, i) + bytes;
    return i.addrSize == 64 ? offset : offset & (1L << i.addrSize) - 1;
  }

  // ---- bit scans

  private static void bsf(Cpu c, Insn i) {
    long a = Operands.read(c, i, i.op1);
    if (a == 0) {
      notFound(c);
      return;
    }
    int n = Long.numberOfTrailingZeros(a);
    Operands.write(c, i, i.op0, n);
    found(c, n);
  }

  private static void bsr(Cpu c, Insn i) {
    long a = Operands.read(c, i, i.op1);
    if (a == 0) {
      notFound(c);
      return;
    }
    int n = 63 - Long.numberOfLeadingZeros(a);
    Operands.write(c, i, i.op0, n);
    found(c, n);
  }

  // ---- by condition

  private static void setcc(Cpu c, Insn i) {
    Operands.write(c, i, i.op0, Cond.test(c, i.cc) ? 1 : 0);
  }

  /** The source is read in any case; a 32-bit destination loses its upper half in any case. */
  private static void cmovcc(Cpu c, Insn i) {
    long v = Operands.read(c, i, i.op1);
    Operands.write(c, i, i.op0, Cond.test(c, i.cc) ? v : Operands.read(c, i, i.op0));
  }
}
