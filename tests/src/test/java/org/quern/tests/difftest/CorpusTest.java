package org.quern.tests.difftest;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.cli.difftest.Replay;

/** The corpus of found and fixed differences, on each of our engines. */
class CorpusTest {
  @ParameterizedTest
  @ValueSource(strings = {"interp", "jit-compact", "jit-fast"})
  void everyCaseLeavesWhatTheProcessorHasLeft(String engine) throws Exception {
    StringBuilder wrong = new StringBuilder();
    try (Replay replay = Replay.on(engine)) {
      for (Path file : corpus()) {
        String text = Files.readString(file, StandardCharsets.US_ASCII);
        for (String line : replay.run(text)) {
          wrong.append(file.getFileName()).append(": ").append(line).append('\n');
        }
      }
    }
    assertThat(wrong.toString()).isEmpty();
  }

  @Test
  void theCorpusIsThere() throws Exception {
    assertThat(corpus()).hasSizeGreaterThan(10);
  }

  @Test
  void aWrongResultIsNoticed() throws Exception {
    String text = "asm mov eax, ebx\ncode 89d8\nplace 3 7\nin rflags 202\nin rbx 5\n";
    try (Replay replay = Replay.on("interp")) {
      assertThat(replay.run(text + "out exit next\nout rflags 202\nout rax 5\n")).isEmpty();
      assertThat(replay.run(text + "out exit next\nout rflags 202\nout rax 6\n"))
          .containsExactly("rax 6, ours 5");
    }
  }

  private static List<Path> corpus() throws Exception {
    URI folder = CorpusTest.class.getResource("/org/quern/tests/difftest").toURI();
    try (Stream<Path> all = Files.walk(Path.of(folder))) {
      return all.filter(f -> f.toString().endsWith(".txt")).sorted().toList();
    }
  }
}
