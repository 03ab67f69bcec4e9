package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;

/**
 * MMX and SSE instructions that only move data, up to SSE4.1 and SSE4A. None looks at what it
 * moves, so integer and floating-point variants are one method.
 */
public final class SimdMoves {
  private SimdMoves() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case MOVDQA, MOVAPS, MOVAPD, MOVNTDQ, MOVNTPS, MOVNTPD, MOVNTDQA -> SimdMoves::movAligned;
      case MOVDQU, MOVUPS, MOVUPD, LDDQU -> SimdMoves::movUnaligned;
      case MOVD, MOVQ, MOVNTQ, MOVQ2DQ, MOVDQ2Q -> SimdMoves::movLow;
      case MOVSS, MOVNTSS -> SimdMoves::movss;
      case MOVSD, MOVNTSD -> SimdMoves::movsd;
      case MOVLPS, MOVLPD -> SimdMoves::movLowHalf;
      case MOVHPS, MOVHPD -> SimdMoves::movHighHalf;
      case MOVHLPS -> SimdMoves::movhlps;
      case MOVLHPS -> SimdMoves::movlhps;
      case MOVDDUP -> SimdMoves::movddup;
      case MOVSLDUP -> (c, i) -> duplicate(c, i, 0b0000);
      case MOVSHDUP -> (c, i) -> duplicate(c, i, 0b0101);
      default -> null;
    };
  }

  private static void movAligned(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    if (i.op1.isMem()) {
      load(c, i.op0.reg(), SimdAccess.readAligned(c, i));
    } else if (i.op0.isMem()) {
      store(c, SimdAccess.writeAligned(c, i), i.op1.reg());
    } else {
      copy(c, i);
    }
  }

  private static void movUnaligned(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    if (i.op1.isMem()) {
      load(c, i.op0.reg(), Operands.readAddress(c, i, 16));
    } else if (i.op0.isMem()) {
      store(c, Operands.writeAddress(c, i, 16), i.op1.reg());
    } else {
      copy(c, i);
    }
  }

  private static void load(Cpu c, int r, long la) {
    long lo = c.mmu.read64(la);
    long hi = c.mmu.read64(SimdAccess.plus(c, la, 8));
    c.vec[r * 4] = lo;
    c.vec[r * 4 + 1] = hi;
  }

  private static void store(Cpu c, long la, int r) {
    SimdAccess.write128(c, la, c.vec[r * 4], c.vec[r * 4 + 1]);
  }

  private static void copy(Cpu c, Insn i) {
    int d = i.op0.reg() * 4;
    int s = i.op1.reg() * 4;
    c.vec[d] = c.vec[s];
    c.vec[d + 1] = c.vec[s + 1];
  }

  /**
   * MOVD, MOVQ, MOVQ2DQ, MOVDQ2Q: 32 or 64 bits between any two of MMX, XMM, general register and
   * memory. The rest of an XMM destination becomes zero.
   */
  private static void movLow(Cpu c, Insn i) {
    SimdAccess.check(c, i.op0, i.op1);
    long v = SimdAccess.readLow(c, i, i.op1);
    int d = i.op0.reg();
    switch (i.op0.kind()) {
      case VEC -> {
        c.vec[d * 4] = v;
        c.vec[d * 4 + 1] = 0;
      }
      case MMX -> {
        SimdAccess.enterMmx(c);
        SimdAccess.setMmx(c, d, v);
        return;
      }
      default -> Operands.write(c, i, i.op0, v);
    }
    if (i.op1.kind() == Operand.Kind.MMX) {
      SimdAccess.enterMmx(c);
    }
  }

  private static void movss(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    if (i.op0.isMem()) {
      c.mmu.write32(Operands.writeAddress(c, i, 4), (int) c.vec[i.op1.reg() * 4]);
    } else if (i.op1.isMem()) {
      long v = SimdAccess.readMem(c, i, 4);
      c.vec[i.op0.reg() * 4] = v;
      c.vec[i.op0.reg() * 4 + 1] = 0;
    } else {
      int d = i.op0.reg() * 4;
      c.vec[d] = c.vec[d] & 0xffffffff00000000L | c.vec[i.op1.reg() * 4] & 0xffffffffL;
    }
  }

  private static void movsd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    if (i.op0.isMem()) {
      c.mmu.write64(Operands.writeAddress(c, i, 8), c.vec[i.op1.reg() * 4]);
    } else if (i.op1.isMem()) {
      long v = SimdAccess.readMem(c, i, 8);
      c.vec[i.op0.reg() * 4] = v;
      c.vec[i.op0.reg() * 4 + 1] = 0;
    } else {
      c.vec[i.op0.reg() * 4] = c.vec[i.op1.reg() * 4];
    }
  }

  private static void movLowHalf(Cpu c, Insn i) {
    moveHalf(c, i, 0);
  }

  private static void movHighHalf(Cpu c, Insn i) {
    moveHalf(c, i, 1);
  }

  /** 64 bits between memory and one half of a register; the other half stays. */
  private static void moveHalf(Cpu c, Insn i, int half) {
    SimdAccess.checkSse(c);
    if (i.op0.isMem()) {
      c.mmu.write64(Operands.writeAddress(c, i, 8), c.vec[i.op1.reg() * 4 + half]);
    } else {
      c.vec[i.op0.reg() * 4 + half] = SimdAccess.readMem(c, i, 8);
    }
  }

  private static void movhlps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    c.vec[i.op0.reg() * 4] = c.vec[i.op1.reg() * 4 + 1];
  }

  private static void movlhps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    c.vec[i.op0.reg() * 4 + 1] = c.vec[i.op1.reg() * 4];
  }

  private static void movddup(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long v = SimdAccess.readScalar64(c, i);
    c.vec[i.op0.reg() * 4] = v;
    c.vec[i.op0.reg() * 4 + 1] = v;
  }

  /** Two doublewords of each half by {@code which}: see {@link PackedShuffle#shufd}. */
  private static void duplicate(Cpu c, Insn i, int which) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = PackedShuffle.shufd(lo, lo, which);
    c.vec[d + 1] = PackedShuffle.shufd(hi, hi, which);
  }
}
