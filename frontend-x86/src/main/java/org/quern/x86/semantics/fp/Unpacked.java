package org.quern.x86.semantics.fp;

/**
 * A floating-point value taken apart: class, sign, unbiased exponent and a 128-bit significand.
 * Mutable, reused for every operation of its {@link SoftFloat}.
 *
 * <p>A {@link #FINITE} value is {@code hi.lo * 2^exponent} with the binary point after bit 63 of
 * {@link #hi}, which is 1 (except in a rounded denormal result). Bit 0 of {@link #lo} is sticky: it
 * stands for anything below. A NaN has its fraction left-justified: bit 63 of {@code hi} is 1 and
 * bit 62 the quiet bit, whatever the format, which is also how x86 converts NaNs between formats.
 */
public final class Unpacked {
  public static final int ZERO = 0;
  public static final int FINITE = 1;
  public static final int INFINITE = 2;
  public static final int QNAN = 3;
  public static final int SNAN = 4;

  /**
   * An encoding of the 80-bit format that the x87 rejects: unnormal, pseudo-NaN, pseudo-infinity.
   */
  public static final int UNSUPPORTED = 5;

  static final long TOP = Long.MIN_VALUE;
  private static final long QUIET = 1L << 62;

  /** One of the constants above. */
  public int kind;

  public boolean negative;
  public int exponent;
  public long hi;
  public long lo;

  /** It was loaded from a denormal. */
  public boolean denormal;

  public boolean isNan() {
    return kind >= QNAN;
  }

  // ---- loading

  /** Loads a binary16 from the low 16 bits. */
  public void set16(int v) {
    boolean sign = (v & 0x8000) != 0;
    set(sign, v >>> 10 & 0x1f, 0x1f, 15, (long) v << 53 & Long.MAX_VALUE);
  }

  /** Loads a binary32. */
  public void set32(int v) {
    set(v < 0, v >>> 23 & 0xff, 0xff, 127, (long) v << 40 & Long.MAX_VALUE);
  }

  /** Loads a binary64. */
  public void set64(long v) {
    set(v < 0, (int) (v >>> 52) & 0x7ff, 0x7ff, 1023, v << 11 & Long.MAX_VALUE);
  }

  /** Takes a biased exponent and a fraction left-justified below bit 63. */
  private void set(boolean sign, int biased, int top, int bias, long fraction) {
    negative = sign;
    lo = 0;
    denormal = false;
    hi = fraction | TOP;
    if (biased == top) {
      kind = fraction == 0 ? INFINITE : (fraction & QUIET) != 0 ? QNAN : SNAN;
    } else if (biased != 0) {
      kind = FINITE;
      exponent = biased - bias;
    } else {
      setDenormal(fraction, 1 - bias);
    }
  }

  private void setDenormal(long significand, int minExponent) {
    if (significand == 0) {
      kind = ZERO;
      hi = 0;
      return;
    }
    int n = Long.numberOfLeadingZeros(significand);
    kind = FINITE;
    hi = significand << n;
    exponent = minExponent - n;
    denormal = true;
  }

  /** Loads an x87 register: sign and biased exponent in 16 bits, significand with integer bit. */
  public void set80(int signExponent, long significand) {
    negative = (signExponent & 0x8000) != 0;
    int biased = signExponent & 0x7fff;
    lo = 0;
    denormal = false;
    hi = significand;
    if (biased == 0) {
      setDenormal(significand, -16382);
    } else if (significand >= 0) {
      kind = UNSUPPORTED;
    } else if (biased == 0x7fff) {
      kind = significand == TOP ? INFINITE : (significand & QUIET) != 0 ? QNAN : SNAN;
    } else {
      kind = FINITE;
      exponent = biased - 16383;
    }
  }

  /** Takes a signed integer. */
  public void setInteger(long v) {
    negative = v < 0;
    setDenormal(negative ? -v : v, 63);
    lo = 0;
    denormal = false;
  }

  public void set(Unpacked o) {
    kind = o.kind;
    negative = o.negative;
    exponent = o.exponent;
    hi = o.hi;
    lo = o.lo;
    denormal = o.denormal;
  }

  /** Replaces a denormal by a zero of its sign (MXCSR.DAZ). */
  public void denormalsAreZero() {
    if (denormal) {
      setZero(negative);
    }
  }

  public void setZero(boolean sign) {
    kind = ZERO;
    negative = sign;
    hi = 0;
    lo = 0;
    denormal = false;
  }

  public void setInfinite(boolean sign) {
    kind = INFINITE;
    negative = sign;
    hi = TOP;
    lo = 0;
    denormal = false;
  }

  /** The real indefinite: what an invalid operation gives. */
  public void setIndefinite() {
    kind = QNAN;
    negative = true;
    hi = TOP | QUIET;
    lo = 0;
    denormal = false;
  }

  void setQuiet(Unpacked nan) {
    set(nan);
    kind = QNAN;
    hi |= QUIET;
  }

  // ---- storing; the value must have been rounded to the format

  /** A binary16, zero-extended. */
  public int to16() {
    int sign = negative ? 0x8000 : 0;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (hi < 0 ? exponent + 15 << 10 : 0) | (int) (hi >>> 53) & 0x3ff;
      default -> sign | 0x7c00 | (int) (hi >>> 53) & 0x3ff;
    };
  }

  public int to32() {
    int sign = negative ? 0x80000000 : 0;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (hi < 0 ? exponent + 127 << 23 : 0) | (int) (hi >>> 40) & 0x7fffff;
      default -> sign | 0x7f800000 | (int) (hi >>> 40) & 0x7fffff;
    };
  }

  public long to64() {
    long sign = negative ? TOP : 0;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (hi < 0 ? exponent + 1023L << 52 : 0) | hi >>> 11 & ~(-1L << 52);
      default -> sign | 0x7ffL << 52 | hi >>> 11 & ~(-1L << 52);
    };
  }

  /** Sign and biased exponent of the x87 format; the significand is {@link #hi}. */
  public int signExponent80() {
    int sign = negative ? 0x8000 : 0;
    return switch (kind) {
      case ZERO -> sign;
      case FINITE -> sign | (hi < 0 ? exponent + 16383 : 0);
      default -> sign | 0x7fff;
    };
  }

  // ---- 128-bit significands

  /** Shifts right by {@code n} >= 0; bits shifted out make bit 0 sticky. */
  void shiftRightJam(int n) {
    if (n == 0) {
      return;
    }
    if (n < 64) {
      long lost = lo << 64 - n;
      lo = hi << 64 - n | lo >>> n | (lost != 0 ? 1 : 0);
      hi >>>= n;
    } else if (n < 128) {
      long lost = n == 64 ? lo : hi << 128 - n | lo;
      lo = (n == 64 ? hi : hi >>> n - 64) | (lost != 0 ? 1 : 0);
      hi = 0;
    } else {
      lo = (hi | lo) != 0 ? 1 : 0;
      hi = 0;
    }
  }

  /** Shifts left until bit 63 of {@code hi} is set; the value must not be zero. */
  void normalize() {
    if (hi == 0) {
      hi = lo;
      lo = 0;
      exponent -= 64;
    }
    int n = Long.numberOfLeadingZeros(hi);
    if (n != 0) {
      hi = hi << n | lo >>> 64 - n;
      lo <<= n;
      exponent -= n;
    }
  }
}
