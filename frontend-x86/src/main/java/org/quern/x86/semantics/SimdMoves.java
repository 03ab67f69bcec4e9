package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;

/**
 * MMX, SSE and AVX instructions that only move data. None looks at what it moves, so integer and
 * floating-point variants are one method.
 */
public final class SimdMoves {
  private SimdMoves() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case MOVDQA, MOVAPS, MOVAPD, MOVNTDQ, MOVNTPS, MOVNTPD, MOVNTDQA -> SimdMoves::movAligned;
      case VMOVDQA, VMOVAPS, VMOVAPD, VMOVNTDQ, VMOVNTPS, VMOVNTPD, VMOVNTDQA ->
          SimdMoves::vmovAligned;
      case MOVDQU, MOVUPS, MOVUPD, LDDQU -> SimdMoves::movUnaligned;
      case VMOVDQU, VMOVUPS, VMOVUPD, VLDDQU -> SimdMoves::vmovUnaligned;
      case MOVD, MOVQ, MOVNTQ, MOVQ2DQ, MOVDQ2Q, VMOVD, VMOVQ -> SimdMoves::movLow;
      case MOVSS, MOVNTSS, VMOVSS -> SimdMoves::movss;
      case MOVSD, MOVNTSD, VMOVSD -> SimdMoves::movsd;
      case MOVLPS, MOVLPD, VMOVLPS, VMOVLPD -> SimdMoves::movLowHalf;
      case MOVHPS, MOVHPD, VMOVHPS, VMOVHPD -> SimdMoves::movHighHalf;
      case MOVHLPS, VMOVHLPS -> SimdMoves::movhlps;
      case MOVLHPS, VMOVLHPS -> SimdMoves::movlhps;
      case MOVDDUP, VMOVDDUP -> SimdMoves::movddup;
      case MOVSLDUP, VMOVSLDUP -> (c, i) -> SimdInteger.lanes(c, i, SimdMoves::evenTwice);
      case MOVSHDUP, VMOVSHDUP -> (c, i) -> SimdInteger.lanes(c, i, SimdMoves::oddTwice);
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

  // ---- VEX: 16 or 32 bytes

  private static void vmovAligned(Cpu c, Insn i) {
    VexOperands.check(c);
    int bytes = 8 * VexOperands.lanes(i);
    if (i.op1.isMem()) {
      loadVex(c, i, SimdAccess.aligned(c, Operands.readAddress(c, i, bytes), bytes));
    } else if (i.op0.isMem()) {
      storeVex(c, i, SimdAccess.aligned(c, Operands.writeAddress(c, i, bytes), bytes));
    } else {
      copyVex(c, i);
    }
  }

  private static void vmovUnaligned(Cpu c, Insn i) {
    VexOperands.check(c);
    int bytes = 8 * VexOperands.lanes(i);
    if (i.op1.isMem()) {
      loadVex(c, i, Operands.readAddress(c, i, bytes));
    } else if (i.op0.isMem()) {
      storeVex(c, i, Operands.writeAddress(c, i, bytes));
    } else {
      copyVex(c, i);
    }
  }

  private static void loadVex(Cpu c, Insn i, long la) {
    int d = i.op0.reg() * 4;
    VexOperands.load(c, la, VexOperands.lanes(i), d);
    VexOperands.clearUpper(c, i, d);
  }

  private static void storeVex(Cpu c, Insn i, long la) {
    VexOperands.store(c, la, VexOperands.lanes(i), i.op1.reg() * 4);
  }

  private static void copyVex(Cpu c, Insn i) {
    int d = i.op0.reg() * 4;
    System.arraycopy(c.vec, i.op1.reg() * 4, c.vec, d, VexOperands.lanes(i));
    VexOperands.clearUpper(c, i, d);
  }

  // ---- parts of a register

  /** Sets both halves; those above become zero in a VEX encoding. */
  private static void set(Cpu c, Insn i, long lo, long hi) {
    if (i.vexL >= 0) {
      VexOperands.set128(c, i, lo, hi);
      return;
    }
    int d = i.op0.reg() * 4;
    c.vec[d] = lo;
    c.vec[d + 1] = hi;
  }

  /**
   * MOVD, MOVQ, MOVQ2DQ, MOVDQ2Q: 32 or 64 bits between any two of MMX, XMM, general register and
   * memory. The rest of an XMM destination becomes zero.
   */
  private static void movLow(Cpu c, Insn i) {
    if (i.vexL >= 0) {
      VexOperands.check(c);
    } else {
      SimdAccess.check(c, i.op0, i.op1);
    }
    long v = SimdAccess.readLow(c, i, i.op1);
    int d = i.op0.reg();
    switch (i.op0.kind()) {
      case VEC -> set(c, i, v, 0);
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
    VexOperands.checkEither(c, i);
    if (i.op0.isMem()) {
      c.mmu.write32(Operands.writeAddress(c, i, 4), (int) c.vec[i.op1.reg() * 4]);
    } else if (i.op1.isMem()) {
      set(c, i, SimdAccess.readMem(c, i, 4), 0);
    } else {
      int a = VexOperands.first(i);
      long low = c.vec[VexOperands.last(i).reg() * 4] & 0xffffffffL;
      set(c, i, c.vec[a] & 0xffffffff00000000L | low, c.vec[a + 1]);
    }
  }

  private static void movsd(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    if (i.op0.isMem()) {
      c.mmu.write64(Operands.writeAddress(c, i, 8), c.vec[i.op1.reg() * 4]);
    } else if (i.op1.isMem()) {
      set(c, i, SimdAccess.readMem(c, i, 8), 0);
    } else {
      set(c, i, c.vec[VexOperands.last(i).reg() * 4], c.vec[VexOperands.first(i) + 1]);
    }
  }

  private static void movLowHalf(Cpu c, Insn i) {
    moveHalf(c, i, 0);
  }

  private static void movHighHalf(Cpu c, Insn i) {
    moveHalf(c, i, 1);
  }

  /** 64 bits between memory and one half of a register; the other half comes from the first. */
  private static void moveHalf(Cpu c, Insn i, int half) {
    VexOperands.checkEither(c, i);
    if (i.op0.isMem()) {
      c.mmu.write64(Operands.writeAddress(c, i, 8), c.vec[i.op1.reg() * 4 + half]);
      return;
    }
    long v = SimdAccess.readMem(c, i, 8);
    long other = c.vec[VexOperands.first(i) + 1 - half];
    set(c, i, half == 0 ? v : other, half == 0 ? other : v);
  }

  private static void movhlps(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    set(c, i, c.vec[VexOperands.last(i).reg() * 4 + 1], c.vec[VexOperands.first(i) + 1]);
  }

  private static void movlhps(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    set(c, i, c.vec[VexOperands.first(i)], c.vec[VexOperands.last(i).reg() * 4]);
  }

  private static void movddup(Cpu c, Insn i) {
    if (i.vexL > 0) {
      VexForms.unpack(c, i, 0, (a, b) -> b, (a, b) -> b);
      return;
    }
    VexOperands.checkEither(c, i);
    long v = SimdAccess.readScalar64(c, i);
    set(c, i, v, v);
  }

  private static long evenTwice(long a, long b) {
    return PackedShuffle.shufd(b, b, 0b0000);
  }

  private static long oddTwice(long a, long b) {
    return PackedShuffle.shufd(b, b, 0b0101);
  }
}
