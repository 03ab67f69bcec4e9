package org.quern.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.quern.cli.demo.DemoGuest;

/** The command as a process of its own: standard streams, signals and exit codes. */
@Timeout(120)
class MainProcessTest {
  @TempDir private Path folder;

  private Process start(String... words) throws IOException {
    return start(List.of(), words);
  }

  private Process start(List<String> javaOptions, String... words) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "--add-exports",
                "java.base/jdk.internal.misc=ALL-UNNAMED",
                "-Xshare:auto",
                "-XX:TieredStopAtLevel=1"));
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), "org.quern.cli.Main"));
    command.addAll(List.of(words));
    return new ProcessBuilder(command).redirectError(folder.resolve("err").toFile()).start();
  }

  private static void type(Process p, String text) throws IOException {
    OutputStream in = p.getOutputStream();
    in.write(text.getBytes(StandardCharsets.US_ASCII));
    in.flush();
  }

  private static void awaitPrompt(Process p) throws IOException {
    StringBuilder seen = new StringBuilder();
    while (seen.indexOf("demo> ") < 0) {
      int b = p.getInputStream().read();
      assertThat(b).as("end of output after:%n%s", seen).isNotNegative();
      seen.append((char) b);
    }
  }

  private String errors() throws IOException {
    return Files.readString(folder.resolve("err"));
  }

  @Test
  void demoTakesPipedCommandsAndPowersOff() throws Exception {
    Process p = start("demo");
    type(p, "primes\necho hello\npoweroff\n");
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(out).contains("64-bit mode", "78498 primes below 1000000\r\n", "\nhello\r\n");
    assertThat(p.waitFor()).isZero();
    assertThat(errors()).isEmpty();
  }

  @Test
  void codeIsTranslatedInARuntimeWithoutTheFlightRecorder() throws Exception {
    Process p =
        start(
            List.of("--limit-modules", "java.base,java.logging,jdk.unsupported"),
            "demo",
            "-accel",
            "jit,threshold=1000",
            "-d",
            "op");
    type(p, "primes\n".repeat(8) + "poweroff\n");
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
    assertThat(out).contains("78498 primes below 1000000\r\n");
    assertThat(p.waitFor()).isZero();
    assertThat(errors()).startsWith("region 00000000001").doesNotContain("rror", "xception");
  }

  @Test
  void demoImageIsAMultibootKernel() {
    byte[] image = DemoGuest.image();
    int[] words = new int[3];
    for (int i = 0; i < 12; i++) {
      words[i / 4] |= (image[i] & 0xff) << 8 * (i % 4);
    }
    assertThat(words[0]).isEqualTo(0x1bad_b002);
    assertThat(words[0] + words[1] + words[2]).isZero();
  }

  @Test
  void demoRebootEndsBecauseNoRebootIsItsDefault() throws Exception {
    Process p = start("demo");
    type(p, "reboot\n");
    assertThat(p.waitFor()).isZero();
  }

  @Test
  void sigtermEndsWithZeroAndASentence() throws Exception {
    Process p = start("demo");
    awaitPrompt(p);
    p.destroy();
    assertThat(p.waitFor()).isZero();
    assertThat(errors()).isEqualToIgnoringNewLines("quern: terminating on SIGTERM");
  }

  @Test
  void endOfPipedInputIsNotTheEndOfTheGuest() throws Exception {
    Process p = start("demo");
    awaitPrompt(p);
    p.getOutputStream().close();
    assertThat(p.waitFor(2, TimeUnit.SECONDS)).isFalse();
    p.destroy();
    assertThat(p.waitFor()).isZero();
  }

  @Test
  void nobodyReadingTheConsoleEndsTheMachine() throws Exception {
    Process p = start("demo");
    awaitPrompt(p);
    p.getInputStream().close();
    type(p, "help\n");
    assertThat(p.waitFor(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void unknownOptionIsOneSentenceAndExitCodeOne() throws Exception {
    Process p = start("-kernal", "x");
    assertThat(p.waitFor()).isEqualTo(1);
    assertThat(errors())
        .isEqualToIgnoringNewLines("quern: -kernal: no such option; did you mean -kernel?");
  }

  @Test
  void noWordsAtAllShowTheHelp() throws Exception {
    Process p = start();
    assertThat(p.waitFor()).isEqualTo(1);
    assertThat(errors()).contains("quern linux", "-kernel FILE");
  }

  @Test
  void versionNamesTheProgram() throws Exception {
    Process p = start("version");
    assertThat(new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
        .startsWith("Quern ");
    assertThat(p.waitFor()).isZero();
  }
}
