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
 * <p>Kernel and busybox lie in a subfolder that appears complete, by a rename, and is never changed
 * afterwards; remove it to fetch newer ones. The initramfs beside it is named after what its script
 * and layout hash to and made from them whenever it is missing, so a new version of Quern works
 * from an old cache without a network. A lock file keeps two commands from filling the cache at
 * once.
 */
public final class LinuxImages {
  private static final String META_PACKAGE = "linux-image-cloud-amd64";
  private static final String KERNEL_PREFIX = "linux-image-";
  private static final String SHELL_PACKAGE = "busybox-static";

  private static final String KERNEL = "vmlinuz";
  private static final String BUSYBOX = "busybox";
  private static final String INITRAMFS = "initramfs-";
  private static final String SCRATCH = "fetch";

  /** Packages, what is unpacked from them, and package lists where apt has none. */
  private static final long NEEDED_BYTES = 160L << 20;

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
    Images images = images();
    return Files.isReadable(images.kernel()) && Files.isReadable(images.initrd())
        ? Optional.of(images)
        : Optional.empty();
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
        removeLeftovers();
        Path scratch = Files.createTempDirectory(cache, SCRATCH);
        try {
          // Another command may have filled the cache while this one waited.
          if (!Files.isReadable(folder().resolve(KERNEL))) {
            fetch(scratch);
          }
          if (cached().isEmpty()) {
            buildInitramfs(scratch);
          }
        } finally {
          deleteTree(scratch);
        }
        return images();
      }
    } catch (IOException e) {
      throw broken(e);
    }
  }

  private void fetch(Path scratch) throws IOException, ImageException {
    // apt itself says all kinds of things when the disk is full.
    long free = Files.getFileStore(scratch).getUsableSpace();
    if (free < NEEDED_BYTES) {
      throw new IOException(
          (NEEDED_BYTES >> 20) + " MiB of free space are needed, there are " + (free >> 20));
    }
    List<Path> packages = source.packages(scratch, progress);
    progress.step("unpacking " + packages.get(0).getFileName());
    DebArchive.Found kernel = DebArchive.find(packages.get(0), p -> p.startsWith("boot/vmlinuz-"));
    DebArchive.Found busybox =
        DebArchive.find(
            packages.get(1), p -> p.equals("bin/busybox") || p.equals("usr/bin/busybox"));
    Path made = Files.createDirectory(scratch.resolve("made"));
    Files.write(made.resolve(KERNEL), kernel.content());
    Files.write(made.resolve(BUSYBOX), busybox.content());
    Files.writeString(made.resolve("source.txt"), kernel.path() + "\n");
    Files.move(made, folder(), StandardCopyOption.ATOMIC_MOVE);
  }

  private void buildInitramfs(Path scratch) throws IOException {
    progress.step("building the initramfs");
    try (Stream<Path> files = Files.list(folder())) {
      for (Path p : files.filter(f -> f.getFileName().toString().startsWith(INITRAMFS)).toList()) {
        Files.delete(p);
      }
    }
    Path made = scratch.resolve("initramfs");
    Files.write(made, Initramfs.build(Files.readAllBytes(folder().resolve(BUSYBOX))));
    Files.move(made, images().initrd(), StandardCopyOption.ATOMIC_MOVE);
  }

  private static List<Path> fromDebian(Path scratch, Progress progress) throws ImageException {
    AptDownloader apt = new AptDownloader(scratch, progress);
    String kernel = apt.dependency(META_PACKAGE, KERNEL_PREFIX);
    return List.of(apt.download(kernel), apt.download(SHELL_PACKAGE));
  }

  private Path folder() {
    return cache.resolve("linux");
  }

  private Images images() {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      sha.update((byte) LAYOUT);
      String hash = HexFormat.of().formatHex(sha.digest(Initramfs.initScript()), 0, 6);
      return new Images(folder().resolve(KERNEL), folder().resolve(INITRAMFS + hash + ".cpio.gz"));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Scratch folders of commands that were killed; the caller holds the lock. */
  private void removeLeftovers() throws IOException {
    try (Stream<Path> entries = Files.list(cache)) {
      for (Path p : entries.filter(e -> e.getFileName().toString().startsWith(SCRATCH)).toList()) {
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
