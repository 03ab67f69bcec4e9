package org.quern.x86.semantics.fp;

/**
 * A floating-point number with 128 significant bits for the inside of {@link Logarithms} and {@link
 * Angles}: {@code hi.lo * 2^exponent}, the binary point after bit 63 of {@code hi}, which is 1
 * unless the value is zero. Exponents do not overflow.
 *
 * <p>Results are truncated. The relative error of a product is below 2^-125, of a sum of equal
 * signs below 2^-126, of a quotient below 2^-122; a difference has the absolute error of its
 * operands. Operands may be the result itself.
 */
final class Wide {
  private static final long TOP = Long.MIN_VALUE;

  static final Wide ONE = new Wide(0, TOP, 0);

  /** Far outside any format, far inside an int. */
  private static final int LIMIT = 1 << 20;

  boolean negative;
  int exponent;
  long hi;
  long lo;

  Wide() {}

  Wide(int exponent, long hi, long lo) {
    this.exponent = exponent;
    this.hi = hi;
    this.lo = lo;
  }

  boolean isZero() {
    return hi == 0;
  }

  /** Takes a finite or zero value. */
  void set(Unpacked v) {
    negative = v.negative;
    exponent = v.exponent;
    hi = v.hi;
    lo = v.lo;
  }

  void set(Wide v) {
    negative = v.negative;
    exponent = v.exponent;
    hi = v.hi;
    lo = v.lo;
  }

  /** Gives this value, which is not zero, as a result that only lacks rounding. */
  void store(Unpacked r) {
    r.kind = Unpacked.FINITE;
    r.negative = negative;
    r.exponent = Math.max(Math.min(exponent, LIMIT), -LIMIT);
    r.hi = hi;
    r.lo = lo;
    r.denormal = false;
  }

  /** As {@link #store} of an approximation: rounding will find it inexact. */
  void storeInexact(Unpacked r) {
    store(r);
    r.lo |= 1;
  }

  void setInteger(int v) {
    negative = v < 0;
    exponent = 63;
    hi = Math.abs((long) v);
    lo = 0;
    normalize();
  }

  /** Makes bit 63 of {@code hi} 1, unless the value is zero. */
  void normalize() {
    if (hi == 0) {
      hi = lo;
      lo = 0;
      exponent -= 64;
    }
    int n = Long.numberOfLeadingZeros(hi);
    if (n != 0 && hi != 0) {
      hi = hi << n | lo >>> 64 - n;
      lo <<= n;
      exponent -= n;
    }
  }

  void multiply(Wide a, Wide b) {
    long high = SoftFloat.multiplyHigh(a.hi, b.hi);
    long low = a.hi * b.hi;
    long cross = SoftFloat.multiplyHigh(a.hi, b.lo);
    low += cross;
    if (Long.compareUnsigned(low, cross) < 0) {
      high++;
    }
    cross = SoftFloat.multiplyHigh(a.lo, b.hi);
    low += cross;
    if (Long.compareUnsigned(low, cross) < 0) {
      high++;
    }
    exponent = a.exponent + b.exponent + 1;
    negative = a.negative != b.negative;
    hi = high;
    lo = low;
    normalize();
  }

  void add(Wide a, Wide b) {
    sum(a, b, b.negative);
  }

  void subtract(Wide a, Wide b) {
    sum(a, b, !b.negative);
  }

  private void sum(Wide a, Wide b, boolean bNegative) {
    if (b.isZero()) {
      set(a);
    } else if (a.isZero()) {
      set(b);
      negative = bNegative;
    } else if (a.notBelow(b)) {
      magnitudes(a, b, a.negative != bNegative, a.negative);
    } else {
      magnitudes(b, a, a.negative != bNegative, bNegative);
    }
  }

  private boolean notBelow(Wide b) {
    if (exponent != b.exponent) {
      return exponent > b.exponent;
    }
    int order = Long.compareUnsigned(hi, b.hi);
    return order != 0 ? order > 0 : Long.compareUnsigned(lo, b.lo) >= 0;
  }

  private void magnitudes(Wide large, Wide small, boolean difference, boolean sign) {
    int n = large.exponent - small.exponent;
    long high = n < 64 ? small.hi >>> n : 0;
    long low = shiftedLow(small, n);
    negative = sign;
    exponent = large.exponent;
    if (difference) {
      long borrow = Long.compareUnsigned(large.lo, low) < 0 ? 1 : 0;
      lo = large.lo - low;
      hi = large.hi - high - borrow;
      normalize();
      return;
    }
    low += large.lo;
    long carry = Long.compareUnsigned(low, large.lo) < 0 ? 1 : 0;
    long sum = large.hi + high + carry;
    hi = sum;
    lo = low;
    // The larger has its top bit set: the sum has lost a carry if it has not, or if both had.
    if (sum >= 0 || high < 0) {
      lo = sum << 63 | low >>> 1;
      hi = sum >>> 1 | TOP;
      exponent++;
    }
  }

  static long shiftedLow(Wide v, int n) {
    if (n == 0) {
      return v.lo;
    }
    if (n < 64) {
      return v.hi << 64 - n | v.lo >>> n;
    }
    return n < 128 ? v.hi >>> n - 64 : 0;
  }

  /** {@code this = a / b} by way of two digits of 64 bits. All four must be different objects. */
  void divide(Wide a, Wide b, Wide rest) {
    digit(a, b);
    rest.multiply(this, b);
    rest.subtract(a, rest);
    if (!rest.isZero()) {
      rest.digit(rest, b);
      add(this, rest);
    }
  }

  /** {@code this = a / b} with an error below 2^-62; neither is zero. */
  private void digit(Wide a, Wide b) {
    boolean below = Long.compareUnsigned(a.hi, b.hi) < 0;
    long high = below ? a.hi : a.hi >>> 1;
    long low = below ? a.lo : a.hi << 63 | a.lo >>> 1;
    exponent = a.exponent - b.exponent - (below ? 1 : 0);
    negative = a.negative != b.negative;
    hi = SoftFloat.divide128(high, low, b.hi);
    lo = 0;
  }
}
