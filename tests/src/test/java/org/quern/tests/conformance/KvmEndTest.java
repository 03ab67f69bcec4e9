package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.bench.program.BenchProgram;
import org.quern.bench.program.BenchProtocol;
import org.quern.cli.Main;

/** A process with a running KVM guest that is killed ends at once, and its machine with it. */
@Tag("kvm")
class KvmEndTest {
  private static final int LONG = 1000;

  @TempDir private Path folder;

  @BeforeEach
  void needKvm(TestInfo test) {
    HostKvm.assumeCanRun(test);
  }

  @ParameterizedTest(name = "kill -{0} ends it with code {1}")
  @CsvSource({"KILL, 137", "INT, 0"})
  @DisplayName("a signal ends a running guest")
  void signalEndsIt(String signal, int exitCode) throws Exception {
    Path image = Files.write(folder.resolve("image"), BenchProgram.PIO.image(LONG, LONG));
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "--add-exports",
                    "java.base/jdk.internal.misc=ALL-UNNAMED",
                    "-cp",
                    System.getProperty("java.class.path"),
                    Main.class.getName(),
                    "-accel",
                    "kvm",
                    "-kernel",
                    image.toString(),
                    "-m",
                    Integer.toString(BenchProtocol.MEMORY_MIB),
                    "-display",
                    "none",
                    "-nodefaults",
                    "-debugcon",
                    "stdio"))
            .redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")))
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertThat(process.getInputStream().read()).isEqualTo(BenchProtocol.START);
      Path descriptors = Path.of("/proc", Long.toString(process.pid()), "fd");
      assertThat(machinesAmong(descriptors)).isPositive();

      new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start().waitFor();

      assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
      assertThat(Files.exists(descriptors)).isFalse();
      assertThat(process.exitValue()).isEqualTo(exitCode);
    } finally {
      process.destroyForcibly();
    }
  }

  /** Descriptors of KVM machines and processors: all that a machine is in the kernel. */
  private static long machinesAmong(Path descriptors) throws Exception {
    try (var all = Files.list(descriptors)) {
      return all.map(KvmEndTest::target).filter(t -> t.contains("kvm-v")).count();
    }
  }

  private static String target(Path link) {
    try {
      return Files.readSymbolicLink(link).toString();
    } catch (java.io.IOException e) {
      return ""; // closed meanwhile
    }
  }
}
