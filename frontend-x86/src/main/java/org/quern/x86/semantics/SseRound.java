package org.quern.x86.semantics;

import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.state.Cpu;

/**
 * SSE4.1's rounding to integral values on single lanes; {@link SseMath#finish} must follow. Never a
 * denormal-operand exception. Source: SDM vol. 2B, ROUNDPD, figure 4-24.
 */
public final class SseRound {
  /** Bit of the immediate: MXCSR decides the rounding mode, not bits 0 and 1. */
  private static final int BY_MXCSR = 4;

  /** Bit of the immediate: an inexact result raises no PE. */
  private static final int QUIET = 8;

  private static final long QUIET64 = 1L << 51;
  private static final int QUIET32 = 1 << 22;

  private SseRound() {}

  /** A lane of ROUNDPD; {@code imm} is the instruction's immediate. */
  public static long round64(Cpu c, long v, int imm) {
    double x = Double.longBitsToDouble(v);
    if (Double.isNaN(x)) {
      c.soft.accrued |= (v & QUIET64) == 0 ? FpFlags.IE : 0;
      return v | QUIET64;
    }
    if ((c.mxcsr & SseMath.DAZ) != 0 && (v >>> 52 & 0x7ff) == 0) {
      return v & Long.MIN_VALUE;
    }
    double r = integral(x, mode(c, imm));
    if (r != x && (imm & QUIET) == 0) {
      c.soft.accrued |= FpFlags.PE;
    }
    return Double.doubleToRawLongBits(r);
  }

  /** A lane of ROUNDPS. */
  public static int round32(Cpu c, int v, int imm) {
    float x = Float.intBitsToFloat(v);
    if (Float.isNaN(x)) {
      c.soft.accrued |= (v & QUIET32) == 0 ? FpFlags.IE : 0;
      return v | QUIET32;
    }
    if ((c.mxcsr & SseMath.DAZ) != 0 && (v >>> 23 & 0xff) == 0) {
      return v & Integer.MIN_VALUE;
    }
    float r = (float) integral(x, mode(c, imm));
    if (r != x && (imm & QUIET) == 0) {
      c.soft.accrued |= FpFlags.PE;
    }
    return Float.floatToRawIntBits(r);
  }

  /** Two lanes of ROUNDPS. */
  public static long roundPair(Cpu c, long v, int imm) {
    return round32(c, (int) v, imm) & 0xffffffffL | (long) round32(c, (int) (v >>> 32), imm) << 32;
  }

  private static int mode(Cpu c, int imm) {
    return (imm & BY_MXCSR) != 0 ? (c.mxcsr & SseMath.ROUNDING) >> SseMath.ROUNDING_SHIFT : imm & 3;
  }

  private static double integral(double x, int mode) {
    return switch (mode) {
      case FpFlags.NEAREST -> Math.rint(x);
      case FpFlags.DOWN -> Math.floor(x);
      case FpFlags.UP -> Math.ceil(x);
      default -> x < 0 ? Math.ceil(x) : Math.floor(x);
    };
  }
}
