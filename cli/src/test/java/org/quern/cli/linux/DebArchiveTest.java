package org.quern.cli.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DebArchiveTest {
  @TempDir private Path folder;

  private static byte[] content() {
    byte[] bytes = new byte[10_000];
    new Random(7).nextBytes(bytes);
    return bytes;
  }

  @ParameterizedTest
  @ValueSource(strings = {".xz", ".gz", ""})
  void findsAFileInEachCompression(String suffix) throws IOException {
    Path deb =
        DebFixture.write(folder.resolve("a.deb"), suffix, Map.of("boot/vmlinuz-6", content()));
    DebArchive.Found found = DebArchive.find(deb, p -> p.startsWith("boot/vmlinuz-"));
    assertThat(found.path()).isEqualTo("boot/vmlinuz-6");
    assertThat(found.content()).isEqualTo(content());
  }

  @Test
  void missingFileIsSaid() throws IOException {
    Path deb = DebFixture.write(folder.resolve("a.deb"), ".xz", Map.of("bin/cat", content()));
    assertThatThrownBy(() -> DebArchive.find(deb, p -> p.equals("bin/busybox")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.deb");
  }

  @Test
  void unknownCompressionIsNamed() throws IOException {
    Path deb = DebFixture.write(folder.resolve("a.deb"), ".lz9", Map.of());
    assertThatThrownBy(() -> DebArchive.find(deb, p -> true)).hasMessageContaining("data.tar.lz9");
  }

  @Test
  void damagedZstdIsAnIoException() throws IOException {
    // Not packed at all, whatever its name says.
    Path deb = DebFixture.write(folder.resolve("a.deb"), ".zst", Map.of("x", content()));
    assertThatThrownBy(() -> DebArchive.find(deb, p -> p.equals("x")))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("a.deb");
  }

  @Test
  void otherFilesAreNoPackages() throws IOException {
    Path file = Files.write(folder.resolve("a.deb"), new byte[100]);
    assertThatThrownBy(() -> DebArchive.find(file, p -> true)).isInstanceOf(IOException.class);
  }

  @Test
  void everyTruncationIsAnIoException() throws IOException {
    Path deb = DebFixture.write(folder.resolve("a.deb"), ".xz", Map.of("x", content()));
    byte[] whole = Files.readAllBytes(deb);
    Path cut = folder.resolve("cut.deb");
    for (int length = 0; length < whole.length - 10_000; length += 13) {
      Files.write(cut, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> DebArchive.find(cut, p -> p.equals("x")))
          .isInstanceOf(IOException.class);
    }
    Files.write(cut, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> DebArchive.find(cut, p -> p.equals("x")))
        .isInstanceOf(IOException.class);
  }
}
