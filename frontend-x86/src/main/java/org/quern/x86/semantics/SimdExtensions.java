package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * Integer instructions of SSSE3, SSE4.1 and SSE4.2 on whole registers, and the blends of
 * floating-point lanes, which do not look at what they move. The values are computed in {@link
 * PackedOrder}, {@link PackedProducts} and {@link PackedBlend}.
 */
public final class SimdExtensions {
  /** The value of one half by an immediate. */
  @FunctionalInterface
  private interface ByImmediate {
    long apply(long a, long b, int imm);
  }

  /** The value of one half by the same half of XMM0. */
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
      case PABSB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pabsb);
      case PABSW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pabsw);
      case PABSD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pabsd);
      case PSIGNB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::psignb);
      case PSIGNW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::psignw);
      case PSIGND -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::psignd);
      case PCMPEQQ -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pcmpeqq);
      case PCMPGTQ -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pcmpgtq);
      case PMAXSB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxsb);
      case PMINSB -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminsb);
      case PMAXUW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxuw);
      case PMINUW -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminuw);
      case PMAXSD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxsd);
      case PMINSD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminsd);
      case PMAXUD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pmaxud);
      case PMINUD -> (c, i) -> SimdInteger.lanes(c, i, PackedOrder::pminud);
      case PMADDUBSW -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmaddubsw);
      case PMULHRSW -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmulhrsw);
      case PMULLD -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmulld);
      case PMULDQ -> (c, i) -> SimdInteger.lanes(c, i, PackedProducts::pmuldq);
      case PHADDW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phaddw);
      case PHADDD -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phaddd);
      case PHADDSW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phaddsw);
      case PHSUBW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phsubw);
      case PHSUBD -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phsubd);
      case PHSUBSW -> (c, i) -> SimdInteger.pack(c, i, PackedProducts::phsubsw);
      case PACKUSDW -> (c, i) -> SimdInteger.pack(c, i, PackedBlend::packusdw);
      case PSHUFB -> SimdExtensions::pshufb;
      case PALIGNR -> SimdExtensions::palignr;
      case MPSADBW -> SimdExtensions::mpsadbw;
      case PHMINPOSUW -> SimdExtensions::phminposuw;
      case PTEST -> SimdExtensions::ptest;
      case PBLENDW -> (c, i) -> blend(c, i, 4, PackedBlend::pblendw);
      case BLENDPS -> (c, i) -> blend(c, i, 2, PackedBlend::blendps);
      case BLENDPD -> (c, i) -> blend(c, i, 1, PackedBlend::blendpd);
      case PBLENDVB -> (c, i) -> blend(c, i, PackedBlend::pblendvb);
      case BLENDVPS -> (c, i) -> blend(c, i, PackedBlend::blendvps);
      case BLENDVPD -> (c, i) -> blend(c, i, PackedBlend::blendvpd);
      case PMOVSXBW -> (c, i) -> widen(c, i, 32, PackedBlend::sxbw);
      case PMOVSXBD -> (c, i) -> widen(c, i, 16, PackedBlend::sxbd);
      case PMOVSXBQ -> (c, i) -> widen(c, i, 8, PackedBlend::sxbq);
      case PMOVSXWD -> (c, i) -> widen(c, i, 32, PackedBlend::sxwd);
      case PMOVSXWQ -> (c, i) -> widen(c, i, 16, PackedBlend::sxwq);
      case PMOVSXDQ -> (c, i) -> widen(c, i, 32, PackedBlend::sxdq);
      case PMOVZXBW -> (c, i) -> widen(c, i, 32, PackedBlend::zxbw);
      case PMOVZXBD -> (c, i) -> widen(c, i, 16, PackedBlend::zxbd);
      case PMOVZXBQ -> (c, i) -> widen(c, i, 8, PackedBlend::zxbq);
      case PMOVZXWD -> (c, i) -> widen(c, i, 32, PackedBlend::zxwd);
      case PMOVZXWQ -> (c, i) -> widen(c, i, 16, PackedBlend::zxwq);
      case PMOVZXDQ -> (c, i) -> widen(c, i, 32, PackedBlend::zxdq);
      default -> null;
    };
  }

  private static void pshufb(Cpu c, Insn i) {
    if (SimdInteger.mmx(i.op0)) {
      SimdInteger.mmxLanes(c, i, PackedBlend::pshufb);
      return;
    }
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    long a = c.vec[d];
    long aHigh = c.vec[d + 1];
    c.vec[d] = PackedBlend.pshufb(a, aHigh, lo);
    c.vec[d + 1] = PackedBlend.pshufb(a, aHigh, hi);
  }

  private static void palignr(Cpu c, Insn i) {
    int n = (int) i.imm & 0xff;
    if (SimdInteger.mmx(i.op0)) {
      SimdInteger.mmxLanes(c, i, (a, b) -> PackedBlend.palignr(a, b, n));
      return;
    }
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    long a = c.vec[d];
    long aHigh = c.vec[d + 1];
    c.vec[d] = PackedBlend.palignr(a, aHigh, lo, hi, n);
    c.vec[d + 1] = PackedBlend.palignr(a, aHigh, lo, hi, n + 8);
  }

  private static void mpsadbw(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    int imm = (int) i.imm;
    long a = c.vec[d];
    long aHigh = c.vec[d + 1];
    c.vec[d] = PackedProducts.mpsadbwLow(a, aHigh, lo, hi, imm);
    c.vec[d + 1] = PackedProducts.mpsadbwHigh(a, aHigh, lo, hi, imm);
  }

  private static void phminposuw(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = PackedOrder.phminposuw(lo, hi);
    c.vec[d + 1] = 0;
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

  /**
   * A blend by immediate.
   *
   * @param bits of the immediate for each half
   */
  private static void blend(Cpu c, Insn i, int bits, ByImmediate f) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(c.vec[d], lo, (int) i.imm);
    c.vec[d + 1] = f.apply(c.vec[d + 1], hi, (int) i.imm >> bits);
  }

  private static void blend(Cpu c, Insn i, ByMask f) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(c.vec[d], lo, c.vec[0]);
    c.vec[d + 1] = f.apply(c.vec[d + 1], hi, c.vec[1]);
  }

  /**
   * PMOVSX and PMOVZX.
   *
   * @param bits of the source for each half
   */
  private static void widen(Cpu c, Insn i, int bits, Widening f) {
    SimdAccess.checkSse(c);
    long v = SimdAccess.readLow(c, i, i.op1);
    int d = i.op0.reg() * 4;
    c.vec[d] = f.apply(v);
    c.vec[d + 1] = f.apply(v >>> bits);
  }
}
