package org.quern.x86.semantics;

import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.state.Cpu;

/**
 * The arithmetic instructions of SSE and SSE2 on the lanes of a register, for the interpreter and
 * for translated code: {@code v} is {@link Cpu#vec}, {@code d} the index of the destination's lower
 * half, the rest the source.
 *
 * <p>Java's arithmetic is right, and sets no flag, if rounding is to nearest, every exception is
 * masked, PE is set already, the operands are normal and so is the result, above the smallest
 * binade. One test finds that out for all lanes; {@link SseMath} does everything else. The methods
 * are small, so that HotSpot puts them into the code of a region.
 */
public final class SseArithmetic {
  private static final int CONTROLS = SseMath.ROUNDING | SseMath.MASKS | FpFlags.PE;
  private static final int FREE = SseMath.MASKS | FpFlags.PE;

  private static final long EXPONENT64 = 0x7ffL << 52;
  private static final long SMALL64 = 2L << 52;

  private static final int EXPONENT32 = 0xff << 23;

  // Two binary32 in a long
  private static final long EXPONENTS32 = 0x7f8000007f800000L;
  private static final long ONES32 = 0x0000000100000001L;
  private static final long SMALL32 = 0x0100000001000000L;
  private static final long SIGNS32 = 0x8000000080000000L;
  private static final long HIGH = 0xffffffff00000000L;

  private SseArithmetic() {}

  /** Rounding to nearest, nothing unmasked, PE set. */
  private static boolean free(Cpu c) {
    return (c.mxcsr & CONTROLS) == FREE;
  }

  /**
   * Negative if an operand is zero or denormal, or the result is not finite or too small. Infinite
   * operands and NaNs give no finite normal result.
   */
  private static long doubt64(long a, long b, long r) {
    long e = r & EXPONENT64;
    return (a & EXPONENT64) - 1 | (b & EXPONENT64) - 1 | e - SMALL64 | EXPONENT64 - 1 - e;
  }

  /**
   * As {@link #doubt64} for two lanes: the top bit of each. A borrow leaves a lane only if its own
   * top bit is set.
   */
  private static long doubt32(long a, long b, long r) {
    long e = r & EXPONENTS32;
    return ((a & EXPONENTS32) - ONES32
            | (b & EXPONENTS32) - ONES32
            | e - SMALL32
            | EXPONENTS32 - ONES32 - e)
        & SIGNS32;
  }

  private static int doubt(int a, int b, int r) {
    int e = r & EXPONENT32;
    return (a & EXPONENT32) - 1 | (b & EXPONENT32) - 1 | e - (2 << 23) | EXPONENT32 - 1 - e;
  }

  private static double real(long v) {
    return Double.longBitsToDouble(v);
  }

  private static long bits(double v) {
    return Double.doubleToRawLongBits(v);
  }

  private static float low(long v) {
    return Float.intBitsToFloat((int) v);
  }

  private static float high(long v) {
    return Float.intBitsToFloat((int) (v >>> 32));
  }

  private static long pair(float low, float high) {
    return Float.floatToRawIntBits(low) & 0xffffffffL | (long) Float.floatToRawIntBits(high) << 32;
  }

  // ---- everything that is not ordinary

  private static void exactSd(Cpu c, FpOp op, long[] v, int d, long b) {
    long r = SseMath.arithmetic64(c, op, v[d], b);
    SseMath.finish(c);
    v[d] = r;
  }

  private static void exactPd(Cpu c, FpOp op, long[] v, int d, long lo, long hi) {
    long r0 = SseMath.arithmetic64(c, op, v[d], lo);
    long r1 = SseMath.arithmetic64(c, op, v[d + 1], hi);
    SseMath.finish(c);
    v[d] = r0;
    v[d + 1] = r1;
  }

  private static void exactSs(Cpu c, FpOp op, long[] v, int d, int b) {
    int r = SseMath.arithmetic32(c, op, (int) v[d], b);
    SseMath.finish(c);
    v[d] = v[d] & HIGH | r & 0xffffffffL;
  }

