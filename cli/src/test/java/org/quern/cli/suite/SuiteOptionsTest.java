package org.quern.cli.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.cli.bench.UsageException;

class SuiteOptionsTest {
  @Test
  void optionsAndNamesMayBeMixed(@TempDir Path dir) throws Exception {
    SuiteOptions o =
        SuiteOptions.parse(
            "moo",
            List.of(
                "--dir",
                dir.toString(),
                "00",
                "--cpu",
                "8086",
                "--case",
                "7",
                "F6.7",
                "--jobs",
                "2"));

    assertThat(o.needDir("moo")).isEqualTo(dir);
    assertThat(o.names()).containsExactly("00", "F6.7");
    assertThat(o.cpu()).contains("8086");
    assertThat(o.only()).isEqualTo(7);
    assertThat(o.jobs()).isEqualTo(2);
    assertThat(o.accel()).isEqualTo("jit");
  }

  @ParameterizedTest
  @CsvSource({
    "--jobs,0,must be a number from 1",
    "--jobs,many,must be a number",
    "--dir,/no/such/folder,no such folder",
    "--fast,1,Unknown option"
  })
  void refusesWhatMakesNoSense(String option, String value, String why) {
    assertThatThrownBy(() -> SuiteOptions.parse("moo", List.of(option, value)))
        .isInstanceOf(UsageException.class)
        .hasMessageContaining("suite moo")
        .hasMessageContaining(why);
  }

  @Test
  void aSuiteWithoutItsFolderSaysSo() throws Exception {
    SuiteOptions o = SuiteOptions.parse("moo", List.of());

    assertThatThrownBy(() -> o.needDir("moo")).hasMessageContaining("--dir");
  }

  @Test
  void aCommandIsShownSoThatAShellReadsItBack() {
    assertThat(Quern.shown(List.of("-append", "a 'b'", "-m", "64")))
        .isEqualTo("quern -append 'a '\\''b'\\''' -m 64");
  }
}
