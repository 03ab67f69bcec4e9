package org.quern.firmware.memory;

import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;

/** Says whether an image fits where it wants to go, and says why not in the user's terms. */
public final class RamCheck {
  private RamCheck() {}

  /**
   * Checks that {@code size} bytes at {@code start} are RAM below 4 GiB outside the firmware's own
   * area.
   *
   * @param what subject of the message, such as {@code "kernel vmlinuz"}
   */
  public static void require(BoardDescription board, String what, long start, long size)
      throws BootException {
    long end = start + size;
    if (start < 0 || size < 0 || end < start || end > FirmwareLayout.FOUR_GIB) {
      throw new BootException(
          String.format(
              "%s wants to be loaded at 0x%x (%s bytes), which is not below 4 GiB",
              what, start, Long.toUnsignedString(size)));
    }
    if (start < FirmwareLayout.LOW_END && end > FirmwareLayout.BOOT_AREA) {
      throw new BootException(
          String.format(
              "%s wants to be loaded at 0x%x to 0x%x, which overlaps 0x%x to 0x%x, where the"
                  + " firmware's data and the video memory are",
              what, start, end, FirmwareLayout.BOOT_AREA, FirmwareLayout.LOW_END));
    }
    if (end > board.ramBelow4G()) {
      throw new BootException(
          String.format(
              "%s needs %s of RAM (it is loaded at 0x%x to 0x%x), but the machine has %s below"
                  + " 4 GiB; give it more with -m",
              what, mib(end), start, end, mib(board.ramBelow4G())));
    }
  }

  /** A size for people: KiB below 1 MiB, else MiB rounded up. */
  public static String mib(long bytes) {
    return bytes < 1 << 20 ? (bytes + 1023 >> 10) + " KiB" : (bytes + (1 << 20) - 1 >> 20) + " MiB";
  }
}
