package org.quern.cli.linux;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The kernel and initramfs of {@code quern linux}, kept in a cache folder.
 *
 * <p>The folder holds one subfolder for each form of the initramfs (named after what the script and
 * the layout hash to); a subfolder appears complete, by a rename, and is never changed afterwards.
 * A lock file keeps two commands from filling it at once.
 */
public final class LinuxImages {
  private static final String META_PACKAGE = "linux-image-cloud-amd64";
  private static final String KERNEL_PREFIX = "linux-image-";
  private static final String SHELL_PACKAGE = "busybox-static";

  /** Change when {@link Initramfs#build} makes something else of the same script. */
  private static final int LAYOUT = 1;

  private final Path cache;
  private final Progress progress;

  /** Fetches packages; replaced by tests. */
  interface Source {
    /** The kernel and the busybox packages, downloaded below the folder. */
    List<Path> packages(Path scratch, Progress progress) throws ImageException;
  }

  private final Source source;

  /** The files of a guest. */
  public record Images(Path kernel, Path initrd) {}

  /**
   * Images below a cache folder.
   *
   * @param cache Quern's cache folder; need not exist yet
   */
  public LinuxImages(Path cache, Progress progress) {
    this(cache, progress, LinuxImages::fromDebian);
  }

  LinuxImages(Path cache, Progress progress, Source source) {
    this.cache = cache;
    this.progress = progress;
    this.source = source;
  }

  /** {@code $XDG_CACHE_HOME/quern}, or {@code ~/.cache/quern}. */
  public static Path defaultCache() {
    String xdg = System.getenv("XDG_CACHE_HOME");
    Path base =
        xdg != null && xdg.startsWith("/")
            ? Path.of(xdg)
            : Path.of(System.getProperty("user.home"), ".cache");
    return base.resolve("quern");
  }

  /** The images if they are in the cache already. */
  public Optional<Images> cached() throws ImageException {
    try {
      Images images = imagesIn(folder());
      return Files.isReadable(images.kernel()) && Files.isReadable(images.initrd())
          ? Optional.of(images)
          : Optional.empty();
    } catch (IOException e) {
      throw broken(e);
    }
  }

  /** The images, from the cache or else fetched and built now. */
  public Images get() throws ImageException {
    Optional<Images> there = cached();
    if (there.isPresent()) {
      return there.get();
    }
    try {
      Files.createDirectories(cache);
      try (FileChannel channel =
              FileChannel.open(
                  cache.resolve("linux.lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (!lock.isValid()) {
          throw new IOException("the lock " + cache.resolve("linux.lock") + " was lost");
        }
        // Another command may have filled the cache while this one waited.
        there = cached();
        return there.isPresent() ? there.get() : fill();
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private Images fill() throws IOException, ImageException {
    removeLeftovers();
    Path scratch = Files.createTempDirectory(cache, "fetch");
    try {
      List<Path> packages = source.packages(scratch, progress);
      progress.step("unpacking " + packages.get(0).getFileName());
      DebArchive.Found kernel =
          DebArchive.find(packages.get(0), p -> p.startsWith("boot/vmlinuz-"));
      DebArchive.Found busybox =
          DebArchive.find(
              packages.get(1), p -> p.equals("bin/busybox") || p.equals("usr/bin/busybox"));
      progress.step("building the initramfs");
      Path made = Files.createDirectory(scratch.resolve("made"));
      Images images = imagesIn(made);
      Files.write(images.kernel(), kernel.content());
      Files.write(images.initrd(), Initramfs.build(busybox.content()));
      Files.writeString(made.resolve("source.txt"), kernel.path() + "\n");
      Files.move(made, folder(), StandardCopyOption.ATOMIC_MOVE);
      return imagesIn(folder());
    } finally {
      deleteTree(scratch);
    }
  }

  private static List<Path> fromDebian(Path scratch, Progress progress) throws ImageException {
    AptDownloader apt = new AptDownloader(scratch, progress);
    String kernel = apt.dependency(META_PACKAGE, KERNEL_PREFIX);
    return List.of(apt.download(kernel), apt.download(SHELL_PACKAGE));
  }

  private static Images imagesIn(Path folder) {
    return new Images(folder.resolve("vmlinuz"), folder.resolve("initramfs.cpio.gz"));
  }

  private Path folder() throws IOException {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((byte) LAYOUT);
      byte[] hash = sha.digest(Initramfs.initScript());
      return cache.resolve("linux-" + HexFormat.of().formatHex(hash, 0, 6));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Scratch folders of commands that were killed; the caller holds the lock. */
  private void removeLeftovers() throws IOException {
    try (Stream<Path> entries = Files.list(cache)) {
      for (Path p : entries.filter(e -> e.getFileName().toString().startsWith("fetch")).toList()) {
        deleteTree(p);
      }
    }
  }

  private static void deleteTree(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      for (Path p : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(p);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** A host that is out of order: the disk is full, the cache cannot be written. */
  private ImageException broken(IOException e) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason() + " (" + f.getFile() + ")"
            : e.getMessage();
    return new ImageException(
        "cannot prepare the Linux images in " + cache + ": " + reason, false, e);
  }
}
