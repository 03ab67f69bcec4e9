package org.quern.x86.semantics.fp;

import java.math.BigInteger;

/**
 * The power series behind {@link Logarithms} and {@link Angles}, evaluated by Horner's rule in
 * fixed point with 127 fraction bits. Each has enough terms for its range: what is left out, and
 * all truncations together, stay below 2^-108.
 */
final class Series {
  /** sin(r)/r and cos(r) in r^2, for |r| up to pi/4; terms alternate. */
  static final Series SINE = factorials(15, 1, 2);

  static final Series COSINE = factorials(15, 0, 2);

  /** (e^y - 1)/y in y, for |y| up to ln 2; terms alternate if y is negative. */
  static final Series EXPONENTIAL = factorials(28, 1, 1);

  /** atanh(s)/s in s^2, for |s| up to 3 - 2 sqrt(2); and atan(u)/u, alternating, |u| up to 1/4. */
  static final Series ARC = odd(27);

  private final long[] high;
  private final long[] low;

  private Series(BigInteger[] divisors) {
    high = new long[divisors.length];
    low = new long[divisors.length];
    for (int k = 0; k < divisors.length; k++) {
      BigInteger c = BigInteger.ONE.shiftLeft(127).divide(divisors[k]);
      high[k] = c.shiftRight(64).longValue();
      low[k] = c.longValue();
    }
  }

  /** Terms {@code x^k / (first + step k)!}. */
  private static Series factorials(int terms, int first, int step) {
    BigInteger[] d = new BigInteger[terms];
    BigInteger f = BigInteger.ONE;
    for (int k = 0; k < terms; k++) {
      d[k] = f;
      for (int n = 1; n <= step; n++) {
        f = f.multiply(BigInteger.valueOf(first + (long) step * k + n));
      }
    }
    return new Series(d);
  }

  /** Terms {@code x^k / (2k + 1)}. */
  private static Series odd(int terms) {
    BigInteger[] d = new BigInteger[terms];
    for (int k = 0; k < terms; k++) {
      d[k] = BigInteger.valueOf(2L * k + 1);
    }
    return new Series(d);
  }

  /**
   * {@code to = the series at x}, x being below 1 in magnitude; its sign does not count.
   *
   * @param alternate subtract every second term. If that leaves 1 exactly, the result is a little
   *     less, so that rounding can tell
   */
  void evaluate(Wide to, Wide x, boolean alternate) {
    int shift = -1 - x.exponent;
    long xHigh = x.isZero() || shift >= 64 ? 0 : x.hi >>> shift;
    long xLow = x.isZero() ? 0 : Wide.shiftedLow(x, shift);
    int last = high.length - 1;
    long h = high[last];
    long l = low[last];
    for (int k = last - 1; k >= 0; k--) {
      long top = SoftFloat.multiplyHigh(xHigh, h);
      long p = xHigh * h;
      long cross = SoftFloat.multiplyHigh(xHigh, l);
      p += cross;
      if (Long.compareUnsigned(p, cross) < 0) {
        top++;
      }
      cross = SoftFloat.multiplyHigh(xLow, h);
      p += cross;
      if (Long.compareUnsigned(p, cross) < 0) {
        top++;
      }
      if (alternate) {
        l = low[k] - p;
        h = high[k] - top - (Long.compareUnsigned(low[k], p) < 0 ? 1 : 0);
      } else {
        l = low[k] + p;
        h = high[k] + top + (Long.compareUnsigned(l, p) < 0 ? 1 : 0);
      }
    }
    if (alternate && h == Long.MIN_VALUE && l == 0) {
      h--;
      l--;
    }
    to.negative = false;
    to.exponent = 0;
    to.hi = h;
    to.lo = l;
    to.normalize();
  }
}
