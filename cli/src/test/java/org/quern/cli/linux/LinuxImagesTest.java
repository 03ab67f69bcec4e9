package org.quern.cli.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxImagesTest {
  @TempDir private Path cache;
  private final List<String> steps = new ArrayList<>();

  private LinuxImages images(LinuxImages.Source source) {
    return new LinuxImages(cache, steps::add, source);
  }

  private static List<Path> packages(Path scratch, Progress progress) {
    try {
      return List.of(
          DebFixture.write(
              scratch.resolve("k.deb"),
              ".xz",
              Map.of("boot/vmlinuz-6.1", "kernel".getBytes(StandardCharsets.UTF_8))),
          DebFixture.write(
              scratch.resolve("b.deb"),
              ".xz",
              Map.of("bin/busybox", "busybox".getBytes(StandardCharsets.UTF_8))));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<String> inCache() throws IOException {
    try (Stream<Path> files = Files.list(cache)) {
      return files.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void fetchesOnceAndThenWorksFromTheCache() throws Exception {
    LinuxImages.Images first = images(LinuxImagesTest::packages).get();
    assertThat(first.kernel()).hasContent("kernel");
    assertThat(Files.size(first.initrd())).isPositive();
    assertThat(steps).isNotEmpty();
    LinuxImages.Images second =
        images(
                (scratch, progress) -> {
                  throw new AssertionError("fetched again");
                })
            .get();
    assertThat(second).isEqualTo(first);
  }

  @Test
  void newInitramfsIsBuiltFromTheCacheAlone() throws Exception {
    LinuxImages.Images first = images(LinuxImagesTest::packages).get();
    Path old = Files.move(first.initrd(), first.initrd().resolveSibling("initramfs-0.cpio.gz"));
    LinuxImages.Images second =
        images(
                (scratch, progress) -> {
                  throw new AssertionError("fetched again");
                })
            .get();
    assertThat(second.initrd()).exists();
    assertThat(old).doesNotExist();
  }

  @Test
  void emptyCacheHasNoImages() throws ImageException {
    assertThat(images(LinuxImagesTest::packages).cached()).isEmpty();
  }

  @Test
  void failureLeavesNothingBehind() throws IOException {
    assertThatThrownBy(
            () ->
                images(
                        (scratch, progress) -> {
                          throw new ImageException("no network", true, null);
                        })
                    .get())
        .isInstanceOf(ImageException.class)
        .hasMessage("no network");
    assertThat(inCache()).containsExactly("linux.lock");
  }

  @Test
  void damagedPackageIsOneSentenceAndLeavesNothingBehind() throws IOException {
    assertThatThrownBy(
            () ->
                images(
                        (scratch, progress) -> {
                          try {
                            Path p = Files.write(scratch.resolve("k.deb"), new byte[10]);
                            return List.of(p, p);
                          } catch (IOException e) {
                            throw new IllegalStateException(e);
                          }
                        })
                    .get())
        .isInstanceOf(ImageException.class)
        .hasMessageStartingWith("cannot prepare the Linux images in " + cache);
    assertThat(inCache()).containsExactly("linux.lock");
  }

  @Test
  void leftoversOfAKilledCommandAreRemoved() throws Exception {
    Path old = Files.createDirectory(cache.resolve("fetch123"));
    Files.write(old.resolve("half.deb"), new byte[5]);
    images(LinuxImagesTest::packages).get();
    assertThat(old).doesNotExist();
  }

  @Test
  void cacheThatCannotBeWrittenIsOneSentence() throws IOException {
    Path file = Files.write(cache.resolve("file"), new byte[1]);
    assertThatThrownBy(() -> new LinuxImages(file.resolve("sub"), steps::add).get())
        .isInstanceOf(ImageException.class)
        .hasMessageContaining("cannot prepare the Linux images in " + file.resolve("sub"));
  }
}
