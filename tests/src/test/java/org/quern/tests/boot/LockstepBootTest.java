package org.quern.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.cli.linux.ImageException;
import org.quern.cli.linux.LinuxImages;
import org.quern.cli.lockstep.LockstepVerb;

/** The beginning of a boot of Debian's stock kernel under interp and jit, state for state. */
@Tag("boot")
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LockstepBootTest {
  @BeforeAll
  static void fetch() throws ImageException {
    try {
      new LinuxImages(LinuxImages.defaultCache(), step -> {}).get();
    } catch (ImageException e) {
      org.junit.jupiter.api.Assumptions.assumeFalse(e.unavailable(), e.getMessage());
      throw e;
    }
  }

  @ParameterizedTest
  @CsvSource({"200, 50000000", "1, 20000000"})
  void nothingDiffers(String threshold, String instructions) throws Exception {
    int code =
        LockstepVerb.run(
            List.of("-m", "128", "-threshold", threshold, "-instructions", instructions));
    assertThat(code).as("see the report on standard output").isZero();
  }
}
