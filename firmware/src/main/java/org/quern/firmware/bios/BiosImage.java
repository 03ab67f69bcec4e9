package org.quern.firmware.bios;

import java.nio.file.Path;
import org.quern.accel.api.CpuState;
import org.quern.firmware.BootException;
import org.quern.firmware.entry.EntryState;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.memory.FirmwareLayout;

/**
 * A ROM image for the top of the first 4 GiB. The ROM region itself, read-only and with its last
 * 128 KiB showing below 1 MiB too, is the board's.
 */
public final class BiosImage {
  private static final int UNIT = 64 << 10;
  private static final int MAX = 16 << 20;

  private final byte[] content;

  private BiosImage(byte[] content) {
    this.content = content;
  }

  /** Reads and checks the file. */
  public static BiosImage read(Path path) throws BootException {
    try (ImageFile file = ImageFile.open("BIOS", path)) {
      if (file.size() % UNIT != 0 || file.size() > MAX) {
        throw file.error(
            String.format(
                "has %d bytes; a BIOS image must be a multiple of 64 KiB and at most 16 MiB",
                file.size()));
      }
      return new BiosImage(file.read(0, (int) file.size()));
    }
  }

  public byte[] content() {
    return content.clone();
  }

  /** Physical address of the first byte. */
  public long base() {
    return FirmwareLayout.FOUR_GIB - content.length;
  }

  /** The state in which the boot processor starts it. */
  public CpuState entry() {
    return EntryState.reset();
  }
}
