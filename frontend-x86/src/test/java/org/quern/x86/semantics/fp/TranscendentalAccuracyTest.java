package org.quern.x86.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigInteger;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The bound that {@link Logarithms} and {@link Angles} promise: before rounding, results have a
 * relative error below 2^-100. The reference sums the same functions in 400-bit fixed point.
 */
class TranscendentalAccuracyTest {
  private static final int CASES = 200;
  private static final int BITS = 400;
  private static final BigInteger ONE = BigInteger.ONE.shiftLeft(BITS);
  private static final BigInteger LN2 = atanh(ONE.divide(BigInteger.valueOf(3))).shiftLeft(1);

  /** pi/2 with 66 bits. SDM vol. 1, 8.3.8. */
  private static final BigInteger HALF_PI =
      new BigInteger("c90fdaa22168c234c", 16).shiftLeft(BITS - 67);

  private final SoftFloat s = new SoftFloat();
  private final Random random = new Random(87);

  // ---- reference

  private static BigInteger times(BigInteger a, BigInteger b) {
    return a.multiply(b).shiftRight(BITS);
  }

  private static BigInteger over(BigInteger a, BigInteger b) {
    return a.shiftLeft(BITS).divide(b);
  }

  /** Sum of first * ratio^k / (the product of steps up to k). */
  private static BigInteger series(BigInteger first, BigInteger ratio, int from, int step) {
    BigInteger sum = first;
    BigInteger term = first;
    for (int n = from; term.signum() != 0; n += step) {
      term = times(term, ratio).divide(BigInteger.valueOf(n));
      if (step == 2) {
        term = term.divide(BigInteger.valueOf(n + 1L));
      }
      sum = sum.add(term);
      if (term.equals(BigInteger.ONE.negate())) {
        break;
      }
    }
    return sum;
  }

  private static BigInteger atanh(BigInteger v) {
    return odd(v, times(v, v));
  }

  private static BigInteger atan(BigInteger v) {
    BigInteger t = v;
    int halvings = 3;
    for (int n = 0; n < halvings; n++) {
      BigInteger root = ONE.add(times(t, t)).shiftLeft(BITS).sqrt();
      t = over(t, ONE.add(root));
    }
    return odd(t, times(t, t).negate()).shiftLeft(halvings);
  }

  /** Sum of v * square^k / (2k + 1). */
  private static BigInteger odd(BigInteger v, BigInteger square) {
    BigInteger sum = BigInteger.ZERO;
    BigInteger power = v;
    for (int n = 1; power.abs().bitLength() > 1; n += 2) {
      sum = sum.add(power.divide(BigInteger.valueOf(n)));
      power = times(power, square);
    }
    return sum;
  }

  private static BigInteger log2(BigInteger v) {
    int e = v.bitLength() - 1 - BITS;
    BigInteger m = e >= 0 ? v.shiftRight(e) : v.shiftLeft(-e);
    BigInteger ln = atanh(over(m.subtract(ONE), m.add(ONE))).shiftLeft(1);
    return over(ln, LN2).add(ONE.multiply(BigInteger.valueOf(e)));
  }

  /** Sine of the 66-bit angle plus {@code turns} right angles. */
  private static BigInteger sine(BigInteger v, int turns) {
    BigInteger half = HALF_PI.shiftRight(1);
    BigInteger r = v.add(half).mod(HALF_PI).subtract(half);
    BigInteger n = v.subtract(r).divide(HALF_PI);
    BigInteger square = times(r, r).negate();
    int q = n.intValue() + turns;
    BigInteger m = (q & 1) == 0 ? series(r, square, 2, 2) : series(ONE, square, 1, 2);
    return (q & 2) == 0 ? m : m.negate();
  }

  // ---- operands and comparison

  private void draw(Unpacked v, int minExponent, int maxExponent, boolean signed) {
    int exponent = minExponent + random.nextInt(maxExponent - minExponent + 1);
    int sign = signed && random.nextBoolean() ? 0x8000 : 0;
    v.set80(sign | exponent + 16383, random.nextLong() | Long.MIN_VALUE);
  }

  private static BigInteger fixed(Unpacked v) {
    BigInteger m = new BigInteger(Long.toUnsignedString(v.hi)).shiftLeft(64);
    m = m.add(new BigInteger(Long.toUnsignedString(v.lo))).shiftLeft(BITS + v.exponent - 127);
    return v.negative ? m.negate() : m;
  }

  private void check(String what, BigInteger want) {
    BigInteger error = fixed(s.r).subtract(want).abs().shiftLeft(100);
    assertThat(error).as("%s of %s, %s", what, fixed(s.a), fixed(s.b)).isLessThan(want.abs());
  }

  // ---- tests

  @Test
  void f2xm1() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, -40, -1, true);
      s.logarithms.exp2Minus1();
      BigInteger y = times(fixed(s.a), LN2);
      check("2^x - 1", series(y, y, 2, 1));
    }
  }

  @Test
  void fyl2x() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, n < 100 ? -1 : -100, n < 100 ? 0 : 100, false);
      draw(s.b, -3, 3, true);
      s.logarithms.yLog2();
      check("y log2(x)", times(fixed(s.b), log2(fixed(s.a))));
    }
  }

  @Test
  void fyl2xp1() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, -60, -3, true);
      draw(s.b, -3, 3, true);
      s.logarithms.yLog2Plus1();
      check("y log2(x + 1)", times(fixed(s.b), log2(fixed(s.a).add(ONE))));
    }
  }

  @Test
  void fpatan() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, -4, 4, false);
      draw(s.b, -30, -5, true);
      s.angles.arcTangent();
      check("atan(y / x)", atan(over(fixed(s.b), fixed(s.a))));
      draw(s.a, 0, 3, false);
      draw(s.b, -3, -1, true);
      s.angles.arcTangent();
      check("atan(y / x)", atan(over(fixed(s.b), fixed(s.a))));
      Unpacked steep = new Unpacked();
      steep.set(s.a);
      s.a.set(s.b);
      s.a.negative = false;
      s.b.set(steep);
      s.angles.arcTangent();
      check("atan(y / x)", atan(over(fixed(s.b), fixed(s.a))));
    }
  }

  @Test
  void fsin() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, n < 100 ? -30 : 0, n < 100 ? 1 : 62, true);
      s.angles.angle();
      s.angles.sine();
      check("sin", sine(fixed(s.a), 0));
    }
  }

  @Test
  void fcos() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, n < 100 ? -30 : 0, n < 100 ? 1 : 62, true);
      s.angles.angle();
      s.angles.cosine();
      check("cos", sine(fixed(s.a), 1));
    }
  }

  @Test
  void fptan() {
    for (int n = 0; n < CASES; n++) {
      draw(s.a, n < 100 ? -30 : 0, n < 100 ? 1 : 62, true);
      s.angles.angle();
      s.angles.tangent();
      BigInteger v = fixed(s.a);
      check("tan", over(sine(v, 0), sine(v, 1)));
    }
  }
}
