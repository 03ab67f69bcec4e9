package org.quern.firmware.bios;

import java.nio.file.Path;
import org.quern.firmware.BootException;
import org.quern.firmware.image.ImageFile;

/**
 * Reads the image of a ROM for the top of the first 4 GiB. The ROM region itself, read-only and
 * with its last 128 KiB showing below 1 MiB too, is the board's.
 */
public final class BiosImage {
  private static final int UNIT = 64 << 10;
  private static final int MAX = 16 << 20;

  private BiosImage() {}

  /**
   * The bytes of a BIOS image.
   *
   * @throws BootException if the file cannot be read or is not of a size that QEMU takes, too
   */
  public static byte[] read(Path path) throws BootException {
    try (ImageFile file = ImageFile.open("BIOS", path)) {
      if (file.size() % UNIT != 0 || file.size() > MAX) {
        throw file.error(
            String.format(
                "has %d bytes; a BIOS image must be a multiple of 64 KiB and at most 16 MiB",
                file.size()));
      }
      return file.read(0, (int) file.size());
    }
  }
}
