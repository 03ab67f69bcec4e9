package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.LaneOps.Half;
import org.quern.x86.semantics.LaneOps.HalfBy;
import org.quern.x86.semantics.LaneOps.Lanes;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * MMX, SSE2 and AVX integer instructions, and the bitwise and shuffling floating-point ones, which
 * are the same. Operand kind decides between MMX and XMM, and {@link VexForms} has the VEX
 * encodings. The values are computed in {@link Packed} and {@link PackedShuffle}.
 *
 * <p>Each instruction passes its value method to a shared combinator from a lambda of its own, so
 * that the compiler inlines both.
 */
public final class SimdInteger {
  private SimdInteger() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PXOR, XORPS, XORPD, VPXOR, VXORPS, VXORPD -> (c, i) -> lanes(c, i, Packed::xor);
      case PAND, ANDPS, ANDPD, VPAND, VANDPS, VANDPD -> (c, i) -> lanes(c, i, Packed::and);
      case PANDN, ANDNPS, ANDNPD, VPANDN, VANDNPS, VANDNPD -> (c, i) -> lanes(c, i, Packed::andn);
      case POR, ORPS, ORPD, VPOR, VORPS, VORPD -> (c, i) -> lanes(c, i, Packed::or);
      case PADDB, VPADDB -> (c, i) -> lanes(c, i, Packed::paddb);
      case PADDW, VPADDW -> (c, i) -> lanes(c, i, Packed::paddw);
      case PADDD, VPADDD -> (c, i) -> lanes(c, i, Packed::paddd);
      case PADDQ, VPADDQ -> (c, i) -> lanes(c, i, Packed::paddq);
      case PSUBB, VPSUBB -> (c, i) -> lanes(c, i, Packed::psubb);
      case PSUBW, VPSUBW -> (c, i) -> lanes(c, i, Packed::psubw);
      case PSUBD, VPSUBD -> (c, i) -> lanes(c, i, Packed::psubd);
      case PSUBQ, VPSUBQ -> (c, i) -> lanes(c, i, Packed::psubq);
      case PADDSB, VPADDSB -> (c, i) -> lanes(c, i, Packed::paddsb);
      case PADDSW, VPADDSW -> (c, i) -> lanes(c, i, Packed::paddsw);
      case PADDUSB, VPADDUSB -> (c, i) -> lanes(c, i, Packed::paddusb);
      case PADDUSW, VPADDUSW -> (c, i) -> lanes(c, i, Packed::paddusw);
      case PSUBSB, VPSUBSB -> (c, i) -> lanes(c, i, Packed::psubsb);
      case PSUBSW, VPSUBSW -> (c, i) -> lanes(c, i, Packed::psubsw);
      case PSUBUSB, VPSUBUSB -> (c, i) -> lanes(c, i, Packed::psubusb);
      case PSUBUSW, VPSUBUSW -> (c, i) -> lanes(c, i, Packed::psubusw);
      case PCMPEQB, VPCMPEQB -> (c, i) -> lanes(c, i, Packed::pcmpeqb);
      case PCMPEQW, VPCMPEQW -> (c, i) -> lanes(c, i, Packed::pcmpeqw);
      case PCMPEQD, VPCMPEQD -> (c, i) -> lanes(c, i, Packed::pcmpeqd);
      case PCMPGTB, VPCMPGTB -> (c, i) -> lanes(c, i, Packed::pcmpgtb);
      case PCMPGTW, VPCMPGTW -> (c, i) -> lanes(c, i, Packed::pcmpgtw);
      case PCMPGTD, VPCMPGTD -> (c, i) -> lanes(c, i, Packed::pcmpgtd);
      case PMAXUB, VPMAXUB -> (c, i) -> lanes(c, i, Packed::pmaxub);
      case PMINUB, VPMINUB -> (c, i) -> lanes(c, i, Packed::pminub);
      case PMAXSW, VPMAXSW -> (c, i) -> lanes(c, i, Packed::pmaxsw);
      case PMINSW, VPMINSW -> (c, i) -> lanes(c, i, Packed::pminsw);
      case PAVGB, VPAVGB -> (c, i) -> lanes(c, i, Packed::pavgb);
      case PAVGW, VPAVGW -> (c, i) -> lanes(c, i, Packed::pavgw);
      case PSADBW, VPSADBW -> (c, i) -> lanes(c, i, Packed::psadbw);
      case PMULLW, VPMULLW -> (c, i) -> lanes(c, i, Packed::pmullw);
      case PMULHW, VPMULHW -> (c, i) -> lanes(c, i, Packed::pmulhw);
      case PMULHUW, VPMULHUW -> (c, i) -> lanes(c, i, Packed::pmulhuw);
      case PMADDWD, VPMADDWD -> (c, i) -> lanes(c, i, Packed::pmaddwd);
      case PMULUDQ, VPMULUDQ -> (c, i) -> lanes(c, i, Packed::pmuludq);
      case PSLLW, VPSLLW -> (c, i) -> shift(c, i, Packed::psllw);
      case PSLLD, VPSLLD -> (c, i) -> shift(c, i, Packed::pslld);
      case PSLLQ, VPSLLQ -> (c, i) -> shift(c, i, Packed::psllq);
      case PSRLW, VPSRLW -> (c, i) -> shift(c, i, Packed::psrlw);
      case PSRLD, VPSRLD -> (c, i) -> shift(c, i, Packed::psrld);
      case PSRLQ, VPSRLQ -> (c, i) -> shift(c, i, Packed::psrlq);
      case PSRAW, VPSRAW -> (c, i) -> shift(c, i, Packed::psraw);
      case PSRAD, VPSRAD -> (c, i) -> shift(c, i, Packed::psrad);
      case PSLLDQ, VPSLLDQ -> SimdInteger::pslldq;
      case PSRLDQ, VPSRLDQ -> SimdInteger::psrldq;
      case PUNPCKLBW, VPUNPCKLBW ->
          (c, i) -> unpackLow(c, i, PackedShuffle::unpacklbw, PackedShuffle::unpackhbw);
      case PUNPCKLWD, VPUNPCKLWD ->
          (c, i) -> unpackLow(c, i, PackedShuffle::unpacklwd, PackedShuffle::unpackhwd);
      case PUNPCKLDQ, UNPCKLPS, VPUNPCKLDQ, VUNPCKLPS ->
          (c, i) -> unpackLow(c, i, PackedShuffle::unpackldq, PackedShuffle::unpackhdq);
      case PUNPCKHBW, VPUNPCKHBW ->
          (c, i) -> unpackHigh(c, i, PackedShuffle::unpacklbw, PackedShuffle::unpackhbw);
      case PUNPCKHWD, VPUNPCKHWD ->
          (c, i) -> unpackHigh(c, i, PackedShuffle::unpacklwd, PackedShuffle::unpackhwd);
      case PUNPCKHDQ, UNPCKHPS, VPUNPCKHDQ, VUNPCKHPS ->
          (c, i) -> unpackHigh(c, i, PackedShuffle::unpackldq, PackedShuffle::unpackhdq);
      case PUNPCKLQDQ, UNPCKLPD, VPUNPCKLQDQ, VUNPCKLPD ->
          (c, i) -> unpackLow(c, i, (a, b) -> a, (a, b) -> b);
      case PUNPCKHQDQ, UNPCKHPD, VPUNPCKHQDQ, VUNPCKHPD ->
          (c, i) -> unpackHigh(c, i, (a, b) -> a, (a, b) -> b);
      case PACKSSWB, VPACKSSWB -> (c, i) -> pack(c, i, PackedShuffle::packsswb);
      case PACKUSWB, VPACKUSWB -> (c, i) -> pack(c, i, PackedShuffle::packuswb);
      case PACKSSDW, VPACKSSDW -> (c, i) -> pack(c, i, PackedShuffle::packssdw);
      case PSHUFW -> SimdInteger::pshufw;
      case PSHUFD, VPSHUFD -> SimdInteger::pshufd;
      case PSHUFLW, VPSHUFLW -> SimdInteger::pshuflw;
      case PSHUFHW, VPSHUFHW -> SimdInteger::pshufhw;
      case SHUFPS, VSHUFPS -> SimdInteger::shufps;
      case SHUFPD, VSHUFPD -> SimdInteger::shufpd;
      case PEXTRW, VPEXTRW -> SimdInteger::pextrw;
      case PINSRW, VPINSRW -> SimdInteger::pinsrw;
      case PMOVMSKB, VPMOVMSKB -> SimdInteger::pmovmskb;
      case MOVMSKPS, VMOVMSKPS -> SimdInteger::movmskps;
      case MOVMSKPD, VMOVMSKPD -> SimdInteger::movmskpd;
      case MASKMOVQ -> SimdInteger::maskmovq;
      case MASKMOVDQU, VMASKMOVDQU -> SimdInteger::maskmovdqu;
      case EMMS -> SimdInteger::emms;
      default -> null;
    };
  }

  static boolean mmx(Operand o) {
    return o.kind() == Operand.Kind.MMX;
  }

  /** The check for an instruction whose vector operands are of the kind of {@code o}. */
  private static void check(Cpu c, Insn i, Operand o) {
    if (i.vexL >= 0) {
      VexOperands.check(c);
    } else {
      SimdAccess.check(c, o, o);
    }
  }

  // ---- combinators

  /** Each 64-bit lane of the first operand with that of the second. */
  static void lanes(Cpu c, Insn i, Lanes f) {
    if (i.vexL >= 0) {
      VexForms.lanes(c, i, f);
      return;
    }
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
    if (i.vexL >= 0) {
      VexForms.shift(c, i, f);
      return;
    }
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
    if (i.vexL >= 0) {
      VexForms.unpack(c, i, 0, low, high);
      return;
    }
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
    if (i.vexL >= 0) {
      VexForms.unpack(c, i, 1, low, high);
      return;
    }
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

  /** Both halves of the first operand to the lower half of the result, the second to the upper. */
  static void pack(Cpu c, Insn i, Lanes f) {
    if (i.vexL >= 0) {
      VexForms.pack(c, i, f);
      return;
    }
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

  /** Both halves from both halves of both operands; of XMM and YMM registers only. */
  static void halves(Cpu c, Insn i, Half low, Half high) {
    if (i.vexL >= 0) {
      VexForms.halves(c, i, low, high);
      return;
    }
    SimdAccess.checkSse(c);
    int d = i.op0.reg() * 4;
    long a0 = c.vec[d];
    long a1 = c.vec[d + 1];
    long b0 = SimdAccess.readHalf(c, i, 0);
    long b1 = SimdAccess.readHalf(c, i, 1);
    c.vec[d] = low.apply(a0, a1, b0, b1);
    c.vec[d + 1] = high.apply(a0, a1, b0, b1);
  }

  /**
   * As {@link #halves}, with the immediate.
   *
   * @param step by how many bits it is shifted for the second 128-bit lane
   */
  static void halvesBy(Cpu c, Insn i, int step, HalfBy low, HalfBy high) {
    if (i.vexL >= 0) {
      VexForms.halvesBy(c, i, step, low, high);
      return;
    }
    SimdAccess.checkSse(c);
    int imm = (int) i.imm & 0xff;
    int d = i.op0.reg() * 4;
    long a0 = c.vec[d];
    long a1 = c.vec[d + 1];
    long b0 = SimdAccess.readHalf(c, i, 0);
    long b1 = SimdAccess.readHalf(c, i, 1);
    c.vec[d] = low.apply(a0, a1, b0, b1, imm);
    c.vec[d + 1] = high.apply(a0, a1, b0, b1, imm);
  }

  // ---- shuffles

  private static void pshufw(Cpu c, Insn i) {
    SimdAccess.checkMmx(c);
    long b = SimdAccess.readMmx(c, i, i.op1);
    SimdAccess.enterMmx(c);
    SimdAccess.setMmx(c, i.op0.reg(), PackedShuffle.shufw(b, (int) i.imm));
  }

  private static void pslldq(Cpu c, Insn i) {
    halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> PackedShuffle.pslldqLow(a0, n),
        (a0, a1, b0, b1, n) -> PackedShuffle.pslldqHigh(a0, a1, n));
  }

  private static void psrldq(Cpu c, Insn i) {
    halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> PackedShuffle.psrldqLow(a0, a1, n),
        (a0, a1, b0, b1, n) -> PackedShuffle.psrldqHigh(a1, n));
  }

  private static void pshufd(Cpu c, Insn i) {
    halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> PackedShuffle.shufd(b0, b1, n),
        (a0, a1, b0, b1, n) -> PackedShuffle.shufd(b0, b1, n >> 4));
  }

  private static void pshuflw(Cpu c, Insn i) {
    halvesBy(c, i, 0, (a0, a1, b0, b1, n) -> PackedShuffle.shufw(b0, n), (a0, a1, b0, b1, n) -> b1);
  }

  private static void pshufhw(Cpu c, Insn i) {
    halvesBy(c, i, 0, (a0, a1, b0, b1, n) -> b0, (a0, a1, b0, b1, n) -> PackedShuffle.shufw(b1, n));
  }

  private static void shufps(Cpu c, Insn i) {
    halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> PackedShuffle.shufd(a0, a1, n),
        (a0, a1, b0, b1, n) -> PackedShuffle.shufd(b0, b1, n >> 4));
  }

  private static void shufpd(Cpu c, Insn i) {
    halvesBy(
        c,
        i,
        2,
        (a0, a1, b0, b1, n) -> (n & 1) != 0 ? a1 : a0,
        (a0, a1, b0, b1, n) -> (n & 2) != 0 ? b1 : b0);
  }

  // ---- words and masks to and from general registers

  private static void pextrw(Cpu c, Insn i) {
    Operand s = i.op1;
    check(c, i, s);
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
    check(c, i, d);
    Operand s = VexOperands.last(i);
    long v = s.isMem() ? SimdAccess.readMem(c, i, 2) : c.gpr[s.reg()] & 0xffff;
    int n = (int) i.imm;
    int shift = 16 * (n & 3);
    if (mmx(d)) {
      SimdAccess.enterMmx(c);
      long old = c.fpu.significand[d.reg()];
      SimdAccess.setMmx(c, d.reg(), old & ~(0xffffL << shift) | v << shift);
      return;
    }
    if (i.vexL >= 0) {
      VexOperands.set128(c, i, c.vec[i.op1.reg() * 4], c.vec[i.op1.reg() * 4 + 1]);
    }
    int lane = d.reg() * 4 + (n >> 2 & 1);
    c.vec[lane] = c.vec[lane] & ~(0xffffL << shift) | v << shift;
  }

  private static void pmovmskb(Cpu c, Insn i) {
    Operand s = i.op1;
    check(c, i, s);
    int v;
    if (mmx(s)) {
      SimdAccess.enterMmx(c);
      v = Packed.pmovmskb(c.fpu.significand[s.reg()]);
    } else {
      v = byteSigns(c, s.reg() * 4);
      if (i.vexL > 0) {
        v |= byteSigns(c, s.reg() * 4 + 2) << 16;
      }
    }
    c.gpr[i.op0.reg()] = v & 0xffffffffL;
  }

  private static int byteSigns(Cpu c, int lane) {
    return Packed.pmovmskb(c.vec[lane]) | Packed.pmovmskb(c.vec[lane + 1]) << 8;
  }

  private static void movmskps(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    int r = i.op1.reg() * 4;
    int v = Packed.movmskps(c.vec[r]) | Packed.movmskps(c.vec[r + 1]) << 2;
    if (i.vexL > 0) {
      v |= Packed.movmskps(c.vec[r + 2]) << 4 | Packed.movmskps(c.vec[r + 3]) << 6;
    }
    c.gpr[i.op0.reg()] = v;
  }

  private static void movmskpd(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    int r = i.op1.reg() * 4;
    int v = Packed.movmskpd(c.vec[r]) | Packed.movmskpd(c.vec[r + 1]) << 1;
    if (i.vexL > 0) {
      v |= Packed.movmskpd(c.vec[r + 2]) << 2 | Packed.movmskpd(c.vec[r + 3]) << 3;
    }
    c.gpr[i.op0.reg()] = v;
  }

  // ---- byte-masked stores to DS:[rDI]

  /** The x87 state changes even if the store faults: so does silicon. */
  private static void maskmovq(Cpu c, Insn i) {
    SimdAccess.checkMmx(c);
    SimdAccess.enterMmx(c);
    int mask = Packed.pmovmskb(c.fpu.significand[i.op1.reg()]);
    storeMasked(c, i, 8, mask, c.fpu.significand[i.op0.reg()], 0);
  }

  private static void maskmovdqu(Cpu c, Insn i) {
    VexOperands.checkEither(c, i);
    int mask = byteSigns(c, i.op1.reg() * 4);
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
