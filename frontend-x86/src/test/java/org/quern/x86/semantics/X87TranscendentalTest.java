package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The transcendental instructions against what a real processor did on the same operands: special
 * values, exceptions and conditions the same, other results at most one unit in the last place
 * away. C1, which tells how the processor rounded its own approximation, is left out. The recipe of
 * the fixture is the head comment of {@code src/test/oracle/x87-instructions.c}.
 */
class X87TranscendentalTest {
  static Stream<String> fixture() throws IOException {
    try (InputStream in =
        X87TranscendentalTest.class.getResourceAsStream("x87-transcendental.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines();
    }
  }

  @ParameterizedTest
  @MethodSource("fixture")
  void isWithinOneUnitOfTheProcessor(String line) {
    String[] part = line.split(" ");
    X87Cases cases = new X87Cases(part[0], part[1], part[2].charAt(0));
    for (int n = 3; n < part.length; n++) {
      String[] want = part[n].split(":");
      cases.next();
      assertThat(cases.out[0] & ~X87Access.C1)
          .as("status, %s %s", part[0], cases)
          .isEqualTo(Integer.parseInt(want[0], 16) & ~X87Access.C1);
      for (int st = 0; st < 2; st++) {
        BigInteger hardware = ordered(Integer.parseInt(want[1 + 2 * st], 16), want[2 + 2 * st]);
        BigInteger ours = ordered(cases.outSe[st], Long.toHexString(cases.outSig[st]));
        assertThat(ours.subtract(hardware).abs())
            .as("st%d, %s %s", st, part[0], cases)
            .isLessThanOrEqualTo(BigInteger.ONE);
      }
    }
  }

  /** Numbers whose distance is that of the values in units in the last place. */
  private static BigInteger ordered(int signExponent, String significand) {
    int exponent = signExponent & 0x7fff;
    BigInteger v = new BigInteger(significand, 16);
    if (exponent != 0) {
      // Normal numbers have 2^63 significands an exponent; denormals come before them.
      v = v.add(BigInteger.ONE.shiftLeft(63).multiply(BigInteger.valueOf(exponent - 1)));
    }
    return (signExponent & 0x8000) != 0 ? v.negate() : v;
  }
}
