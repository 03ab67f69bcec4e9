package org.quern.x86.semantics.fp;

/**
 * Operations on a {@link SoftFloat} that only the x87 has: FSCALE, FXTRACT and the remainders. Use
 * as its own operations; {@link SoftFloat#round} afterwards. Source: SDM vol. 2A, the instructions'
 * pages.
 */
public final class Partial {
  /** Set in the result of {@link #remainder} if the reduction is not complete. */
  public static final int INCOMPLETE = 8;

  /** Beyond any exponent: overflows and underflows even when wrapped. */
  private static final int HUGE = 1 << 17;

  private Partial() {}

  /** {@code r = a * 2^trunc(b)}. */
  public static void scale(SoftFloat s) {
    s.begin();
    if (s.nanOperands()) {
      return;
    }
    Unpacked a = s.a;
    Unpacked b = s.b;
    if (b.kind == Unpacked.INFINITE && a.kind == (b.negative ? Unpacked.INFINITE : Unpacked.ZERO)) {
      s.invalid();
      return;
    }
    s.noteDenormals();
    if (b.kind == Unpacked.INFINITE && b.negative) {
      s.r.setZero(a.negative);
    } else if (b.kind == Unpacked.INFINITE) {
      s.r.setInfinite(a.negative);
    } else {
      s.r.set(a);
      s.r.denormal = false;
      if (b.kind == Unpacked.FINITE) {
        s.r.exponent += truncated(b);
      }
    }
  }

  private static int truncated(Unpacked b) {
    int magnitude = b.exponent < 0 ? 0 : b.exponent > 16 ? HUGE : (int) (b.hi >>> 63 - b.exponent);
    return b.negative ? -magnitude : magnitude;
  }

  /** {@code r} becomes the significand of {@code a}, {@code b} its exponent as a number. */
  public static void extract(SoftFloat s) {
    s.begin();
    Unpacked a = s.a;
    if (s.nanOperand()) {
      s.b.set(s.r);
      return;
    }
    s.noteDenormal(a);
    s.r.set(a);
    s.r.denormal = false;
    switch (a.kind) {
      case Unpacked.ZERO -> {
        s.flags |= FpFlags.ZE;
        s.b.setInfinite(true);
      }
      case Unpacked.INFINITE -> s.b.setInfinite(false);
      default -> {
        s.b.setInteger(a.exponent);
        s.r.exponent = 0;
      }
    }
  }

  /**
   * {@code r = a - q * b}, q being {@code a / b} truncated or, if {@code nearest}, rounded. If the
   * exponents are too far apart, reduces the difference only.
   *
   * @return the low three bits of q, or {@link #INCOMPLETE}
   */
  public static int remainder(SoftFloat s, boolean nearest) {
    s.begin();
    Unpacked a = s.a;
    Unpacked b = s.b;
    if (s.nanOperands()) {
      return 0;
    }
    if (a.kind == Unpacked.INFINITE || b.kind == Unpacked.ZERO) {
      s.invalid();
      return 0;
    }
    s.noteDenormals();
    Unpacked r = s.r;
    r.set(a);
    r.denormal = false;
    if (a.kind == Unpacked.ZERO || b.kind == Unpacked.INFINITE) {
      return 0;
    }
    int d = a.exponent - b.exponent;
    if (d < 0) {
      return d == -1 && nearest ? nearestBelowOne(s) : 0;
    }
    if (d >= 64) {
      int n = 32 + (d & 31);
      reduce(s, n);
      r.exponent += d - n;
      if (r.hi == 0) {
        r.setZero(a.negative);
      } else {
        r.normalize();
      }
      return INCOMPLETE;
    }
    int q = (int) reduce(s, d);
    if (nearest && roundsUp(r, b, q)) {
      r.hi = b.hi - r.hi;
      r.negative = !r.negative;
      q++;
    }
    if (r.hi == 0) {
      r.setZero(a.negative);
    } else {
      r.normalize();
    }
    return q & 7;
  }

  /** Leaves {@code a.hi * 2^n mod b.hi} in r, not normalized, with b's exponent. */
  private static long reduce(SoftFloat s, int n) {
    long hi = n == 0 ? 0 : s.a.hi >>> 64 - n;
    long lo = s.a.hi << n;
    long q = SoftFloat.divide128(hi, lo, s.b.hi);
    s.r.hi = lo - q * s.b.hi;
    s.r.lo = 0;
    s.r.exponent = s.b.exponent;
    return q;
  }

  private static boolean roundsUp(Unpacked rest, Unpacked b, int q) {
    int order = rest.hi < 0 ? 1 : Long.compareUnsigned(rest.hi << 1, b.hi);
    return order > 0 || (order == 0 && (q & 1) != 0);
  }

  /** {@code b/2 <= a < b}: the quotient is 1 if a is above the half. */
  private static int nearestBelowOne(SoftFloat s) {
    Unpacked r = s.r;
    if (Long.compareUnsigned(s.a.hi, s.b.hi) <= 0) {
      return 0;
    }
    long lo = s.a.hi << 63;
    r.hi = s.b.hi - (s.a.hi >>> 1) - (lo != 0 ? 1 : 0);
    r.lo = -lo;
    r.exponent = s.b.exponent;
    r.negative = !r.negative;
    r.normalize();
    return 1;
  }
}
