package org.quern.cli.options;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SizesTest {
  @ParameterizedTest
  @CsvSource({
    "512, 536870912",
    "1G, 1073741824",
    "1g, 1073741824",
    "1.5G, 1610612736",
    "64k, 65536",
    "4096b, 4096",
    "0x10, 16777216",
    "0x10k, 16384",
    "2T, 2199023255552",
    "0, 0"
  })
  void readsSizesInMebibytesByDefault(String text, long bytes) throws OptionException {
    assertThat(Sizes.bytes("-m", text, 'M')).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "G", "-1", "1GG", "1 G", "ten", "1e3", "0x", "0xg", "1.", ".5"})
  void refusesWhatIsNoSize(String text) {
    assertThatThrownBy(() -> Sizes.bytes("-m", text, 'M'))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("-m " + text)
        .hasMessageContaining("not a size");
  }

  @Test
  void refusesSizesBeyond63Bits() {
    assertThatThrownBy(() -> Sizes.bytes("-m", "8E", 'M'))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining("63 bits");
  }

  @ParameterizedTest
  @CsvSource({"0xf4, 244", "244, 244", "0364, 244", "0, 0"})
  void readsIntegersInThreeBases(String text, long value) throws OptionException {
    assertThat(Sizes.integer("iobase", text, 0xffff)).isEqualTo(value);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "+1", "0x", "f4", "65536", "99999999999999999999"})
  void refusesIntegersOutOfRange(String text) {
    assertThatThrownBy(() -> Sizes.integer("iobase", text, 0xffff))
        .isInstanceOf(OptionException.class)
        .hasMessageStartingWith("iobase=" + text);
  }
}
