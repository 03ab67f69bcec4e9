package org.quern.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ChildProcessTest {
  @TempDir private Path folder;

  @Test
  void processThatDoesNotEndIsEnded() {
    long start = System.nanoTime();
    assertThatThrownBy(
            () ->
                ChildProcess.run(
                    List.of("sleep", "50"), folder, Duration.ofMillis(300), (b, nanos) -> {}))
        .isInstanceOf(BenchException.class)
        .hasMessageContaining("did not end within");
    assertThat(System.nanoTime() - start).isLessThan(40_000_000_000L);
  }

  @Test
  void outputErrorsAndExitCodeComeBack() throws Exception {
    StringBuilder out = new StringBuilder();
    ChildProcess.Outcome o =
        ChildProcess.run(
            List.of("/bin/sh", "-c", "echo out; echo one >&2; echo two >&2; echo >&2; exit 7"),
            folder,
            Duration.ofSeconds(30),
            (b, nanos) -> out.append((char) b));
    assertThat(out).hasToString("out\n");
    assertThat(o.exitCode()).isEqualTo(7);
    assertThat(o.lastError()).isEqualTo("two");
  }

  @Test
  void standardInputIsEmpty() throws Exception {
    assertThat(
            ChildProcess.run(List.of("cat"), folder, Duration.ofSeconds(30), (b, nanos) -> {})
                .exitCode())
        .isZero();
  }
}
