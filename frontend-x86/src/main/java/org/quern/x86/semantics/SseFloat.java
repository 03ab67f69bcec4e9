package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.LaneOps.Float32;
import org.quern.x86.semantics.LaneOps.FloatLanes;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * SSE, SSE2 and AVX floating-point arithmetic and comparison, packed and scalar. The values are
 * computed in {@link SseArithmetic} and {@link SseMath}; {@link SseMath#finish} comes before the
 * destination changes.
 */
public final class SseFloat {
  /** CMPSD, CMPPD, CMPSS and CMPPS by predicate: 8, under VEX 32. */
  private static final FloatLanes[] COMPARE64 = new FloatLanes[32];

  private static final Float32[] COMPARE32 = new Float32[32];
  private static final FloatLanes[] COMPARE_PAIR = new FloatLanes[32];

  static {
    for (int n = 0; n < 32; n++) {
      int predicate = n;
      COMPARE64[n] = (c, a, b) -> SseMath.cmp64(c, a, b, predicate);
      COMPARE32[n] = (c, a, b) -> SseMath.cmp32(c, a, b, predicate);
      COMPARE_PAIR[n] = (c, a, b) -> SsePair.cmp(c, a, b, predicate);
    }
  }

  private SseFloat() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case ADDSD, VADDSD -> (c, i) -> scalar64(c, i, SseArithmetic::addsd);
      case SUBSD, VSUBSD -> (c, i) -> scalar64(c, i, SseArithmetic::subsd);
      case MULSD, VMULSD -> (c, i) -> scalar64(c, i, SseArithmetic::mulsd);
      case DIVSD, VDIVSD -> (c, i) -> scalar64(c, i, SseArithmetic::divsd);
      case SQRTSD, VSQRTSD -> (c, i) -> scalar64(c, i, SseArithmetic::sqrtsd);
      case MINSD, VMINSD -> (c, i) -> scalar64(c, i, SseMath::min64);
      case MAXSD, VMAXSD -> (c, i) -> scalar64(c, i, SseMath::max64);
      case CMPSD, VCMPSD -> (c, i) -> scalar64(c, i, COMPARE64[predicate(i)]);
      case ADDPD, VADDPD -> (c, i) -> packed(c, i, SseArithmetic::addpd);
      case SUBPD, VSUBPD -> (c, i) -> packed(c, i, SseArithmetic::subpd);
      case MULPD, VMULPD -> (c, i) -> packed(c, i, SseArithmetic::mulpd);
      case DIVPD, VDIVPD -> (c, i) -> packed(c, i, SseArithmetic::divpd);
      case SQRTPD, VSQRTPD -> (c, i) -> packed(c, i, SseArithmetic::sqrtpd);
      case MINPD, VMINPD -> (c, i) -> packed(c, i, SseMath::min64);
      case MAXPD, VMAXPD -> (c, i) -> packed(c, i, SseMath::max64);
      case CMPPD, VCMPPD -> (c, i) -> packed(c, i, COMPARE64[predicate(i)]);
      case ADDSS, VADDSS -> (c, i) -> scalar32(c, i, SseArithmetic::addss);
      case SUBSS, VSUBSS -> (c, i) -> scalar32(c, i, SseArithmetic::subss);
      case MULSS, VMULSS -> (c, i) -> scalar32(c, i, SseArithmetic::mulss);
      case DIVSS, VDIVSS -> (c, i) -> scalar32(c, i, SseArithmetic::divss);
      case SQRTSS, VSQRTSS -> (c, i) -> scalar32(c, i, SseArithmetic::sqrtss);
      case MINSS, VMINSS -> (c, i) -> scalar32(c, i, SseMath::min32);
      case MAXSS, VMAXSS -> (c, i) -> scalar32(c, i, SseMath::max32);
      case CMPSS, VCMPSS -> (c, i) -> scalar32(c, i, COMPARE32[predicate(i)]);
      case RCPSS, VRCPSS -> (c, i) -> scalar32(c, i, (k, a, b) -> SseMath.reciprocal(b));
      case RSQRTSS, VRSQRTSS -> (c, i) -> scalar32(c, i, (k, a, b) -> SseMath.reciprocalRoot(b));
      case ADDPS, VADDPS -> (c, i) -> packed(c, i, SseArithmetic::addps);
      case SUBPS, VSUBPS -> (c, i) -> packed(c, i, SseArithmetic::subps);
      case MULPS, VMULPS -> (c, i) -> packed(c, i, SseArithmetic::mulps);
      case DIVPS, VDIVPS -> (c, i) -> packed(c, i, SseArithmetic::divps);
      case SQRTPS, VSQRTPS -> (c, i) -> packed(c, i, SseArithmetic::sqrtps);
      case MINPS, VMINPS -> (c, i) -> packed(c, i, SsePair::min);
      case MAXPS, VMAXPS -> (c, i) -> packed(c, i, SsePair::max);
      case CMPPS, VCMPPS -> (c, i) -> packed(c, i, COMPARE_PAIR[predicate(i)]);
      case RCPPS, VRCPPS -> (c, i) -> packed(c, i, SsePair::reciprocal);
      case RSQRTPS, VRSQRTPS -> (c, i) -> packed(c, i, SsePair::reciprocalRoot);
      case COMISD, VCOMISD -> (c, i) -> compare64(c, i, true);
      case UCOMISD, VUCOMISD -> (c, i) -> compare64(c, i, false);
      case COMISS, VCOMISS -> (c, i) -> compare32(c, i, true);
      case UCOMISS, VUCOMISS -> (c, i) -> compare32(c, i, false);
      default -> null;
    };
  }

  /** A legacy encoding takes three bits of the immediate, VEX five. */
  private static int predicate(Insn i) {
    return (int) i.imm & (i.vexL < 0 ? 7 : 31);
  }

  // ---- combinators

  static void scalar64(Cpu c, Insn i, FloatLanes f) {
    if (i.vexL >= 0) {
      VexFloat.scalar64(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    long b = SimdAccess.readScalar64(c, i);
    int d = i.op0.reg() * 4;
    long r = f.apply(c, c.vec[d], b);
    SseMath.finish(c);
    c.vec[d] = r;
  }

  static void scalar32(Cpu c, Insn i, Float32 f) {
    if (i.vexL >= 0) {
      VexFloat.scalar32(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    int b = SimdAccess.readScalar32(c, i);
    int d = i.op0.reg() * 4;
    long old = c.vec[d];
    int r = f.apply(c, (int) old, b);
    SseMath.finish(c);
    c.vec[d] = old & 0xffffffff00000000L | r & 0xffffffffL;
  }

  static void packed(Cpu c, Insn i, FloatLanes f) {
    if (i.vexL >= 0) {
      VexFloat.packed(c, i, f);
      return;
    }
    SimdAccess.checkSse(c);
    long lo = SimdAccess.readHalf(c, i, 0);
    long hi = SimdAccess.readHalf(c, i, 1);
    int d = i.op0.reg() * 4;
    long r0 = f.apply(c, c.vec[d], lo);
    long r1 = f.apply(c, c.vec[d + 1], hi);
    SseMath.finish(c);
    c.vec[d] = r0;
    c.vec[d + 1] = r1;
  }

  // ---- COMIS, UCOMIS

  private static void compare64(Cpu c, Insn i, boolean signaling) {
    VexOperands.checkEither(c, i);
    long b = SimdAccess.readScalar64(c, i);
    int order = SseMath.compare64(c, c.vec[i.op0.reg() * 4], b, signaling);
    SseMath.finish(c);
    setFlags(c, order);
  }

  private static void compare32(Cpu c, Insn i, boolean signaling) {
    VexOperands.checkEither(c, i);
    int b = SimdAccess.readScalar32(c, i);
    int order = SseMath.compare32(c, (int) c.vec[i.op0.reg() * 4], b, signaling);
    SseMath.finish(c);
    setFlags(c, order);
  }

  /** Sets the status flags as COMISD does; {@code order} as {@link SoftFloat#compare} gives it. */
  public static void setFlags(Cpu c, int order) {
    c.setStatusFlags(
        switch (order) {
          case SoftFloat.LESS -> RFlags.CF;
          case SoftFloat.EQUAL -> RFlags.ZF;
          case SoftFloat.GREATER -> 0;
          default -> RFlags.ZF | RFlags.PF | RFlags.CF;
        });
  }
}
