package org.quern.cli.linux;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.zip.GZIPOutputStream;

/** The root file system that the stock kernel boots into: busybox and our {@code init} script. */
final class Initramfs {
  /** Where a user looks for the shell's commands; the rest comes from {@code busybox --install}. */
  private static final List<String> LINKS = List.of("bin/sh", "sbin/poweroff", "sbin/reboot");

  private Initramfs() {}

  /** The script, as it will be {@code /init} of the guest. */
  static byte[] initScript() {
    try (InputStream in = Initramfs.class.getResourceAsStream("init.sh")) {
      if (in == null) {
        throw new IllegalStateException("init.sh is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException("init.sh cannot be read from the jar", e);
    }
  }

  /**
   * Builds the archive.
   *
   * @param busybox a statically linked busybox for the guest's architecture
   * @return a gzip-compressed cpio archive
   */
  static byte[] build(byte[] busybox) throws IOException {
    CpioWriter cpio = new CpioWriter();
    for (String d : List.of("bin", "dev", "etc", "proc", "root", "run", "sbin", "sys", "tmp")) {
      cpio.directory(d, d.equals("tmp") ? 01777 : 0755);
    }
    cpio.directory("usr", 0755);
    cpio.directory("usr/bin", 0755);
    cpio.directory("usr/sbin", 0755);
    // The kernel opens this for /init before devtmpfs is mounted.
    cpio.characterDevice("dev/console", 0600, 5, 1);
    cpio.file("bin/busybox", 0755, busybox);
    for (String link : LINKS) {
      cpio.symlink(link, "/bin/busybox");
    }
    cpio.file("init", 0755, initScript());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(cpio.finish());
    }
    return packed.toByteArray();
  }
}
