package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.LaneOps.Float32;
import org.quern.x86.semantics.LaneOps.FloatLanes;
import org.quern.x86.state.Cpu;

/**
 * Floating-point instructions of SSE3 and SSE4.1 and their VEX forms. The values are computed in
 * {@link SseHorizontal} and {@link SseRound}; {@link SseMath#finish} comes before the destination
 * changes.
 */
public final class SseExtensions {
  /** ROUNDSD, ROUNDPD, ROUNDSS and ROUNDPS by the low four bits of the immediate. */
  private static final FloatLanes[] ROUND64 = new FloatLanes[16];

  private static final Float32[] ROUND32 = new Float32[16];
  private static final FloatLanes[] ROUND_PAIR = new FloatLanes[16];

  static {
    for (int n = 0; n < 16; n++) {
      int imm = n;
      ROUND64[n] = (c, a, b) -> SseRound.round64(c, b, imm);
      ROUND32[n] = (c, a, b) -> SseRound.round32(c, b, imm);
      ROUND_PAIR[n] = (c, a, b) -> SseRound.roundPair(c, b, imm);
    }
  }

  private SseExtensions() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case ADDSUBPS, VADDSUBPS -> (c, i) -> SseFloat.packed(c, i, SseHorizontal::addsubps);
      case ADDSUBPD, VADDSUBPD -> SseExtensions::addsubpd;
      case HADDPS, VHADDPS -> (c, i) -> horizontal(c, i, SseHorizontal::haddps);
      case HADDPD, VHADDPD -> (c, i) -> horizontal(c, i, SseArithmetic::addpd);
      case HSUBPS, VHSUBPS -> (c, i) -> horizontal(c, i, SseHorizontal::hsubps);
      case HSUBPD, VHSUBPD -> (c, i) -> horizontal(c, i, SseArithmetic::subpd);
      case DPPS, VDPPS -> SseExtensions::dpps;
      case DPPD, VDPPD -> SseExtensions::dppd;
      case ROUNDPS, VROUNDPS -> (c, i) -> SseFloat.packed(c, i, ROUND_PAIR[(int) i.imm & 15]);
      case ROUNDPD, VROUNDPD -> (c, i) -> SseFloat.packed(c, i, ROUND64[(int) i.imm & 15]);
      case ROUNDSS, VROUNDSS -> (c, i) -> SseFloat.scalar32(c, i, ROUND32[(int) i.imm & 15]);
      case ROUNDSD, VROUNDSD -> (c, i) -> SseFloat.scalar64(c, i, ROUND64[(int) i.imm & 15]);
      default -> null;
    };
  }

  // ---- combinators: of either encoding

  /** Index in {@code Cpu.vec} of the second operand, after the checks. */
  private static int begin(Cpu c, Insn i) {
    if (i.vexL >= 0) {
      VexOperands.check(c);
      return VexOperands.source(c, i, i.op2);
    }
    SimdAccess.checkSse(c);
    return SimdAccess.source(c, i);
  }

  /** The end of the instruction: writes as many of the four lanes as it has. */
  private static void finish(Cpu c, Insn i, long r0, long r1, long r2, long r3) {
    SseMath.finish(c);
    int d = i.op0.reg() * 4;
    c.vec[d] = r0;
    c.vec[d + 1] = r1;
    if (i.vexL >= 0) {
      c.vec[d + 2] = r2;
      c.vec[d + 3] = r3;
    }
  }

  /** Subtracts the even lanes and adds the odd ones. */
  private static void addsubpd(Cpu c, Insn i) {
    int b = begin(c, i);
    int a = VexOperands.first(i);
    long[] v = c.vec;
    long r0 = SseArithmetic.subpd(c, v[a], v[b]);
    long r1 = SseArithmetic.addpd(c, v[a + 1], v[b + 1]);
    boolean wide = i.vexL > 0;
    long r2 = wide ? SseArithmetic.subpd(c, v[a + 2], v[b + 2]) : 0;
    long r3 = wide ? SseArithmetic.addpd(c, v[a + 3], v[b + 3]) : 0;
    finish(c, i, r0, r1, r2, r3);
  }

  /** The halves of the first operand with each other, then those of the second. */
  private static void horizontal(Cpu c, Insn i, FloatLanes f) {
    int b = begin(c, i);
    int a = VexOperands.first(i);
    long[] v = c.vec;
    long r0 = f.apply(c, v[a], v[a + 1]);
    long r1 = f.apply(c, v[b], v[b + 1]);
    boolean wide = i.vexL > 0;
    long r2 = wide ? f.apply(c, v[a + 2], v[a + 3]) : 0;
    long r3 = wide ? f.apply(c, v[b + 2], v[b + 3]) : 0;
    finish(c, i, r0, r1, r2, r3);
  }

  // ---- dot products: bits 0 to 3 of the immediate say which lanes get the sum, the others get 0

  /** Adds as {@code (p0 + p1) + (p2 + p3)}, all lanes in step: see {@link SseHorizontal}. */
  private static void dpps(Cpu c, Insn i) {
    int b = begin(c, i);
    int a = VexOperands.first(i);
    int imm = (int) i.imm;
    long[] v = c.vec;
    boolean wide = i.vexL > 0;
    long p0 = SseHorizontal.products(c, v[a], v[b], imm >> 4);
    long p1 = SseHorizontal.products(c, v[a + 1], v[b + 1], imm >> 6);
    long p2 = wide ? SseHorizontal.products(c, v[a + 2], v[b + 2], imm >> 4) : 0;
    long p3 = wide ? SseHorizontal.products(c, v[a + 3], v[b + 3], imm >> 6) : 0;
    SseMath.finish(c);
    long low = SseHorizontal.haddps(c, p0, p1);
    long high = wide ? SseHorizontal.haddps(c, p2, p3) : 0;
    SseMath.finish(c);
    long lower = twice(SseArithmetic.addps(c, low & 0xffffffffL, low >>> 32));
    long upper = wide ? twice(SseArithmetic.addps(c, high & 0xffffffffL, high >>> 32)) : 0;
    finish(
        c,
        i,
        PackedBlend.blendps(0, lower, imm),
        PackedBlend.blendps(0, lower, imm >> 2),
        PackedBlend.blendps(0, upper, imm),
        PackedBlend.blendps(0, upper, imm >> 2));
  }

  private static long twice(long v) {
    return v & 0xffffffffL | v << 32;
  }

  private static void dppd(Cpu c, Insn i) {
    int b = begin(c, i);
    int a = VexOperands.first(i);
    int imm = (int) i.imm;
    long sum = SseHorizontal.dppd(c, c.vec[a], c.vec[a + 1], c.vec[b], c.vec[b + 1], imm);
    finish(c, i, PackedBlend.blendpd(0, sum, imm), PackedBlend.blendpd(0, sum, imm >> 1), 0, 0);
  }
}
