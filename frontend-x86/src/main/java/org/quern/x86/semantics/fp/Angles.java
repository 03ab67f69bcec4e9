package org.quern.x86.semantics.fp;

/**
 * FPATAN, FSIN, FCOS and FPTAN on a {@link SoftFloat}: operands in its {@code a} (ST(0)) and {@code
 * b} (ST(1)), results in its {@code r}, to be rounded by {@link SoftFloat#round}.
 *
 * <p>Computed with 128-bit significands. The relative error before the one rounding is below
 * 2^-100, so a result is within 0.5001 units in the last place of the 80-bit format; hardware
 * promises one unit. Arguments are reduced exactly, but by the 66-bit value of pi that processors
 * use. Source: SDM vol. 1, 8.3.8 and 8.3.10; vol. 2A, the tables of results on the instructions'
 * pages.
 */
public final class Angles {
  private static final Wide PI = new Wide(1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
  private static final Wide HALF_PI = new Wide(0, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
  private static final Wide QUARTER_PI = new Wide(-1, 0xc90fdaa22168c234L, 0xc4c6628b80dc1cd1L);
  private static final Wide ATAN_HALF = new Wide(-2, 0xed63382b0dda7b45L, 0x6fe445ecbc3a8d03L);
  private static final Wide HALF = new Wide(-1, Long.MIN_VALUE, 0);

  /** pi/2 as processors have it: this 66-bit integer times 2^-65. */
  private static final long HALF_PI_HIGH = 3;

  private static final long HALF_PI_LOW = 0x243f6a8885a308d3L;

  private final SoftFloat s;
  private final Wide x = new Wide();
  private final Wide y = new Wide();
  private final Wide t = new Wide();
  private final Wide u = new Wide();
  private final Wide v = new Wide();
  private final Wide w = new Wide();

  /** Quadrant of the last {@link #reduce}. */
  private int quadrant;

  Angles(SoftFloat s) {
    this.s = s;
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
    x.storeInexact(s.r);
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
    x.storeInexact(s.r);
  }

  /** {@code x = atan(y / x)}, 0 < y <= x. */
  private void arcOfRatio() {
    t.divide(y, x, u);
    // Subtract the angle whose tangent is 0, 1/2 or 1: (t - c) / (1 + t c).
    Wide angle = null;
    if (t.exponent >= -1 && Long.compareUnsigned(t.hi, 3L << 62) >= 0 || t.exponent >= 0) {
      u.subtract(t, Wide.ONE);
      v.add(t, Wide.ONE);
      angle = QUARTER_PI;
    } else if (t.exponent >= -2) {
      u.subtract(t, HALF);
      t.exponent--;
      v.add(t, Wide.ONE);
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
      Wide.ONE.store(s.r);
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
    y.storeInexact(s.r);
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
    t.storeInexact(s.r);
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
