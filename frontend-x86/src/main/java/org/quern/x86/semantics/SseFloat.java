package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * SSE and SSE2 floating-point arithmetic and comparison, packed and scalar. The values are computed
 * in {@link SseArithmetic} and {@link SseMath}; {@link SseMath#finish} comes before the destination
 * changes.
 */
public final class SseFloat {
  /** One binary64 lane, or two of binary32: destination and source in, result out. */
  @FunctionalInterface
  private interface Lane64 {
    long apply(Cpu c, long a, long b);
  }

  @FunctionalInterface
  private interface Lane32 {
    int apply(Cpu c, int a, int b);
  }

  /** CMPSD, CMPPD, CMPSS and CMPPS by immediate. */
  private static final Lane64[] COMPARE64 = new Lane64[8];

  private static final Lane32[] COMPARE32 = new Lane32[8];
  private static final Lane64[] COMPARE_PAIR = new Lane64[8];

  static {
    for (int n = 0; n < 8; n++) {
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
      case ADDSD -> (c, i) -> scalar64(c, i, SseArithmetic::addsd);
      case SUBSD -> (c, i) -> scalar64(c, i, SseArithmetic::subsd);
      case MULSD -> (c, i) -> scalar64(c, i, SseArithmetic::mulsd);
      case DIVSD -> (c, i) -> scalar64(c, i, SseArithmetic::divsd);
      case SQRTSD -> (c, i) -> scalar64(c, i, SseArithmetic::sqrtsd);
      case MINSD -> (c, i) -> scalar64(c, i, SseMath::min64);
      case MAXSD -> (c, i) -> scalar64(c, i, SseMath::max64);
      case CMPSD -> (c, i) -> scalar64(c, i, COMPARE64[(int) i.imm & 7]);
      case ADDPD -> (c, i) -> packed(c, i, SseArithmetic::addpd);
      case SUBPD -> (c, i) -> packed(c, i, SseArithmetic::subpd);
      case MULPD -> (c, i) -> packed(c, i, SseArithmetic::mulpd);
      case DIVPD -> (c, i) -> packed(c, i, SseArithmetic::divpd);
      case SQRTPD -> (c, i) -> packed(c, i, SseArithmetic::sqrtpd);
      case MINPD -> (c, i) -> packed(c, i, SseMath::min64);
      case MAXPD -> (c, i) -> packed(c, i, SseMath::max64);
      case CMPPD -> (c, i) -> packed(c, i, COMPARE64[(int) i.imm & 7]);
      case ADDSS -> (c, i) -> scalar32(c, i, SseArithmetic::addss);
      case SUBSS -> (c, i) -> scalar32(c, i, SseArithmetic::subss);
      case MULSS -> (c, i) -> scalar32(c, i, SseArithmetic::mulss);
      case DIVSS -> (c, i) -> scalar32(c, i, SseArithmetic::divss);
      case SQRTSS -> (c, i) -> scalar32(c, i, SseArithmetic::sqrtss);
      case MINSS -> (c, i) -> scalar32(c, i, SseMath::min32);
      case MAXSS -> (c, i) -> scalar32(c, i, SseMath::max32);
      case CMPSS -> (c, i) -> scalar32(c, i, COMPARE32[(int) i.imm & 7]);
      case RCPSS -> (c, i) -> scalar32(c, i, (k, a, b) -> SseMath.reciprocal(b));
      case RSQRTSS -> (c, i) -> scalar32(c, i, (k, a, b) -> SseMath.reciprocalRoot(b));
      case ADDPS -> (c, i) -> packed(c, i, SseArithmetic::addps);
      case SUBPS -> (c, i) -> packed(c, i, SseArithmetic::subps);
      case MULPS -> (c, i) -> packed(c, i, SseArithmetic::mulps);
      case DIVPS -> (c, i) -> packed(c, i, SseArithmetic::divps);
      case SQRTPS -> (c, i) -> packed(c, i, SseArithmetic::sqrtps);
      case MINPS -> (c, i) -> packed(c, i, SsePair::min);
      case MAXPS -> (c, i) -> packed(c, i, SsePair::max);
      case CMPPS -> (c, i) -> packed(c, i, COMPARE_PAIR[(int) i.imm & 7]);
      case RCPPS -> (c, i) -> packed(c, i, SsePair::reciprocal);
      case RSQRTPS -> (c, i) -> packed(c, i, SsePair::reciprocalRoot);
      case COMISD -> (c, i) -> compare64(c, i, true);
      case UCOMISD -> (c, i) -> compare64(c, i, false);
      case COMISS -> (c, i) -> compare32(c, i, true);
      case UCOMISS -> (c, i) -> compare32(c, i, false);
      default -> null;
    };
  }

  // ---- combinators

  private static void scalar64(Cpu c, Insn i, Lane64 f) {
    SimdAccess.checkSse(c);
    long b = SimdAccess.readScalar64(c, i);
    int d = i.op0.reg() * 4;
    long r = f.apply(c, c.vec[d], b);
    SseMath.finish(c);
    c.vec[d] = r;
  }

  private static void scalar32(Cpu c, Insn i, Lane32 f) {
    SimdAccess.checkSse(c);
    int b = SimdAccess.readScalar32(c, i);
    int d = i.op0.reg() * 4;
    long old = c.vec[d];
    int r = f.apply(c, (int) old, b);
    SseMath.finish(c);
    c.vec[d] = old & 0xffffffff00000000L | r & 0xffffffffL;
  }

  private static void packed(Cpu c, Insn i, Lane64 f) {
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
    SimdAccess.checkSse(c);
    long b = SimdAccess.readScalar64(c, i);
    int order = SseMath.compare64(c, c.vec[i.op0.reg() * 4], b, signaling);
    SseMath.finish(c);
    setFlags(c, order);
  }

  private static void compare32(Cpu c, Insn i, boolean signaling) {
    SimdAccess.checkSse(c);
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
