package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * Integer instructions of SSSE3, SSE4.1, SSE4.2 and their VEX forms on whole registers, and the
 * blends of floating-point lanes, which do not look at what they move. The values are computed in
 * {@link PackedOrder}, {@link PackedProducts} and {@link PackedBlend}.
 */
public final class SimdExtensions {
  /** The value of 64 bits by the same bits of a mask: XMM0, or the fourth operand. */
  @FunctionalInterface
  private interface ByMask {
    long apply(long a, long b, long mask);
  }

  /** Widens as many lanes as fit into 64 bits. */
  @FunctionalInterface
  private interface Widening {
    long apply(long v);
  }

  private SimdExtensions() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PABSB, VPABSB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pabsb);
      case PABSW, VPABSW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pabsw);
      case PABSD, VPABSD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pabsd);
      case PSIGNB, VPSIGNB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::psignb);
      case PSIGNW, VPSIGNW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::psignw);
      case PSIGND, VPSIGND -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::psignd);
      case PCMPEQQ, VPCMPEQQ -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pcmpeqq);
      case PCMPGTQ, VPCMPGTQ -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pcmpgtq);
      case PMAXSB, VPMAXSB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxsb);
      case PMINSB, VPMINSB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminsb);
      case PMAXUW, VPMAXUW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxuw);
      case PMINUW, VPMINUW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminuw);
      case PMAXSD, VPMAXSD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxsd);
      case PMINSD, VPMINSD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminsd);
      case PMAXUD, VPMAXUD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxud);
      case PMINUD, VPMINUD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminud);
      case PMADDUBSW, VPMADDUBSW -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmaddubsw);
      case PMULHRSW, VPMULHRSW -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmulhrsw);
      case PMULLD, VPMULLD -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmulld);
      case PMULDQ, VPMULDQ -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmuldq);
      case PHADDW, VPHADDW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phaddw);
      case PHADDD, VPHADDD -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phaddd);
      case PHADDSW, VPHADDSW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phaddsw);
      case PHSUBW, VPHSUBW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phsubw);
      case PHSUBD, VPHSUBD -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phsubd);
      case PHSUBSW, VPHSUBSW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phsubsw);
      case PACKUSDW, VPACKUSDW -> (c, i) -> SimdInteger.pack(c, i, PackedBlend::packusdw);
      case PSHUFB, VPSHUFB -> SimdExtensions::pshufb;
      case PALIGNR, VPALIGNR -> SimdExtensions::palignr;
      case MPSADBW, VMPSADBW -> SimdExtensions::mpsadbw;
      case PHMINPOSUW, VPHMINPOSUW -> SimdExtensions::phminposuw;
      case PTEST -> SimdExtensions::ptest;
      case PBLENDW, VPBLENDW -> SimdExtensions::pblendw;
      case BLENDPS, VBLENDPS -> SimdExtensions::blendps;
      case BLENDPD, VBLENDPD -> SimdExtensions::blendpd;
      case PBLENDVB, VPBLENDVB -> (c, i) -> blend(c, i, PackedBlend::pblendvb);
      case BLENDVPS, VBLENDVPS -> (c, i) -> blend(c, i, PackedBlend::blendvps);
      case BLENDVPD, VBLENDVPD -> (c, i) -> blend(c, i, PackedBlend::blendvpd);
      case PMOVSXBW, VPMOVSXBW -> (c, i) -> widen(c, i, 32, PackedBlend::sxbw);
      case PMOVSXBD, VPMOVSXBD -> (c, i) -> widen(c, i, 16, PackedBlend::sxbd);
      case PMOVSXBQ, VPMOVSXBQ -> (c, i) -> widen(c, i, 8, PackedBlend::sxbq);
      case PMOVSXWD, VPMOVSXWD -> (c, i) -> widen(c, i, 32, PackedBlend::sxwd);
      case PMOVSXWQ, VPMOVSXWQ -> (c, i) -> widen(c, i, 16, PackedBlend::sxwq);
      case PMOVSXDQ, VPMOVSXDQ -> (c, i) -> widen(c, i, 32, PackedBlend::sxdq);
      case PMOVZXBW, VPMOVZXBW -> (c, i) -> widen(c, i, 32, PackedBlend::zxbw);
      case PMOVZXBD, VPMOVZXBD -> (c, i) -> widen(c, i, 16, PackedBlend::zxbd);
      case PMOVZXBQ, VPMOVZXBQ -> (c, i) -> widen(c, i, 8, PackedBlend::zxbq);
      case PMOVZXWD, VPMOVZXWD -> (c, i) -> widen(c, i, 32, PackedBlend::zxwd);
      case PMOVZXWQ, VPMOVZXWQ -> (c, i) -> widen(c, i, 16, PackedBlend::zxwq);
      case PMOVZXDQ, VPMOVZXDQ -> (c, i) -> widen(c, i, 32, PackedBlend::zxdq);
      default -> null;
    };
  }

  private static void pshufb(Cpu c, Insn i) {
    if (SimdInteger.mmx(i.op0)) {
      SimdInteger.mmxLanes(c, i, PackedBlend::pshufb);
      return;
    }
    SimdInteger.halves(
        c,
        i,
        (a0, a1, b0, b1) -> PackedBlend.pshufb(a0, a1, b0),
        (a0, a1, b0, b1) -> PackedBlend.pshufb(a0, a1, b1));
  }

  private static void palignr(Cpu c, Insn i) {
    if (SimdInteger.mmx(i.op0)) {
      int n = (int) i.imm & 0xff;
      SimdInteger.mmxLanes(c, i, (a, b) -> PackedBlend.palignr(a, b, n));
      return;
    }
    SimdInteger.halvesBy(
        c,
        i,
        0,
        PackedBlend::palignr,
        (a0, a1, b0, b1, n) -> PackedBlend.palignr(a0, a1, b0, b1, n + 8));
  }

  private static void mpsadbw(Cpu c, Insn i) {
    SimdInteger.halvesBy(c, i, 3, PackedProducts::mpsadbwLow, PackedProducts::mpsadbwHigh);
  }

  private static void phminposuw(Cpu c, Insn i) {
    SimdInteger.halves(
        c, i, (a0, a1, b0, b1) -> PackedOrder.phminposuw(b0, b1), (a0, a1, b0, b1) -> 0);
  }

  private static void pblendw(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        0,
        (a0, a1, b0, b1, n) -> PackedBlend.pblendw(a0, b0, n),
        (a0, a1, b0, b1, n) -> PackedBlend.pblendw(a1, b1, n >> 4));
  }

  private static void blendps(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        4,
        (a0, a1, b0, b1, n) -> PackedBlend.blendps(a0, b0, n),
        (a0, a1, b0, b1, n) -> PackedBlend.blendps(a1, b1, n >> 2));
  }

  private static void blendpd(Cpu c, Insn i) {
    SimdInteger.halvesBy(
        c,
        i,
        2,
        (a0, a1, b0, b1, n) -> PackedBlend.blendpd(a0, b0, n),
        (a0, a1, b0, b1, n) -> PackedBlend.blendpd(a1, b1, n >> 1));
  }

  private static void ptest(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    test(c, c.vec[d] & lo | c.vec[d + 1] & hi, ~c.vec[d] & lo | ~c.vec[d + 1] & hi);
  }

  /** The flags of PTEST: ZF if no bit is set in {@code and}, CF if none is in {@code andn}. */
  public static void test(Cpu c, long and, long andn) {
    c.setStatusFlags((and == 0 ? RFlags.ZF : 0) | (andn == 0 ? RFlags.CF : 0));
  }

  // ---- combinators

  private static void blend(Cpu c, Insn i, ByMask f) {
    if (i.vexL >= 0) {
      vblend(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(c.vec[d], lo, c.vec[0]);
    c.vec[d + 1] = f.apply(c.vec[d + 1], hi, c.vec[1]);
  }

  /** The mask is the fourth operand. */
  private static void vblend(Cpu c, Insn i, ByMask f) {
    VexOperands.check(c);
    int b = VexOperands.source(c, i, i.op2);
    int a = i.op1.reg() * 4;
    int m = i.op3.reg() * 4;
    int d = i.op0.reg() * 4;
    long[] v = c.vec;
    for (int n = 0; n < VexOperands.lanes(i); n++) {
      v[d + n] = f.apply(v[a + n], v[b + n], v[m + n]);
    }
    VexOperands.clearUpper(c, i, d);
  }

  /**
   * PMOVSX and PMOVZX.
   *
   * @param bits of the source for each half
   */
  private static void widen(Cpu c, Insn i, int bits, Widening f) {
    if (i.vexL >= 0) {
      vwiden(c, i, bits, f);
      return;
    }
    SimdAccess.checkSse(c);
    long v = SimdAccess.readLow(c, i, i.op1);
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(v);
    c.vec[d + 1] = f.apply(v >>> bits);
  }

  private static void vwiden(Cpu c, Insn i, int bits, Widening f) {
    VexOperands.check(c);
    int lanes = VexOperands.lanes(i);
    int b = VexOperands.source(c, i, i.op1, bits * lanes >> 3);
    long lo = c.vec[b];
    long hi = c.vec[b + 1];
    int d = i.op0.reg() * 4;
    for (int n = 0; n < lanes; n++) {
      int at = n * bits;
      c.vec[d + n] = f.apply((at < 64 ? lo : hi) >>> at);
    }
    VexOperands.clearUpper(c, i, d);
  }
}
