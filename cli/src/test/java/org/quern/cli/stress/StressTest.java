package org.quern.cli.stress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.cli.options.OptionException;

/** A short run of the guest that rewrites its code. */
class StressTest {
  /** Translations that may be alive in the end: a few for each of 64 functions. */
  private static final long LIVE = 600;

  @Test
  @Timeout(120)
  void translationsOfDeadCodeAreUnloaded() throws Exception {
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    StressOptions options =
        StressOptions.DEFAULT
            .withSeconds(12)
            .withEvery(2)
            .withCalls(300)
            .withThreshold(30)
            .withFast(1000);
    Stress stress = new Stress(options, new PrintStream(text, true, StandardCharsets.UTF_8));
    long unloaded = JvmSample.collected().unloaded();
    int code = stress.run();
    assertThat(code).as("%s", text.toString(StandardCharsets.UTF_8)).isZero();
    JvmSample after = JvmSample.collected();
    long translations = stress.counters().translations();
    assertThat(stress.functions()).isGreaterThan(100);
    assertThat(translations).isGreaterThan(LIVE);
    // A page holds four functions.
    assertThat(stress.counters().invalidations()).isGreaterThan(stress.functions() / 8);
    // Each translation is a class; those of dead code are gone.
    assertThat(after.unloaded() - unloaded).isGreaterThan(translations - LIVE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"-minutes 0", "-minutes", "-calls x", "-smp 2", "ten", "-every -1"})
  void whatMakesNoSenseIsRefusedByName(String line) {
    assertThatThrownBy(() -> StressOptions.parse(List.of(line.split(" "))))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(line.split(" ")[0]);
  }

  @Test
  void valuesAreTaken() throws Exception {
    StressOptions o = StressOptions.parse(List.of("--minutes", "0.5", "-fast", "0"));
    assertThat(o.seconds()).isEqualTo(30);
    assertThat(o.fast()).isZero();
  }
}
