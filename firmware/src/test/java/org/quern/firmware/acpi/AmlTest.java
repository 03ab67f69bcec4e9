package org.quern.firmware.acpi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmlTest {
  private static String hex(byte[] b) {
    return HexFormat.of().formatHex(b);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 00",
    "1, 01",
    "2, 0a02",
    "255, 0aff",
    "256, 0b0001",
    "65536, 0c00000100",
    "4294967295, 0cffffffff"
  })
  void encodesIntegersAsShortAsPossible(long value, String encoding) {
    assertThat(hex(Aml.integer(value))).isEqualTo(encoding);
  }

  @Test
  void compressesEisaIdentifiers() {
    assertThat(hex(Aml.eisaId("PNP0A03"))).isEqualTo("0c41d00a03");
    assertThat(hex(Aml.eisaId("PNP0501"))).isEqualTo("0c41d00501");
  }

  @Test
  void encodesPaths() {
    assertThat(hex(Aml.name("ABC"))).isEqualTo("4142435f");
    assertThat(hex(Aml.name("\\_SB.PCI0"))).isEqualTo("5c2e5f53425f50434930");
    assertThat(hex(Aml.name("A.B.C"))).isEqualTo("2f03415f5f5f425f5f5f435f5f5f");
    assertThatThrownBy(() -> Aml.name("1AB")).isInstanceOf(IllegalArgumentException.class);
  }

  /** The length counts its own bytes: 62 bytes of contents fit beside one, 4,093 beside two. */
  @ParameterizedTest
  @CsvSource({"57, 3e", "58, 3f", "59, 4104", "4089, 4fff", "4090, 810001", "70000, 871711"})
  void encodesPackageLengths(int bytes, String encoding) {
    byte[] scope = Aml.scope("ABCD", new byte[bytes]);
    assertThat(hex(Arrays.copyOf(scope, 9))).startsWith("10" + encoding + "41424344");
  }
}
