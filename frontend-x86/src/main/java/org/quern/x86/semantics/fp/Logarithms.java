package org.quern.x86.semantics.fp;

/**
 * F2XM1, FYL2X and FYL2XP1 on a {@link SoftFloat}: operands in its {@code a} (ST(0)) and {@code b}
 * (ST(1)), results in its {@code r}, to be rounded by {@link SoftFloat#round}.
 *
 * <p>Computed with 128-bit significands. The relative error before the one rounding is below
 * 2^-100, so a result is within 0.5001 units in the last place of the 80-bit format; hardware
 * promises one unit. Source: SDM vol. 1, 8.3.9 and 8.3.10; vol. 2A, the tables of results on the
 * instructions' pages.
 */
public final class Logarithms {
  private static final Wide LN2 = new Wide(-1, 0xb17217f7d1cf79abL, 0xc9e3b39803f2f6afL);
  private static final Wide LOG2_E = new Wide(0, 0xb8aa3b295c17f0bbL, 0xbe87fed0691d3e89L);
  private static final Wide TWO = new Wide(1, Long.MIN_VALUE, 0);

  /** Significand of sqrt(2), cut: where the logarithm changes over to the next power of two. */
  private static final long ROOT2 = 0xb504f333f9de6484L;

  private final SoftFloat s;
  private final Wide x = new Wide();
  private final Wide y = new Wide();
  private final Wide t = new Wide();
  private final Wide u = new Wide();
  private final Wide w = new Wide();

  Logarithms(SoftFloat s) {
    this.s = s;
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
      Wide.ONE.store(s.r);
      s.r.negative = true;
    } else if (a.kind == Unpacked.FINITE && a.exponent < 0) {
      x.set(a);
      y.multiply(x, LN2);
      Series.EXPONENTIAL.evaluate(t, y, y.negative);
      x.multiply(y, t);
      x.storeInexact(s.r);
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
        x.add(x, Wide.ONE);
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
      x.store(s.r);
    } else {
      x.storeInexact(s.r);
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
    w.setInteger(e);
    x.subtract(x, Wide.ONE);
    if (x.isZero()) {
      x.set(w);
      return true;
    }
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
}
