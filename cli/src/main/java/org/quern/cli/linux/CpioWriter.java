package org.quern.cli.linux;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a cpio archive in the "newc" form, the one the Linux kernel unpacks as initramfs. Source:
 * Linux, Documentation/driver-api/early-userspace/buffer-format.rst. All owners are root and all
 * times zero, so that equal content gives equal bytes.
 */
public final class CpioWriter {
  // File types of st_mode, POSIX <sys/stat.h>.
  private static final int DIRECTORY = 0040000;
  private static final int CHARACTER_DEVICE = 0020000;
  private static final int REGULAR = 0100000;
  private static final int SYMLINK = 0120000;

  private static final byte[] NOTHING = {};

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private int inode = 1;

  public void directory(String path, int permissions) {
    entry(path, DIRECTORY | permissions, NOTHING, 0, 0);
  }

  public void file(String path, int permissions, byte[] content) {
    entry(path, REGULAR | permissions, content, 0, 0);
  }

  void symlink(String path, String target) {
    entry(path, SYMLINK | 0777, target.getBytes(StandardCharsets.UTF_8), 0, 0);
  }

  void characterDevice(String path, int permissions, int major, int minor) {
    entry(path, CHARACTER_DEVICE | permissions, NOTHING, major, minor);
  }

  /** Ends the archive and returns it. */
  public byte[] finish() {
    inode = 0;
    entry("TRAILER!!!", 0, NOTHING, 0, 0);
    return out.toByteArray();
  }

  private void entry(String path, int mode, byte[] content, int major, int minor) {
    byte[] name = path.getBytes(StandardCharsets.UTF_8);
    int links = (mode & DIRECTORY) == DIRECTORY ? 2 : 1;
    int[] fields = {
      inode, mode, 0, 0, links, 0, content.length, 0, 0, major, minor, name.length + 1, 0
    };
    inode++;
    StringBuilder header = new StringBuilder("070701");
    for (int f : fields) {
      header.append(String.format("%08X", f));
    }
    out.writeBytes(header.toString().getBytes(StandardCharsets.US_ASCII));
    out.writeBytes(name);
    out.write(0);
    pad();
    out.writeBytes(content);
    pad();
  }

  private void pad() {
    while (out.size() % 4 != 0) {
      out.write(0);
    }
  }
}
