package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RCPPS and RSQRTPS: SDM vol. 2B gives a bound of the error and the special cases. */
class SseApproximationTest {
  private static final double BOUND = 1.5 / 4096;

  @Test
  void errorIsWithinTheManualsBound() {
    SplittableRandom random = new SplittableRandom(3);
    for (int n = 0; n < 100_000; n++) {
      float x = Float.intBitsToFloat(random.nextInt(0x00800000, 0x7e000000));
      double r = Float.intBitsToFloat(SseMath.reciprocal(Float.floatToRawIntBits(x)));
      assertThat(r * x).as("1/%s", x).isCloseTo(1, within(BOUND));
      double s = Float.intBitsToFloat(SseMath.reciprocalRoot(Float.floatToRawIntBits(x)));
      assertThat(s * Math.sqrt(x)).as("1/sqrt(%s)", x).isCloseTo(1, within(BOUND));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "00000000, 7f800000, 7f800000",
    "80000000, ff800000, ff800000",
    "00000001, 7f800000, 7f800000",
    "807fffff, ff800000, ff800000",
    "7f800000, 00000000, 00000000",
    "ff800000, 80000000, ffc00000",
    "7f7fffff, 00000000, 1f800000",
    "bf800000, bf800000, ffc00000",
    "7f800001, 7fc00001, 7fc00001",
    "ffc12345, ffc12345, ffc12345",
  })
  void specialCases(String operand, String reciprocal, String root) {
    int a = Integer.parseUnsignedInt(operand, 16);
    assertThat(String.format("%08x", SseMath.reciprocal(a))).isEqualTo(reciprocal);
    assertThat(String.format("%08x", SseMath.reciprocalRoot(a))).isEqualTo(root);
  }
}
