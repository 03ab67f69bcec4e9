package org.quern.x86.semantics;

import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;

/**
 * Fused multiply-add on single values: {@code x * y + z} rounded once; exceptions accrue until
 * {@link SseMath#finish}. Java's own is right where {@link SseArithmetic} says that Java's
 * arithmetic is. Source: SDM vol. 1, 14.5.
 */
public final class FmaMath {
  /** Bits of {@code negate}. */
  public static final int PRODUCT = 1;

  public static final int ADDEND = 2;

  private FmaMath() {}

  /**
   * Of binary64.
   *
   * @param negate {@link #PRODUCT}, {@link #ADDEND}: what is taken with the other sign
   */
  public static long fma64(Cpu c, long x, long y, long z, int negate) {
    if (SseArithmetic.free(c)
        && SseArithmetic.plain(x)
        && SseArithmetic.plain(y)
        && SseArithmetic.plain(z)) {
      double p = Double.longBitsToDouble(x ^ (long) (negate & PRODUCT) << 63);
      double q = Double.longBitsToDouble(z ^ (long) (negate & ADDEND) << 62);
      long r = Double.doubleToRawLongBits(Math.fma(p, Double.longBitsToDouble(y), q));
      if (SseArithmetic.normal(r)) {
        return r;
      }
    }
    SoftFloat f = SseMath.load64(c, x, y);
    f.addend.set64(z);
    soft(c, f, negate);
    return SseMath.rounded64(f);
  }

  /** Of binary32. */
  public static int fma32(Cpu c, int x, int y, int z, int negate) {
    if (SseArithmetic.free(c)
        && SseArithmetic.plain(x)
        && SseArithmetic.plain(y)
        && SseArithmetic.plain(z)) {
      float p = Float.intBitsToFloat(x ^ (negate & PRODUCT) << 31);
      float q = Float.intBitsToFloat(z ^ (negate & ADDEND) << 30);
      int r = Float.floatToRawIntBits(Math.fma(p, Float.intBitsToFloat(y), q));
      if (SseArithmetic.normal(r)) {
        return r;
      }
    }
    SoftFloat f = SseMath.load32(c, x, y);
    f.addend.set32(z);
    soft(c, f, negate);
    return SseMath.rounded32(f);
  }

  private static void soft(Cpu c, SoftFloat f, int negate) {
    if ((c.mxcsr & SseMath.DAZ) != 0) {
      f.addend.denormalsAreZero();
    }
    f.multiplyAdd((negate & PRODUCT) != 0, (negate & ADDEND) != 0);
  }
}