  private static void exactPs(Cpu c, FpOp op, long[] v, int d, long lo, long hi) {
    long r0 = SsePair.arithmetic(c, op, v[d], lo);
    long r1 = SsePair.arithmetic(c, op, v[d + 1], hi);
    SseMath.finish(c);
    v[d] = r0;
    v[d + 1] = r1;
  }

  // ---- binary64, scalar

  public static void addsd(Cpu c, long[] v, int d, long b) {
    long a = v[d];
    long r = bits(real(a) + real(b));
    if (free(c) && doubt64(a, b, r) >= 0) {
      v[d] = r;
    } else {
      exactSd(c, FpOp.ADD, v, d, b);
    }
  }

  public static void subsd(Cpu c, long[] v, int d, long b) {
    long a = v[d];
    long r = bits(real(a) - real(b));
    if (free(c) && doubt64(a, b, r) >= 0) {
      v[d] = r;
    } else {
      exactSd(c, FpOp.SUB, v, d, b);
    }
  }

  public static void mulsd(Cpu c, long[] v, int d, long b) {
    long a = v[d];
    long r = bits(real(a) * real(b));
    if (free(c) && doubt64(a, b, r) >= 0) {
      v[d] = r;
    } else {
      exactSd(c, FpOp.MUL, v, d, b);
    }
  }

  public static void divsd(Cpu c, long[] v, int d, long b) {
    long a = v[d];
    long r = bits(real(a) / real(b));
    if (free(c) && doubt64(a, b, r) >= 0) {
      v[d] = r;
    } else {
      exactSd(c, FpOp.DIV, v, d, b);
    }
  }

  public static void sqrtsd(Cpu c, long[] v, int d, long b) {
    long r = bits(Math.sqrt(real(b)));
    if (free(c) && doubt64(b, b, r) >= 0) {
      v[d] = r;
    } else {
      exactSd(c, FpOp.SQRT, v, d, b);
    }
  }

  // ---- binary64, packed

  public static void addpd(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = bits(real(a0) + real(lo));
    long r1 = bits(real(a1) + real(hi));
    if (free(c) && (doubt64(a0, lo, r0) | doubt64(a1, hi, r1)) >= 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPd(c, FpOp.ADD, v, d, lo, hi);
    }
  }

  public static void subpd(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = bits(real(a0) - real(lo));
    long r1 = bits(real(a1) - real(hi));
    if (free(c) && (doubt64(a0, lo, r0) | doubt64(a1, hi, r1)) >= 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPd(c, FpOp.SUB, v, d, lo, hi);
    }
  }

  public static void mulpd(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = bits(real(a0) * real(lo));
    long r1 = bits(real(a1) * real(hi));
    if (free(c) && (doubt64(a0, lo, r0) | doubt64(a1, hi, r1)) >= 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPd(c, FpOp.MUL, v, d, lo, hi);
    }
  }

  public static void divpd(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = bits(real(a0) / real(lo));
    long r1 = bits(real(a1) / real(hi));
    if (free(c) && (doubt64(a0, lo, r0) | doubt64(a1, hi, r1)) >= 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPd(c, FpOp.DIV, v, d, lo, hi);
    }
  }

  public static void sqrtpd(Cpu c, long[] v, int d, long lo, long hi) {
    long r0 = bits(Math.sqrt(real(lo)));
    long r1 = bits(Math.sqrt(real(hi)));
    if (free(c) && (doubt64(lo, lo, r0) | doubt64(hi, hi, r1)) >= 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPd(c, FpOp.SQRT, v, d, lo, hi);
    }
  }

  // ---- binary32, scalar

  public static void addss(Cpu c, long[] v, int d, int b) {
    int a = (int) v[d];
    int r = Float.floatToRawIntBits(Float.intBitsToFloat(a) + Float.intBitsToFloat(b));
    if (free(c) && doubt(a, b, r) >= 0) {
      v[d] = v[d] & HIGH | r & 0xffffffffL;
    } else {
      exactSs(c, FpOp.ADD, v, d, b);
    }
  }

