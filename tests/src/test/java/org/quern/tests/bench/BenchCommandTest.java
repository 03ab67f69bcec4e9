package org.quern.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quern.bench.program.BenchProgram;

/** {@code quern bench} as a process, which starts processes like itself. */
@Timeout(120)
class BenchCommandTest {
  @TempDir private Path folder;

  private Process start(String path, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-exports",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                "org.quern.cli.Main",
                "bench"));
    command.addAll(List.of(words));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectError(folder.resolve("err").toFile())
            .redirectOutput(folder.resolve("out").toFile());
    builder.environment().put("PATH", path);
    return builder.start();
  }

  private String out() throws IOException {
    return Files.readString(folder.resolve("out"));
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  @Test
  void measuresAndComparesAndWritesJson() throws Exception {
    Path json = folder.resolve("results.json");
    Process p =
        start(
            System.getenv("PATH"),
            "--programs=syscall",
            "--accel=interp,jit",
            "--repetitions=1",
            "--rounds=1",
            "--json=" + json);
    assertThat(p.waitFor()).as(() -> output()).isZero();
    assertThat(out())
        .containsPattern("(?m)^syscall +interp +[0-9.]+ +[0-9]+ ")
        .containsPattern("(?m)^ +jit +[0-9.]+ +[0-9]+ .* -  ")
        .containsPattern("(?m)^geomean +interp +- +1.00 ");
    long checksum = ExpectedChecksum.of(BenchProgram.SYSCALL, BenchProgram.SYSCALL.passes());
    assertThat(Files.readString(json))
        .contains(String.format("\"checksum\" : \"%016x\"", checksum))
        .containsPattern("\"instructionsPerRepetition\" : 5[0-9]{7},");
    assertThat(errors()).isEmpty();
  }

  private String output() {
    try {
      return out() + errors();
    } catch (IOException e) {
      return e.toString();
    }
  }

  @Test
  void absenceOfQemuIsSaid() throws Exception {
    Process p = start(folder.toString(), "--accel=tcg");
    assertThat(p.waitFor()).isEqualTo(1);
    assertThat(errors().lines())
        .containsExactly(
            "quern: qemu-system-x86_64 is not on the path, so there are no figures of QEMU TCG",
            "quern: bench: no accelerator is left to measure");
  }

  @Test
  void unknownProgramIsOneLineAndExitCodeTwo() throws Exception {
    Process p = start(System.getenv("PATH"), "--programs", "fob");
    assertThat(p.waitFor()).isEqualTo(2);
    assertThat(errors().lines())
        .singleElement()
        .asString()
        .startsWith("quern: bench --programs fob: no such program; known are fib, sieve");
  }

  @Test
  void imageIsWritten() throws Exception {
    Path image = folder.resolve("crc32.img");
    Process p =
        start(
            System.getenv("PATH"),
            "--image",
            "crc32",
            "--repetitions",
            "3",
            "-o",
            image.toString());
    assertThat(p.waitFor()).isZero();
    assertThat(Files.readAllBytes(image))
        .isEqualTo(BenchProgram.CRC32.image(3, BenchProgram.CRC32.passes()));
  }

  @Test
  void resultsThatCannotBeWrittenAreKnownBeforeAnythingRuns() throws Exception {
    Process p = start(System.getenv("PATH"), "--json", folder + "/none/x.json");
    assertThat(p.waitFor()).isEqualTo(1);
    assertThat(errors().lines())
        .containsExactly("quern: bench --json " + folder + "/none/x.json: no such folder");
    assertThat(out()).isEmpty();
  }

  @Test
  void imageThatCannotBeWrittenIsOneLine() throws Exception {
    Process p = start(System.getenv("PATH"), "--image", "fib", "-o", folder + "/none/fib.img");
    assertThat(p.waitFor()).isEqualTo(1);
    assertThat(errors().lines())
        .containsExactly("quern: bench -o " + folder + "/none/fib.img: no such folder");
  }
}
