package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/**
 * Floating-point instructions of SSE3 and SSE4.1. The values are computed in {@link SseHorizontal}
 * and {@link SseRound}; {@link SseMath#finish} comes before the destination changes.
 */
public final class SseExtensions {
  /** One half of the result. */
  @FunctionalInterface
  private interface Half {
    long apply(Cpu c, long a, long b);
  }

  private SseExtensions() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case ADDSUBPS -> (c, i) -> vertical(c, i, SseHorizontal::addsubps, SseHorizontal::addsubps);
      case ADDSUBPD -> (c, i) -> vertical(c, i, SseArithmetic::subpd, SseArithmetic::addpd);
      case HADDPS -> (c, i) -> horizontal(c, i, SseHorizontal::haddps);
      case HADDPD -> (c, i) -> horizontal(c, i, SseArithmetic::addpd);
      case HSUBPS -> (c, i) -> horizontal(c, i, SseHorizontal::hsubps);
      case HSUBPD -> (c, i) -> horizontal(c, i, SseArithmetic::subpd);
      case DPPS -> SseExtensions::dpps;
      case DPPD -> SseExtensions::dppd;
      case ROUNDPS -> SseExtensions::roundps;
      case ROUNDPD -> SseExtensions::roundpd;
      case ROUNDSS -> SseExtensions::roundss;
      case ROUNDSD -> SseExtensions::roundsd;
      default -> null;
    };
  }

  /** Each half of the destination with the same half of the source. */
  private static void vertical(Cpu c, Insn i, Half low, Half high) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    finish(c, d, low.apply(c, c.vec[d], lo), high.apply(c, c.vec[d + 1], hi));
  }

  /** The halves of the destination with each other, then those of the source. */
  private static void horizontal(Cpu c, Insn i, Half f) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    finish(c, d, f.apply(c, c.vec[d], c.vec[d + 1]), f.apply(c, lo, hi));
  }

  private static void finish(Cpu c, int d, long low, long high) {
    SseMath.finish(c);
    c.vec[d] = low;
    c.vec[d + 1] = high;
  }

  // ---- dot products: bits 0 to 3 of the immediate say which lanes get the sum, the others get 0

  private static void dpps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    int imm = (int) i.imm;
    long sum = SseHorizontal.dpps(c, c.vec[d], c.vec[d + 1], lo, hi, imm) & 0xffffffffL;
    long both = sum | sum << 32;
    finish(c, d, PackedBlend.blendps(0, both, imm), PackedBlend.blendps(0, both, imm >> 2));
  }

  private static void dppd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    int imm = (int) i.imm;
    long sum = SseHorizontal.dppd(c, c.vec[d], c.vec[d + 1], lo, hi, imm);
    finish(c, d, PackedBlend.blendpd(0, sum, imm), PackedBlend.blendpd(0, sum, imm >> 1));
  }

  // ---- rounding

  private static void roundps(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int imm = (int) i.imm;
    int d = i.op0.reg() * 4;
    finish(c, d, SseRound.roundPair(c, lo, imm), SseRound.roundPair(c, hi, imm));
  }

  private static void roundpd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int imm = (int) i.imm;
    int d = i.op0.reg() * 4;
    finish(c, d, SseRound.round64(c, lo, imm), SseRound.round64(c, hi, imm));
  }

  private static void roundss(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int d = i.op0.reg() * 4;
    int r = SseRound.round32(c, SimdAccess.readScalar32(c, i), (int) i.imm);
    finish(c, d, c.vec[d] & 0xffffffff00000000L | r & 0xffffffffL, c.vec[d + 1]);
  }

  private static void roundsd(Cpu c, Insn i) {
    SimdAccess.checkSse(c);
    int d = i.op0.reg() * 4;
    long r = SseRound.round64(c, SimdAccess.readScalar64(c, i), (int) i.imm);
    finish(c, d, r, c.vec[d + 1]);
  }
}
