package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;

/**
 * Floating-point arithmetic between lanes of one register, SSE3 and SSE4.1: horizontal sums,
 * alternating sums, dot products, one half of the result at a time. {@link SseMath#finish} must
 * follow. A dot product raises the exceptions of its products before it adds, and those of the
 * first sums before the last, as an AMD Zen 4 does. Source: SDM vol. 2A, ADDSUBPS, DPPS, DPPD,
 * HADDPS, HSUBPS.
 */
public final class SseHorizontal {
  private static final int EVEN = 0b1000;
  private static final int ODD = 0b1101;

  private SseHorizontal() {}

  /** The half of HADDPS that {@code hi:lo} gives: the sums of its two pairs. */
  public static long haddps(Cpu c, long lo, long hi) {
    return SseArithmetic.addps(
        c, PackedShuffle.shufd(lo, hi, EVEN), PackedShuffle.shufd(lo, hi, ODD));
  }

  public static long hsubps(Cpu c, long lo, long hi) {
    return SseArithmetic.subps(
        c, PackedShuffle.shufd(lo, hi, EVEN), PackedShuffle.shufd(lo, hi, ODD));
  }

  /** Subtracts the even lane and adds the odd one. */
  public static long addsubps(Cpu c, long a, long b) {
    int even = SseMath.arithmetic32(c, FpOp.SUB, (int) a, (int) b);
    int odd = SseMath.arithmetic32(c, FpOp.ADD, (int) (a >>> 32), (int) (b >>> 32));
    return even & 0xffffffffL | (long) odd << 32;
  }

  /** Two products of DPPS: of the lanes chosen by bits 0 and 1 of {@code imm}. */
  public static long products(Cpu c, long a, long b, int imm) {
    // A lane that is not chosen counts +0, which 0 * 0 is, without exception.
    long mask = PackedBlend.blendps(0, -1, imm);
    return SseArithmetic.mulps(c, a & mask, b & mask);
  }

  /** The sum of DPPD: products of the lanes chosen by bits 4 and 5 of {@code imm}. */
  public static long dppd(Cpu c, long a0, long a1, long b0, long b1, int imm) {
    long p0 = (imm & 0x10) != 0 ? SseArithmetic.mulpd(c, a0, b0) : 0;
    long p1 = (imm & 0x20) != 0 ? SseArithmetic.mulpd(c, a1, b1) : 0;
    SseMath.finish(c);
    return SseArithmetic.addpd(c, p0, p1);
  }
}
