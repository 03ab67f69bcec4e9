package org.quern.x86.semantics.fp;

/**
 * The transcendental operations of the x87 on a {@link SoftFloat}: operands in its {@code a}
 * (ST(0)) and {@code b} (ST(1)), results in its {@code r}, to be rounded by {@link
 * SoftFloat#round}.
 *
 * <p>Everything is computed with 128-bit significands. The relative error before the one rounding
 * is below 2^-100, so a result is within 0.5001 units in the last place of the 80-bit format;
 * hardware promises one unit. Arguments of the trigonometric functions are reduced exactly, but by
 * the 66-bit value of pi that processors use. Source: SDM vol. 1, 8.3.8 and 8.3.10, vol. 2A, the
 * tables of results on the instructions' pages.
 */
public final class Transcendental {
  private static final Wide LN2 = new Wide(-1, 0xb17217f7d1cf79abL, 0xc9e3b39803f2f6afL);
  private static final Wide LOG2_E = new Wide(0, 0xb8aa3b295c17f0bbL, 0xbe87fed0691d3e89L);
  private static final Wide PI = new Wide(1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
  private static final Wide HALF_PI = new Wide(0, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
  private static final Wide QUARTER_PI = new Wide(-1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
  private static final Wide ATAN_HALF = new Wide(-2, 0xed63382b0dda7b45L, 0x6fe445ecbc3a8d03L);
  private static final Wide ONE = new Wide(0, Long.MIN_VALUE, 0);
  private static final Wide TWO = new Wide(1, Long.MIN_VALUE, 0);

  /** pi/2 as processors have it: this 66-bit integer times 2^-65. */
  private static final long HALF_PI_HIGH = 3;

  private static final long HALF_PI_LOW = 0x243f6a8885a308d3L;

  /** Significand of sqrt(2), cut: where the logarithm changes over to the next power of two. */
  private static final long ROOT2 = 0xb504f333f9de6484L;

  private final SoftFloat s;
  private final Wide x = new Wide();
  private final Wide y = new Wide();
  private final Wide t = new Wide();
  private final Wide u = new Wide();
  private final Wide v = new Wide();
  private final Wide w = new Wide();

  /** Quadrant of the last {@link #reduce}. */
  private int quadrant;

  Transcendental(SoftFloat s) {
    this.s = s;
  }

  private void deliver(Wide result) {
    Unpacked r = s.r;
    r.kind = Unpacked.FINITE;
    r.negative = result.negative;
    r.exponent = Math.max(Math.min(result.exponent, 1 << 20), -1 << 20);
    r.hi = result.hi;
    r.lo = result.lo | 1;
    r.denormal = false;
  }

  private void deliverExact(Wide result) {
    deliver(result);
    s.r.lo = result.lo;
  }

  // ---- 2^x - 1

  /** {@code r = 2^a - 1} for a from -1 to 1; other arguments are left as they are. */
  public void exp2Minus1() {
    s.begin();
    if (s.nanOperand()) {
      return;
    }
    Unpacked a = s.a;
    s.noteDenormal(a);
    s.r.set(a);
    s.r.denormal = false;
    if (a.kind == Unpacked.INFINITE && a.negative) {
      x.set(ONE);
      x.negative = true;
      deliverExact(x);
      x.negative = false;
    } else if (a.kind == Unpacked.FINITE && a.exponent < 0) {
      x.set(a);
      y.multiply(x, LN2);
      Series.EXPONENTIAL.evaluate(t, y, y.negative);
      x.multiply(y, t);
      deliver(x);
    } else if (a.kind == Unpacked.FINITE && a.negative && a.exponent == 0 && a.hi << 1 == 0) {
      s.r.exponent = -1;
    }
  }

  // ---- logarithms

  /** {@code r = b * log2(a)}. */
  public void yLog2() {
    s.begin();
    if (s.nanOperands()) {
      return;
    }
    Unpacked a = s.a;
    Unpacked b = s.b;
    if (a.negative && a.kind != Unpacked.ZERO) {
      s.invalid();
      return;
    }
    boolean one = a.kind == Unpacked.FINITE && a.exponent == 0 && a.hi << 1 == 0;
    boolean logInfinite = a.kind != Unpacked.FINITE;
    if (b.kind == Unpacked.ZERO && logInfinite || b.kind == Unpacked.INFINITE && one) {
      s.invalid();
      return;
    }
    boolean logNegative = a.kind == Unpacked.ZERO || a.kind == Unpacked.FINITE && a.exponent < 0;
    boolean sign = b.negative != logNegative;
    if (a.kind == Unpacked.ZERO) {
      if (b.kind == Unpacked.FINITE) {
        s.flags |= FpFlags.ZE;
      }
      s.r.setInfinite(sign);
      return;
    }
    s.noteDenormals();
    if (logInfinite || b.kind == Unpacked.INFINITE) {
      s.r.setInfinite(sign);
    } else if (one || b.kind == Unpacked.ZERO) {
      s.r.setZero(sign);
    } else {
      x.set(a);
      boolean exact = log2();
      multiplyByB(exact);
    }
  }

  /** {@code r = b * log2(a + 1)}. */
  public void yLog2Plus1() {
    s.begin();
    if (s.nanOperands()) {
      return;
    }
    Unpacked a = s.a;
    Unpacked b = s.b;
    boolean infinite = a.kind == Unpacked.INFINITE;
    boolean invalid = infinite && (a.negative || b.kind == Unpacked.ZERO);
    if (invalid || a.kind == Unpacked.ZERO && b.kind == Unpacked.INFINITE) {
      s.invalid();
      return;
    }
    s.noteDenormals();
    boolean sign = a.negative != b.negative;
    if (infinite || b.kind == Unpacked.INFINITE) {
      s.r.setInfinite(sign);
    } else if (a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO) {
      s.r.setZero(sign);
    } else {
      x.set(a);
      boolean exact = false;
      if (a.exponent < -1) {
        logNearOne(x);
      } else {
        x.add(x, ONE);
        if (x.negative || x.isZero()) {
          // Outside the range of the instruction: the operand comes back.
          s.r.set(a);
          s.r.denormal = false;
          return;
        }
        exact = log2();
      }
      multiplyByB(exact);
    }
  }

  private void multiplyByB(boolean exact) {
    y.set(s.b);
    x.multiply(x, y);
    if (exact) {
      deliverExact(x);
    } else {
      deliver(x);
    }
  }

  /** {@code x = log2(x)}, x above zero and not one; true if exact: x was a power of two. */
  private boolean log2() {
    int e = x.exponent;
    x.exponent = 0;
    if (Long.compareUnsigned(x.hi, ROOT2) > 0) {
      x.exponent = -1;
      e++;
    }
    v.setInteger(e);
    x.subtract(x, ONE);
    if (x.isZero()) {
      x.set(v);
      return true;
    }
    w.set(v);
    logNearOne(x);
    x.add(x, w);
    return false;
  }

  /** {@code x = log2(1 + m)} by atanh(m / (2 + m)); uses all scratch but w. */
  private void logNearOne(Wide m) {
    t.add(m, TWO);
    y.divide(m, t, u);
    u.multiply(y, y);
    Series.ARC.evaluate(t, u, false);
    x.multiply(y, t);
    x.multiply(x, LOG2_E);
    x.exponent++;
  }

  // ---- arc tangent

  /** {@code r = atan2(b, a)}: the angle of the point (a, b). */
  public void arcTangent() {
    s.begin();
    if (s.nanOperands()) {
      return;
    }
    s.noteDenormals();
    Unpacked a = s.a;
    Unpacked b = s.b;
    boolean sign = b.negative;
    if (b.kind == Unpacked.ZERO
        || a.kind == Unpacked.INFINITE
        || b.kind == Unpacked.INFINITE
        || a.kind == Unpacked.ZERO) {
      arcOfLimits(a, b);
      return;
    }
    x.set(a);
    y.set(b);
    x.negative = false;
    y.negative = false;
    boolean steep =
        x.exponent < y.exponent || x.exponent == y.exponent && Long.compareUnsigned(x.hi, y.hi) < 0;
    if (steep) {
      w.set(x);
      x.set(y);
      y.set(w);
    }
    arcOfRatio();
    // x is the angle between the point and the nearer axis; turn it to the right octant.
    if (steep) {
      x.negative = !a.negative;
      x.add(HALF_PI, x);
    } else if (a.negative) {
      x.subtract(PI, x);
    }
    x.negative = sign;
    deliver(x);
  }

  /** An operand is zero or infinite: the angle is a multiple of pi/4. */
  private void arcOfLimits(Unpacked a, Unpacked b) {
    if (b.kind == Unpacked.ZERO || b.kind == Unpacked.FINITE && a.kind == Unpacked.INFINITE) {
      if (!a.negative) {
        s.r.setZero(b.negative);
        return;
      }
      x.set(PI);
    } else if (a.kind == Unpacked.INFINITE) {
      x.set(QUARTER_PI);
      if (a.negative) {
        x.add(HALF_PI, x);
      }
    } else {
      x.set(HALF_PI);
    }
    x.negative = b.negative;
    deliver(x);
  }

  /** {@code x = atan(y / x)}, 0 < y <= x. */
  private void arcOfRatio() {
    t.divide(y, x, u);
    // Subtract the angle whose tangent is 0, 1/2 or 1: (t - c) / (1 + t c).
    Wide angle = null;
    if (t.exponent >= -1 && Long.compareUnsigned(t.hi, 3L << 62) >= 0 || t.exponent >= 0) {
      u.subtract(t, ONE);
      v.add(t, ONE);
      angle = QUARTER_PI;
    } else if (t.exponent >= -2) {
      w.set(ONE);
      w.exponent = -1;
      u.subtract(t, w);
      t.exponent--;
      v.add(t, ONE);
      angle = ATAN_HALF;
    }
    if (angle != null) {
      if (u.isZero()) {
        x.set(angle);
        return;
      }
      t.divide(u, v, w);
    }
    u.multiply(t, t);
    Series.ARC.evaluate(v, u, true);
    x.multiply(t, v);
    if (angle != null) {
      x.add(x, angle);
    }
  }

  // ---- sine, cosine, tangent

  /**
   * Readies {@link #sine}, {@link #cosine} and {@link #tangent} of {@code a}, which is in range.
   *
   * @return false if the result is complete already: a NaN or the invalid operation
   */
  public boolean angle() {
    s.begin();
    if (s.nanOperand()) {
      return false;
    }
    if (s.a.kind == Unpacked.INFINITE) {
      s.invalid();
      return false;
    }
    s.noteDenormal(s.a);
    if (s.a.kind == Unpacked.FINITE) {
      reduce();
      u.multiply(x, x);
    }
    return true;
  }

  /** {@code r = sin(a)} after {@link #angle}. */
  public void sine() {
    if (s.a.kind == Unpacked.ZERO) {
      s.r.setZero(s.a.negative);
    } else {
      turned(quadrant);
    }
  }

  /** {@code r = cos(a)}. */
  public void cosine() {
    if (s.a.kind == Unpacked.ZERO) {
      deliverExact(ONE);
    } else {
      turned(quadrant + 1);
    }
  }

  /** {@code r = tan(a)}. */
  public void tangent() {
    if (s.a.kind == Unpacked.ZERO) {
      s.r.setZero(s.a.negative);
      return;
    }
    sineOfReduced(v);
    Series.COSINE.evaluate(w, u, true);
    if ((quadrant & 1) == 0) {
      y.divide(v, w, t);
    } else {
      y.divide(w, v, t);
      y.negative = !y.negative;
    }
    deliver(y);
  }

  /** The sine of the reduced angle plus {@code turns} right angles. */
  private void turned(int turns) {
    if ((turns & 1) == 0) {
      sineOfReduced(t);
    } else {
      Series.COSINE.evaluate(t, u, true);
    }
    if ((turns & 2) != 0) {
      t.negative = !t.negative;
    }
    deliver(t);
  }

  private void sineOfReduced(Wide to) {
    Series.SINE.evaluate(y, u, true);
    to.multiply(x, y);
  }

  /**
   * {@code x = a - n * pi/2}, exact, |x| at most pi/4, and {@link #quadrant} = n. Magnitudes from
   * 1/4 to 2^63 are integers in units of 2^-65: the division goes bit by bit.
   */
  private void reduce() {
    x.set(s.a);
    quadrant = 0;
    if (x.exponent < -2) {
      return;
    }
    long high = 0;
    long low = x.hi;
    int q = 0;
    for (int n = x.exponent + 2; n > 0; n--) {
      high = high << 1 | low >>> 63;
      low <<= 1;
      q <<= 1;
      if (notBelowHalfPi(high, low)) {
        high -= HALF_PI_HIGH + (Long.compareUnsigned(low, HALF_PI_LOW) < 0 ? 1 : 0);
        low -= HALF_PI_LOW;
        q++;
      }
    }
    boolean over = notBelowHalfPi(high << 1 | low >>> 63, low << 1);
    if (over) {
      long borrow = Long.compareUnsigned(HALF_PI_LOW, low) < 0 ? 1 : 0;
      high = HALF_PI_HIGH - high - borrow;
      low = HALF_PI_LOW - low;
      q++;
    }
    x.negative = s.a.negative != over;
    x.exponent = 127 - 65;
    x.hi = high;
    x.lo = low;
    x.normalize();
    quadrant = s.a.negative ? -q : q;
  }

  private static boolean notBelowHalfPi(long high, long low) {
    return high > HALF_PI_HIGH
        || high == HALF_PI_HIGH && Long.compareUnsigned(low, HALF_PI_LOW) >= 0;
  }
}
