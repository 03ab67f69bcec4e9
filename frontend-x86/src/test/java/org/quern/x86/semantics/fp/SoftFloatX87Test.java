package org.quern.x86.semantics.fp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The 80-bit format with every precision, rounding mode and set of unmasked exceptions, against
 * digests of what a real x87 did. The recipe of the fixture is the head comment of {@code
 * src/test/oracle/x87-oracle.c}.
 */
class SoftFloatX87Test {
  static Stream<String> fixture() throws IOException {
    try (InputStream in = SoftFloatX87Test.class.getResourceAsStream("x87-oracle.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines();
    }
  }

  @ParameterizedTest
  @MethodSource("fixture")
  void computesWhatTheProcessorDid(String line) {
    String[] part = line.split(" ");
    X87Oracle oracle = new X87Oracle(part[0]);
    for (int n = 0; n < part[1].length(); n += 3) {
      oracle.next();
      int want = Integer.parseInt(part[1], n, n + 3, 16);
      assertThat(oracle.digest()).as("case %d: %s", n / 3, oracle).isEqualTo(want);
    }
  }
}
