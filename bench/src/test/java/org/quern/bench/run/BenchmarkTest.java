package org.quern.bench.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.bench.program.BenchProgram;

/** Schedule, protocol and failures, with shell scripts for machines. */
@Timeout(60)
class BenchmarkTest {
  private static final String SUM = "0123456789abcdef";

  @TempDir private Path folder;

  private ProgramResult measure(int rounds, Contender... contenders) throws Exception {
    return new Benchmark(List.of(contenders), rounds, 2, folder).measure(BenchProgram.FIB);
  }

  @Test
  void eachRoundBeginsWithAnotherAccelerator() throws Exception {
    Path order = folder.resolve("order");
    String report = " >> " + order + "; printf '+..=" + SUM + "\\n'; exit 33";
    ProgramResult r =
        measure(
            3,
            FakeContender.of("a", "printf a" + report),
            FakeContender.of("b", "printf b" + report));
    assertThat(Files.readString(order)).isEqualTo("abbaab");
    assertThat(r.samples().get("b")).hasSize(3);
    assertThat(r.failures()).isEmpty();
  }

  @Test
  void machineIsGivenTheImageAndQemusOptions() throws Exception {
    Path words = folder.resolve("words");
    measure(
        1,
        FakeContender.of("a", "echo \"$@\" > " + words + "; printf '+..=" + SUM + "\\n'; exit 33"));
    assertThat(Files.readString(words))
        .startsWith("-kernel " + folder.resolve("fib-2.img") + " -m 64 ")
        .contains("-device isa-debug-exit,iobase=244,iosize=4", "-debugcon stdio");
  }

  @Test
  void repetitionsAreTimedAsTheirBytesArrive() throws Exception {
    ProgramResult r =
        measure(
            1,
            FakeContender.of(
                "a",
                "printf +; sleep 0.4; printf .; sleep 0.1; printf '.=" + SUM + "\\n'; exit 33"));
    ProgramSample s = r.samples().get("a").get(0);
    assertThat(s.repetitionsMs().get(0)).isBetween(300.0, 10_000.0);
    assertThat(s.repetitionsMs().get(1)).isBetween(50.0, 10_000.0);
    assertThat(s.repetitionsMs().get(0)).isGreaterThan(s.repetitionsMs().get(1));
    assertThat(r.coldMs("a")).isEqualTo(s.startMs() + s.repetitionsMs().get(0));
    assertThat(r.warmMs("a")).as("the later half").isEqualTo(s.repetitionsMs().get(1));
  }

  @Test
  void peakMemoryAndProcessorTimeAreSeenWhileTheProcessLives() throws Exception {
    String work = "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; ";
    ProgramResult r =
        measure(1, FakeContender.of("a", work + "printf '+..=" + SUM + "\\n'; sleep 0.3; exit 33"));
    Usage usage = r.samples().get("a").get(0).usage();
    assertThat(usage.peakRssKib()).isGreaterThan(100);
    assertThat(usage.cpuMs()).isGreaterThan(10);
  }

  @Test
  void disagreementIsAFailure() throws Exception {
    ProgramResult r =
        measure(
            1,
            FakeContender.good("a", SUM),
            FakeContender.good("b", "0000000000000000"),
            FakeContender.good("c", SUM));
    assertThat(r.failures())
        .containsExactly(
            "fib: the checksums disagree: {0000000000000000=[b], 0123456789abcdef=[a, c]}");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "printf '+.'; echo boom >&2; exit 3      | it ended with exit code 3 after 1 of 2 repetitions: boom",
        "printf '+..=0123456789abcdef\\n'; exit 0 | it ended with exit code 0 after 2 of 2 repetitions",
        "printf '+..=0123\\n'; exit 33            | it ended with exit code 33 after 2 of 2 repetitions",
        "printf '+...=0123456789abcdef\\n'; exit 33 | it ended with exit code 33 after 3 of 2 repetitions",
        "printf '..=0123456789abcdef\\n'; exit 33 | it ended with exit code 33 after 2 of 2 repetitions",
        "printf '+..!=0123456789abcdef\\n'; exit 33 | its repetitions came to different checksums",
        "printf 'x+..=0123456789abcdef\\n'; exit 33 | it ended with exit code 33 after 2 of 2 repetitions",
      })
  void guestThatDoesNotDoAsItShouldIsAFailure(String script, String sentence) throws Exception {
    ProgramResult r = measure(1, FakeContender.of("a", script), FakeContender.good("b", SUM));
    assertThat(r.failures()).singleElement().asString().isEqualTo("fib under a: " + sentence);
    assertThat(r.names()).as("the others go on").containsExactly("b");
  }

  @Test
  void programThatIsNotThereIsAFailure() throws Exception {
    ProgramResult r = measure(1, new Contender("a", List.of("/nonexistent/machine"), false, false));
    assertThat(r.failures()).singleElement().asString().contains("/nonexistent/machine");
  }

  @Test
  void interpreterDoesAQuarterOfTheRepetitionsAndCountsInstructions() throws Exception {
    String script =
        "echo 'quern: 2000 instructions in 0.1 s' >&2; printf '+..=" + SUM + "\\n'; exit 33";
    Contender interp = new Contender("interp", List.of("/bin/sh", "-c", script, "sh"), true, true);
    ProgramResult r = new Benchmark(List.of(interp), 1, 7, folder).measure(BenchProgram.FIB);
    assertThat(r.failures()).isEmpty();
    assertThat(r.instructions()).hasValue(1000);
    assertThat(r.mips("interp")).isPresent();
  }

  @Test
  void bootIsTimedToInit() throws Exception {
    Contender linux =
        FakeContender.of(
            "a", "echo Linux; sleep 0.1; echo 'Quern: /init after 1 s'; sleep 0.2; echo down");
    BootResult r =
        new Benchmark(List.of(linux), 1, 1, folder).boot(Path.of("kernel"), Path.of("initrd"));
    assertThat(r.failures()).isEmpty();
    assertThat(r.initMs("a")).isBetween(90.0, r.endMs("a") - 150);
  }

  @Test
  void bootThatStopsShortIsAFailure() throws Exception {
    Contender panic = FakeContender.of("a", "echo 'Kernel panic'; exit 0");
    BootResult r =
        new Benchmark(List.of(panic), 1, 1, folder).boot(Path.of("kernel"), Path.of("initrd"));
    assertThat(r.failures())
        .containsExactly(
            "boot under a: the boot ended with exit code 0 before /init: Kernel panic");
  }
}