  public static void subss(Cpu c, long[] v, int d, int b) {
    int a = (int) v[d];
    int r = Float.floatToRawIntBits(Float.intBitsToFloat(a) - Float.intBitsToFloat(b));
    if (free(c) && doubt(a, b, r) >= 0) {
      v[d] = v[d] & HIGH | r & 0xffffffffL;
    } else {
      exactSs(c, FpOp.SUB, v, d, b);
    }
  }

  public static void mulss(Cpu c, long[] v, int d, int b) {
    int a = (int) v[d];
    int r = Float.floatToRawIntBits(Float.intBitsToFloat(a) * Float.intBitsToFloat(b));
    if (free(c) && doubt(a, b, r) >= 0) {
      v[d] = v[d] & HIGH | r & 0xffffffffL;
    } else {
      exactSs(c, FpOp.MUL, v, d, b);
    }
  }

  public static void divss(Cpu c, long[] v, int d, int b) {
    int a = (int) v[d];
    int r = Float.floatToRawIntBits(Float.intBitsToFloat(a) / Float.intBitsToFloat(b));
    if (free(c) && doubt(a, b, r) >= 0) {
      v[d] = v[d] & HIGH | r & 0xffffffffL;
    } else {
      exactSs(c, FpOp.DIV, v, d, b);
    }
  }

  public static void sqrtss(Cpu c, long[] v, int d, int b) {
    int r = Float.floatToRawIntBits((float) Math.sqrt(Float.intBitsToFloat(b)));
    if (free(c) && doubt(b, b, r) >= 0) {
      v[d] = v[d] & HIGH | r & 0xffffffffL;
    } else {
      exactSs(c, FpOp.SQRT, v, d, b);
    }
  }

  // ---- binary32, packed

  public static void addps(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = pair(low(a0) + low(lo), high(a0) + high(lo));
    long r1 = pair(low(a1) + low(hi), high(a1) + high(hi));
    if (free(c) && (doubt32(a0, lo, r0) | doubt32(a1, hi, r1)) == 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPs(c, FpOp.ADD, v, d, lo, hi);
    }
  }

  public static void subps(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = pair(low(a0) - low(lo), high(a0) - high(lo));
    long r1 = pair(low(a1) - low(hi), high(a1) - high(hi));
    if (free(c) && (doubt32(a0, lo, r0) | doubt32(a1, hi, r1)) == 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPs(c, FpOp.SUB, v, d, lo, hi);
    }
  }

  public static void mulps(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = pair(low(a0) * low(lo), high(a0) * high(lo));
    long r1 = pair(low(a1) * low(hi), high(a1) * high(hi));
    if (free(c) && (doubt32(a0, lo, r0) | doubt32(a1, hi, r1)) == 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPs(c, FpOp.MUL, v, d, lo, hi);
    }
  }

  public static void divps(Cpu c, long[] v, int d, long lo, long hi) {
    long a0 = v[d];
    long a1 = v[d + 1];
    long r0 = pair(low(a0) / low(lo), high(a0) / high(lo));
    long r1 = pair(low(a1) / low(hi), high(a1) / high(hi));
    if (free(c) && (doubt32(a0, lo, r0) | doubt32(a1, hi, r1)) == 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPs(c, FpOp.DIV, v, d, lo, hi);
    }
  }

  public static void sqrtps(Cpu c, long[] v, int d, long lo, long hi) {
    long r0 = pair((float) Math.sqrt(low(lo)), (float) Math.sqrt(high(lo)));
    long r1 = pair((float) Math.sqrt(low(hi)), (float) Math.sqrt(high(hi)));
    if (free(c) && (doubt32(lo, lo, r0) | doubt32(hi, hi, r1)) == 0) {
      v[d] = r0;
      v[d + 1] = r1;
    } else {
      exactPs(c, FpOp.SQRT, v, d, lo, hi);
    }
  }
}
