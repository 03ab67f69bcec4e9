package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every VEX-encoded vector instruction, of 128 and of 256 bits, with registers and with memory,
 * against digests of what a real processor did on the same operands in all rounding modes, with
 * DAZ, FTZ and unmasked exceptions. The recipe of the fixture is the head comment of {@code
 * src/test/oracle/vex-oracle.c}.
 */
class VexOracleTest {
  static Stream<String> fixture() throws IOException {
    try (InputStream in = VexOracleTest.class.getResourceAsStream("vex-oracle.txt")) {
      return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines();
    }
  }

  @ParameterizedTest
  @MethodSource("fixture")
  void doesWhatTheProcessorDid(String line) {
    String[] part = line.split(" ");
    VexOracle oracle = new VexOracle(part[0], part[1], part[2].charAt(0));
    for (int n = 0; n < part[3].length(); n += 3) {
      oracle.next();
      int want = Integer.parseInt(part[3], n, n + 3, 16);
      assertThat(oracle.digest()).as("%s %s", part[0], oracle).isEqualTo(want);
    }
  }
}
