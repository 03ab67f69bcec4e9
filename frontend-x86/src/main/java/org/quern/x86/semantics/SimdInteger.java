package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * MMX and SSE2 integer instructions, and the bitwise and shuffling floating-point ones, which are
 * the same. Operand kind decides between MMX and XMM. The values are computed in {@link Packed} and
 * {@link PackedShuffle}.
 *
 * <p>Each instruction passes its value method to a shared combinator from a lambda of its own, so
 * that the compiler inlines both.
 */
public final class SimdInteger {
  /** The value of a two-operand instruction on 64 bits. */
  @FunctionalInterface
  interface Lanes {
    long apply(long a, long b);
  }

  private SimdInteger() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PXOR, XORPS, XORPD -> (c, i) -> lanes(c, i, Packed::xor);
      case PAND, ANDPS, ANDPD -> (c, i) -> lanes(c, i, Packed::and);
      case PANDN, ANDNPS, ANDNPD -> (c, i) -> lanes(c, i, Packed::andn);
      case POR, ORPS, ORPD -> (c, i) -> lanes(c, i, Packed::or);
      case PADDB -> (c, i) -> lanes(c, i, Packed::paddb);
      case PADDW -> (c, i) -> lanes(c, i, Packed::paddw);
      case PADDD -> (c, i) -> lanes(c, i, Packed::paddd);
      case PADDQ -> (c, i) -> lanes(c, i, Packed::paddq);
      case PSUBB -> (c, i) -> lanes(c, i, Packed::psubb);
      case PSUBW -> (c, i) -> lanes(c, i, Packed::psubw);
      case PSUBD -> (c, i) -> lanes(c, i, Packed::psubd);
      case PSUBQ -> (c, i) -> lanes(c, i, Packed::psubq);
      case PADDSB -> (c, i) -> lanes(c, i, Packed::paddsb);
      case PADDSW -> (c, i) -> lanes(c, i, Packed::paddsw);
      case PADDUSB -> (c, i) -> lanes(c, i, Packed::paddusb);
      case PADDUSW -> (c, i) -> lanes(c, i, Packed::paddusw);
      case PSUBSB -> (c, i) -> lanes(c, i, Packed::psubsb);
      case PSUBSW -> (c, i) -> lanes(c, i, Packed::psubsw);
      case PSUBUSB -> (c, i) -> lanes(c, i, Packed::psubusb);
      case PSUBUSW -> (c, i) -> lanes(c, i, Packed::psubusw);
      case PCMPEQB -> (c, i) -> lanes(c, i, Packed::pcmpeqb);
      case PCMPEQW -> (c, i) -> lanes(c, i, Packed::pcmpeqw);
      case PCMPEQD -> (c, i) -> lanes(c, i, Packed::pcmpeqd);
      case PCMPGTB -> (c, i) -> lanes(c, i, Packed::pcmpgtb);
      case PCMPGTW -> (c, i) -> lanes(c, i, Packed::pcmpgtw);
      case PCMPGTD -> (c, i) -> lanes(c, i, Packed::pcmpgtd);
      case PMAXUB -> (c, i) -> lanes(c, i, Packed::pmaxub);
      case PMINUB -> (c, i) -> lanes(c, i, Packed::pminub);
      case PMAXSW -> (c, i) -> lanes(c, i, Packed::pmaxsw);
      case PMINSW -> (c, i) -> lanes(c, i, Packed::pminsw);
      case PAVGB -> (c, i) -> lanes(c, i, Packed::pavgb);
      case PAVGW -> (c, i) -> lanes(c, i, Packed::pavgw);
      case PSADBW -> (c, i) -> lanes(c, i, Packed::psadbw);
      case PMULLW -> (c, i) -> lanes(c, i, Packed::pmullw);
      case PMULHW -> (c, i) -> lanes(c, i, Packed::pmulhw);
      case PMULHUW -> (c, i) -> lanes(c, i, Packed::pmulhuw);
      case PMADDWD -> (c, i) -> lanes(c, i, Packed::pmaddwd);
      case PMULUDQ -> (c, i) -> lanes(c, i, Packed::pmuludq);
      case PSLLW -> (c, i) -> shift(c, i, Packed::psllw);
      case PSLLD -> (c, i) -> shift(c, i, Packed::pslld);
      case PSLLQ -> (c, i) -> shift(c, i, Packed::psllq);
      case PSRLW -> (c, i) -> shift(c, i, Packed::psrlw);
      case PSRLD -> (c, i) -> shift(c, i, Packed::psrld);
      case PSRLQ -> (c, i) -> shift(c, i, Packed::psrlq);
      case PSRAW -> (c, i) -> shift(c, i, Packed::psraw);
      case PSRAD -> (c, i) -> shift(c, i, Packed::psrad);
      case PSLLDQ -> SimdInteger::pslldq;
      case PSRLDQ -> SimdInteger::psrldq;
      case PUNPCKLBW ->
          (c, i) -> unpackLow(c, i, PackedShuffle::unpacklbw, PackedShuffle::unpackhbw);
      case PUNPCKLWD ->
          (c, i) -> unpackLow(c, i, PackedShuffle::unpacklwd, PackedShuffle::unpackhwd);
      case PUNPCKLDQ, UNPCKLPS ->
          (c, i) -> unpackLow(c, i, PackedShuffle::unpackldq, PackedShuffle::unpackhdq);
      case PUNPCKHBW ->
          (c, i) -> unpackHigh(c, i, PackedShuffle::unpacklbw, PackedShuffle::unpackhbw);
      case PUNPCKHWD ->
          (c, i) -> unpackHigh(c, i, PackedShuffle::unpacklwd, PackedShuffle::unpackhwd);
      case PUNPCKHDQ, UNPCKHPS ->
          (c, i) -> unpackHigh(c, i, PackedShuffle::unpackldq, PackedShuffle::unpackhdq);
      case PUNPCKLQDQ, UNPCKLPD -> SimdInteger::punpcklqdq;
      case PUNPCKHQDQ, UNPCKHPD -> SimdInteger::punpckhqdq;
      case PACKSSWB -> (c, i) -> pack(c, i, PackedShuffle::packsswb);
      case PACKUSWB -> (c, i) -> pack(c, i, PackedShuffle::packuswb);
      case PACKSSDW -> (c, i) -> pack(c, i, PackedShuffle::packssdw);
      case PSHUFW -> SimdInteger::pshufw;
      case PSHUFD -> SimdInteger::pshufd;
      case PSHUFLW -> SimdInteger::pshuflw;
      case PSHUFHW -> SimdInteger::pshufhw;
      case SHUFPS -> SimdInteger::shufps;
      case SHUFPD -> SimdInteger::shufpd;
      case PEXTRW -> SimdInteger::pextrw;
      case PINSRW -> SimdInteger::pinsrw;
      case PMOVMSKB -> SimdInteger::pmovmskb;
      case MOVMSKPS -> SimdInteger::movmskps;
      case MOVMSKPD -> SimdInteger::movmskpd;
      case MASKMOVQ -> SimdInteger::maskmovq;
      case MASKMOVDQU -> SimdInteger::maskmovdqu;
      case EMMS -> SimdInteger::emms;
      default -> null;
    };
  }

  static boolean mmx(Operand o) {
    return o.kind() == Operand.Kind.MMX;
  }

  // ---- combinators

  /** Each half of the destination with the same half of the source. */
  static void lanes(Cpu c, Insn i, Lanes f) {
    if (mmx(i.op0)) {
      mmxLanes(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    long[] v = c.vec;
    int d = i.op0.reg() * 4;
    if (i.op1.isMem()) {
      long la = SimdAccess.readAligned(c, i);
      long lo = c.mmu.read64(la);
      long hi = c.mmu.read64(la + 8);
      v[d] = f.apply(v[d], lo);
      v[d + 1] = f.apply(v[d + 1], hi);
    } else {
      int s = i.op1.reg() * 4;
      v[d] = f.apply(v[d], v[s]);
      v[d + 1] = f.apply(v[d + 1], v[s + 1]);
    }
  }

  static void mmxLanes(Cpu c, Insn i, Lanes f) {
    SimdAccess.checkMmx(c);
    long b = SimdAccess.readMmx(c, i, i.op1);
    SimdAccess.enterMmx(c);
    int d = i.op0.reg();
    SimdAccess.setMmx(c, d, f.apply(c.fpu.significand[d], b));
  }

  private static void shift(Cpu c, Insn i, Lanes f) {
    Operand by = i.op1;
    if (mmx(i.op0)) {
      SimdAccess.checkMmx(c);
      long n = by.kind() == Operand.Kind.IMM ? i.imm & 0xff : SimdAccess.readMmx(c, i, by);
      SimdAccess.enterMmx(c);
      int d = i.op0.reg();
      SimdAccess.setMmx(c, d, f.apply(c.fpu.significand[d], n));
      return;
    }
    SimdAccess.checkSse(c);
    long n =
        switch (by.kind()) {
          case IMM -> i.imm & 0xff;
          case MEM -> readShiftCount(c, i);
          default -> c.vec[by.reg() * 4];
        };
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(c.vec[d], n);
    c.vec[d + 1] = f.apply(c.vec[d + 1], n);
  }

  /** Only 64 bits count, but the operand is 16 aligned bytes. */
  private static long readShiftCount(Cpu c, Insn i) {
    long la = SimdAccess.readAligned(c, i);
    return c.mmu.read64(la);
  }

  private static void unpackLow(Cpu c, Insn i, Lanes low, Lanes high) {
    if (mmx(i.op0)) {
      mmxLanes(c, i, low);
      return;
    }
    SimdAccess.checkSse(c);
    int d = i.op0.reg() * 4;
    long b = SimdAccess.readHalf(c, i, 0);
    long a = c.vec[d];
    c.vec[d] = low.apply(a, b);
    c.vec[d + 1] = high.apply(a, b);
  }

  private static void unpackHigh(Cpu c, Insn i, Lanes low, Lanes high) {
    if (mmx(i.op0)) {
      mmxLanes(c, i, high);
      return;
    }
    SimdAccess.checkSse(c);
    int d = i.op0.reg() * 4;
    long b = SimdAccess.readHalf(c, i, 1);
    long a = c.vec[d + 1];
    c.vec[d] = low.apply(a, b);
    c.vec[d + 1] = high.apply(a, b);
  }

  private static void punpcklqdq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long b = SimdAccess.readHalf(c, i, 0);
    c.vec[i.op0.reg() * 4 + 1] = b;
  }

  private static void punpckhqdq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long b = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = c.vec[d + 1];
    c.vec[d + 1] = b;
  }

  /** Both halves of the destination for the lower half of the result, the source for the upper. */
  static void pack(Cpu c, Insn i, Lanes f) {
    if (mmx(i.op0)) {
      mmxLanes(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    int d = i.op0.reg() * 4;
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    c.vec[d] = f.apply(c.vec[d], c.vec[d + 1]);
    c.vec[d + 1] = f.apply(lo, hi);
  }

  private static void pslldq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int n = (int) i.imm & 0xff;
    int d = i.op0.reg() * 4;
    long lo = c.vec[d];
    c.vec[d] = PackedShuffle.pslldqLow(lo, n);
    c.vec[d + 1] = PackedShuffle.pslldqHigh(lo, c.vec[d + 1], n);
  }

  private static void psrldq(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int n = (int) i.imm & 0xff;
    int d = i.op0.reg() * 4;
    long hi = c.vec[d + 1];
    c.vec[d] = PackedShuffle.psrldqLow(c.vec[d], hi, n);
    c.vec[d + 1] = PackedShuffle.psrldqHigh(hi, n);
  }

  // ---- shuffles

  private static void pshufw(Cpu c, Insn i) {
    SimdAccess.checkMmx(c);
    long b = SimdAccess.readMmx(c, i, i.op1);
    SimdAccess.enterMmx(c);
    SimdAccess.setMmx(c, i.op0.reg(), PackedShuffle.shufw(b, (int) i.imm));
  }

  private static void pshufd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    int imm = (int) i.imm;
    c.vec[d] = PackedShuffle.shufd(lo, hi, imm);
    c.vec[d + 1] = PackedShuffle.shufd(lo, hi, imm >> 4);
  }

  private static void pshuflw(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = PackedShuffle.shufw(lo, (int) i.imm);
    c.vec[d + 1] = hi;
  }

  private static void pshufhw(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = lo;
    c.vec[d + 1] = PackedShuffle.shufw(hi, (int) i.imm);
  }

  private static void shufps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    int imm = (int) i.imm;
    c.vec[d] = PackedShuffle.shufd(c.vec[d], c.vec[d + 1], imm);
    c.vec[d + 1] = PackedShuffle.shufd(lo, hi, imm >> 4);
  }

  private static void shufpd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long b = SimdAccess.readHalf(c, i, 0);
    long bHigh = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = c.vec[d + ((int) i.imm & 1)];
    c.vec[d + 1] = (i.imm & 2) != 0 ? bHigh : b;
  }

  // ---- words and masks to and from general registers

  private static void pextrw(Cpu c, Insn i) {
    Operand s = i.op1;
    SimdAccess.check(c, s, s);
    int n = (int) i.imm;
    long v;
    if (mmx(s)) {
      SimdAccess.enterMmx(c);
      v = c.fpu.significand[s.reg()] >>> 16 * (n & 3) & 0xffff;
    } else {
      v = c.vec[s.reg() * 4 + (n >> 2 & 1)] >>> 16 * (n & 3) & 0xffff;
    }
    Operands.write(c, i, i.op0, v);
  }

  private static void pinsrw(Cpu c, Insn i) {
    Operand d = i.op0;
    SimdAccess.check(c, d, d);
    long v = i.op1.isMem() ? SimdAccess.readMem(c, i, 2) : c.gpr[i.op1.reg()] & 0xffff;
    int n = (int) i.imm;
    int shift = 16 * (n & 3);
    if (mmx(d)) {
      SimdAccess.enterMmx(c);
      long old = c.fpu.significand[d.reg()];
      SimdAccess.setMmx(c, d.reg(), old & ~(0xffffL << shift) | v << shift);
    } else {
      int lane = d.reg() * 4 + (n >> 2 & 1);
      c.vec[lane] = c.vec[lane] & ~(0xffffL << shift) | v << shift;
    }
  }

  private static void pmovmskb(Cpu c, Insn i) {
    Operand s = i.op1;
    SimdAccess.check(c, s, s);
    int v;
    if (mmx(s)) {
      SimdAccess.enterMmx(c);
      v = Packed.pmovmskb(c.fpu.significand[s.reg()]);
    } else {
      int r = s.reg() * 4;
      v = Packed.pmovmskb(c.vec[r]) | Packed.pmovmskb(c.vec[r + 1]) << 8;
    }
    c.gpr[i.op0.reg()] = v;
  }

  private static void movmskps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int r = i.op1.reg() * 4;
    c.gpr[i.op0.reg()] = Packed.movmskps(c.vec[r]) | Packed.movmskps(c.vec[r + 1]) << 2;
  }

  private static void movmskpd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int r = i.op1.reg() * 4;
    c.gpr[i.op0.reg()] = Packed.movmskpd(c.vec[r]) | Packed.movmskpd(c.vec[r + 1]) << 1;
  }

  // ---- byte-masked stores to DS:[rDI]

  private static void maskmovq(Cpu c, Insn i) {
    SimdAccess.checkMmx(c);
    int mask = Packed.pmovmskb(c.fpu.significand[i.op1.reg()]);
    storeMasked(c, i, 8, mask, c.fpu.significand[i.op0.reg()], 0);
    SimdAccess.enterMmx(c);
  }

  private static void maskmovdqu(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int m = i.op1.reg() * 4;
    int mask = Packed.pmovmskb(c.vec[m]) | Packed.pmovmskb(c.vec[m + 1]) << 8;
    int s = i.op0.reg() * 4;
    storeMasked(c, i, 16, mask, c.vec[s], c.vec[s + 1]);
  }

  /** An all-zero mask touches no memory: SDM leaves faults then to the implementation. */
  private static void storeMasked(Cpu c, Insn i, int bytes, int mask, long lo, long hi) {
    if (mask == 0) {
      return;
    }
    long ea = c.reg(Reg.RDI, i.addrSize);
    long la = Segmentation.write(c, i.segment, ea, bytes);
    for (int n = 0; n < bytes; n++) {
      if ((mask >>> n & 1) != 0) {
        c.mmu.probeWrite(SimdAccess.plus(c, la, n), 1);
      }
    }
    for (int n = 0; n < bytes; n++) {
      if ((mask >>> n & 1) != 0) {
        long half = n < 8 ? lo : hi;
        c.mmu.write8(SimdAccess.plus(c, la, n), (int) (half >>> 8 * (n & 7)));
      }
    }
  }

  private static void emms(Cpu c, Insn i) {
    SimdAccess.checkMmx(c);
    c.fpu.top = 0;
    c.fpu.tag = 0xffff;
  }
}
