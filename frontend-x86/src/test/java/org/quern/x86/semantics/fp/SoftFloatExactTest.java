package org.quern.x86.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.RoundingMode;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Every format, precision and rounding mode against exact rational arithmetic: the result must be
 * the neighbour of the exact value that the mode asks for, and PE must tell whether it is exact.
 */
class SoftFloatExactTest {
  private static final int CASES = 20_000;

  private final SplittableRandom random = new SplittableRandom(2);
  private final SoftFloat f = new SoftFloat();

  /** Sign of (exact result - x), for a candidate result x. */
  private interface Order {
    int against(BigDecimal x);
  }

  private void operands() {
    for (Unpacked u : new Unpacked[] {f.a, f.b}) {
      long m = random.nextLong() | Long.MIN_VALUE;
      if (random.nextInt(3) == 0) {
        m &= -1L << random.nextInt(64);
        m |= Long.MIN_VALUE;
      } else if (random.nextInt(3) == 0) {
        m |= -1L >>> 1 + random.nextInt(63);
      }
      int sign = random.nextInt(2) << 15;
      u.set80(sign | 16383 + random.nextInt(-70, 71), m);
    }
    f.control(random.nextInt(4), FpFlags.ALL, false, true);
  }

  private int precision() {
    int[] choices = {24, 53, 64};
    return choices[random.nextInt(3)];
  }

  /** Checks the rounded result in {@code f.r} against the exact one. */
  private void checkRounded(int precision, Order exact) {
    if (f.r.kind == Unpacked.ZERO) {
      assertThat(exact.against(BigDecimal.ZERO)).isZero();
      return;
    }
    BigDecimal got = FpValues.exact(f.r);
    int order = exact.against(got);
    String what =
        String.format(
            "%x:%x %x:%x mode %d bits %d",
            f.a.exponent, f.a.hi, f.b.exponent, f.b.hi, f.rounding, precision);
    assertThat((f.flags & FpFlags.PE) != 0).as(what).isEqualTo(order != 0);
    assertThat(f.r.hi << precision % 64).as(what).isIn(0L, precision == 64 ? f.r.hi : 0L);
    if (order == 0) {
      assertThat(f.roundedUp).as(what).isFalse();
      return;
    }
    boolean up = f.rounding == FpFlags.UP;
    boolean down = f.rounding == FpFlags.DOWN;
    if (f.rounding == FpFlags.TO_ZERO) {
      up = f.r.negative;
      down = !f.r.negative;
    }
    // Whether the magnitude grew.
    assertThat(f.roundedUp).as(what).isEqualTo(order > 0 == f.r.negative);
    int exponent = f.r.exponent - precision + 1;
    boolean power = f.r.hi == Long.MIN_VALUE;
    BigDecimal ulp = FpValues.scale(BigDecimal.ONE, exponent);
    // Towards zero from a power of two the neighbour is half as far.
    boolean inward = order > 0 == f.r.negative;
    BigDecimal gap = power && inward ? ulp.divide(BigDecimal.valueOf(2)) : ulp;
    BigDecimal step = order > 0 ? gap : gap.negate();
    if (up || down) {
      assertThat(order).as(what).isEqualTo(up ? -1 : 1);
      assertThat(exact.against(got.add(step))).as(what).isEqualTo(-order);
    } else {
      int half = exact.against(got.add(step.divide(BigDecimal.valueOf(2))));
      assertThat(half).as(what).isNotEqualTo(order);
      if (half == 0) {
        assertThat(f.r.hi >>> 64 - precision & 1).as(what).isZero();
      }
    }
  }

  @Test
  void addsInEveryMode() {
    for (int n = 0; n < CASES; n++) {
      operands();
      int p = precision();
      f.add();
      f.round(Format.EXTENDED, p);
      BigDecimal want = FpValues.exact(f.a).add(FpValues.exact(f.b));
      checkRounded(p, want::compareTo);
    }
  }

  @Test
  void subtractsInEveryMode() {
    for (int n = 0; n < CASES; n++) {
      operands();
      int p = precision();
      f.subtract();
      f.round(Format.EXTENDED, p);
      BigDecimal want = FpValues.exact(f.a).subtract(FpValues.exact(f.b));
      checkRounded(p, want::compareTo);
    }
  }

  @Test
  void multipliesInEveryMode() {
    for (int n = 0; n < CASES; n++) {
      operands();
      int p = precision();
      f.multiply();
      f.round(Format.EXTENDED, p);
      BigDecimal want = FpValues.exact(f.a).multiply(FpValues.exact(f.b));
      checkRounded(p, want::compareTo);
    }
  }

  @Test
  void dividesInEveryMode() {
    for (int n = 0; n < CASES; n++) {
      operands();
      int p = precision();
      f.divide();
      f.round(Format.EXTENDED, p);
      BigDecimal x = FpValues.exact(f.a);
      BigDecimal y = FpValues.exact(f.b);
      checkRounded(p, q -> x.compareTo(q.multiply(y)) * y.signum());
    }
  }

  @Test
  void takesRootsInEveryMode() {
    for (int n = 0; n < CASES; n++) {
      operands();
      f.a.negative = false;
      int p = precision();
      f.squareRoot();
      f.round(Format.EXTENDED, p);
      BigDecimal x = FpValues.exact(f.a);
      checkRounded(p, q -> x.compareTo(q.multiply(q)));
    }
  }

  @Test
  void takesRootsOfPerfectSquaresAndTheirNeighbours() {
    for (int n = 0; n < CASES; n++) {
      long root = random.nextLong() >>> 33 | 1L << 30;
      long square = root * root + random.nextInt(-1, 2);
      f.control(random.nextInt(4), FpFlags.ALL, false, true);
      f.a.setInteger(square);
      f.squareRoot();
      f.round(Format.EXTENDED, 64);
      BigDecimal x = FpValues.exact(f.a);
      checkRounded(64, q -> x.compareTo(q.multiply(q)));
    }
  }

  @Test
  void convertsToIntegersInEveryMode() {
    for (int n = 0; n < CASES; n++) {
      operands();
      int bits = 16 << random.nextInt(3);
      BigDecimal x = FpValues.exact(f.a);
      RoundingMode mode =
          switch (f.rounding) {
            case FpFlags.NEAREST -> RoundingMode.HALF_EVEN;
            case FpFlags.DOWN -> RoundingMode.FLOOR;
            case FpFlags.UP -> RoundingMode.CEILING;
            default -> RoundingMode.DOWN;
          };
      BigInteger want = x.setScale(0, mode).toBigInteger();
      long got = f.toInteger(bits, f.rounding);
      if (want.bitLength() >= bits) {
        assertThat(got).isEqualTo(-1L << bits - 1);
        assertThat(f.flags).isEqualTo(FpFlags.IE);
      } else {
        assertThat(got).as("%s", x).isEqualTo(want.longValueExact());
        boolean exact = new BigDecimal(want).compareTo(x) == 0;
        assertThat(f.flags).isEqualTo(exact ? 0 : FpFlags.PE);
      }
    }
  }
}
