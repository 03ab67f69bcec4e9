package org.quern.x86.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Round-to-nearest against Java's own strict arithmetic, which is IEEE 754. */
class SoftFloatNearestTest {
  private static final int CASES = 200_000;

  private final SplittableRandom random = new SplittableRandom(1);
  private final SoftFloat f = new SoftFloat();

  private interface Op64 {
    double apply(double a, double b);
  }

  private interface Op32 {
    float apply(float a, float b);
  }

  private void check64(Runnable operation, Op64 oracle) {
    for (int n = 0; n < CASES; n++) {
      long a = FpValues.bits64(random);
      long b = FpValues.bits64(random);
      f.a.set64(a);
      f.b.set64(b);
      operation.run();
      f.round(Format.BINARY64);
      double want = oracle.apply(Double.longBitsToDouble(a), Double.longBitsToDouble(b));
      if (Double.isNaN(want)) {
        assertThat(f.r.isNan()).as("%x %x", a, b).isTrue();
      } else {
        assertThat(f.r.to64()).as("%x %x", a, b).isEqualTo(Double.doubleToRawLongBits(want));
      }
    }
  }

  private void check32(Runnable operation, Op32 oracle) {
    for (int n = 0; n < CASES; n++) {
      int a = FpValues.bits32(random);
      int b = FpValues.bits32(random);
      f.a.set32(a);
      f.b.set32(b);
      operation.run();
      f.round(Format.BINARY32);
      float want = oracle.apply(Float.intBitsToFloat(a), Float.intBitsToFloat(b));
      if (Float.isNaN(want)) {
        assertThat(f.r.isNan()).as("%x %x", a, b).isTrue();
      } else {
        assertThat(f.r.to32()).as("%x %x", a, b).isEqualTo(Float.floatToRawIntBits(want));
      }
    }
  }

  @Test
  void addsAsJava() {
    check64(f::add, (a, b) -> a + b);
    check32(f::add, (a, b) -> a + b);
  }

  @Test
  void subtractsAsJava() {
    check64(f::subtract, (a, b) -> a - b);
    check32(f::subtract, (a, b) -> a - b);
  }

  @Test
  void multipliesAsJava() {
    check64(f::multiply, (a, b) -> a * b);
    check32(f::multiply, (a, b) -> a * b);
  }

  @Test
  void dividesAsJava() {
    check64(f::divide, (a, b) -> a / b);
    check32(f::divide, (a, b) -> a / b);
  }

  @Test
  void takesRootsAsJava() {
    check64(f::squareRoot, (a, b) -> Math.sqrt(a));
    check32(f::squareRoot, (a, b) -> (float) Math.sqrt(a));
  }

  @Test
  void convertsAsJava() {
    for (int n = 0; n < CASES; n++) {
      long a = FpValues.bits64(random);
      double d = Double.longBitsToDouble(a);
      if (Double.isNaN(d)) {
        continue;
      }
      f.a.set64(a);
      f.convert();
      f.round(Format.BINARY32);
      assertThat(f.r.to32()).as("%x", a).isEqualTo(Float.floatToRawIntBits((float) d));
      f.a.set64(a);
      f.roundToIntegral();
      assertThat(f.r.to64()).as("%x", a).isEqualTo(Double.doubleToRawLongBits(Math.rint(d)));
    }
  }

  @Test
  void comparesAsJava() {
    for (int n = 0; n < CASES; n++) {
      double a = Double.longBitsToDouble(FpValues.bits64(random));
      double b = Double.longBitsToDouble(FpValues.bits64(random));
      f.a.set64(Double.doubleToRawLongBits(a));
      f.b.set64(Double.doubleToRawLongBits(b));
      int want =
          a < b
              ? SoftFloat.LESS
              : a > b ? SoftFloat.GREATER : a == b ? SoftFloat.EQUAL : SoftFloat.UNORDERED;
      assertThat(f.compare(false)).as("%s %s", a, b).isEqualTo(want);
    }
  }

  @Test
  void convertsIntegersAsJava() {
    for (int n = 0; n < CASES; n++) {
      long v = random.nextLong() >> random.nextInt(64);
      f.a.setInteger(v);
      f.convert();
      f.round(Format.BINARY64);
      assertThat(f.r.to64()).as("%x", v).isEqualTo(Double.doubleToRawLongBits((double) v));
      f.a.setInteger(v);
      f.convert();
      f.round(Format.BINARY32);
      assertThat(f.r.to32()).as("%x", v).isEqualTo(Float.floatToRawIntBits((float) v));
      f.a.setInteger(v);
      f.convert();
      f.round(Format.EXTENDED);
      f.a.set80(f.r.signExponent80(), f.r.hi);
      assertThat(f.toInteger(64, FpFlags.NEAREST)).isEqualTo(v);
      assertThat(f.flags).isZero();
    }
  }
}
