package org.quern.cli.lockstep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.software.Tiering;
import org.quern.cli.options.OptionException;
import org.quern.cli.options.Preset;

class LockstepOptionsTest {
  private static LockstepOptions parse(String line) throws OptionException {
    return LockstepOptions.parse(List.of(line.split(" ")), Preset.DEMO);
  }

  @Test
  void defaultsCompareFiftyMillionInstructions() throws Exception {
    LockstepOptions o = LockstepOptions.parse(List.of(), Preset.DEMO);
    assertThat(o.instructions()).isEqualTo(50_000_000);
    assertThat(o.shift()).isEqualTo(3);
  }

  @Test
  void valuesAreTaken() throws Exception {
    LockstepOptions o =
        parse("-instructions 1_000 -threshold 1 -ram-every 7 -shift 0 -seed -5 -m 64");
    assertThat(o.instructions()).isEqualTo(1000);
    assertThat(o.tiering()).isEqualTo(new Tiering(1, 1000, false, true));
    assertThat(o.ramEvery()).isEqualTo(7);
    assertThat(o.shift()).isZero();
    assertThat(o.seed()).isEqualTo(-5);
    assertThat(o.machine().memoryBytes()).isEqualTo(64L << 20);
  }

  @Test
  void theTranslatorCanBeAsItIsOutside() throws Exception {
    Tiering outside = Tiering.DEFAULT;
    LockstepOptions o =
        parse(
            String.format(
                "-translate background -threshold %d -fast %d",
                outside.compactAfter(), outside.fastAfter()));
    assertThat(o.tiering()).isEqualTo(Tiering.DEFAULT.counting());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "-instructions 0",
        "-instructions many",
        "-instructions",
        "-shift 11",
        "-threshold 0",
        "-translate later",
        "-smp 2",
        "-accel jit",
        "-serial stdio",
        "-machine help",
        "file x"
      })
  void whatMakesNoSenseIsRefusedByName(String line) {
    assertThatThrownBy(() -> parse(line))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(line.contains("help") ? "quern" : line.split(" ")[0]);
  }
}
