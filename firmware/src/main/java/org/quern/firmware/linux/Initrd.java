package org.quern.firmware.linux;

import java.nio.file.Path;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.memory.FirmwareLayout;
import org.quern.firmware.memory.RamCheck;

/**
 * Finds the place of an initial RAM disk and loads it.
 *
 * @param address physical, a multiple of the page size
 */
record Initrd(long address, long size) {
  private static final long PAGE_MASK = ~0xfffL;

  /**
   * Loads the file as high as the kernel allows.
   *
   * @param kernelEnd first byte that the kernel leaves free while it starts
   * @param max highest address the kernel allows for the last byte
   * @param above4G whether the kernel takes one above 4 GiB too
   */
  static Initrd load(
      Path path,
      long kernelEnd,
      long max,
      boolean above4G,
      BoardDescription board,
      GuestMemory memory)
      throws BootException {
    try (ImageFile file = ImageFile.open("initrd", path)) {
      long size = file.size();
      long top = Math.min(board.ramBelow4G(), max + 1);
      long address = top - size & PAGE_MASK;
      if (address < kernelEnd) {
        if (!above4G || board.ramAbove4G() < size) {
          throw doesNotFit(file, kernelEnd, top, board);
        }
        address = FirmwareLayout.FOUR_GIB + board.ramAbove4G() - size & PAGE_MASK;
      }
      file.copyTo(memory, address, 0, size);
      return new Initrd(address, size);
    }
  }

  private static BootException doesNotFit(
      ImageFile file, long kernelEnd, long top, BoardDescription board) {
    long need = kernelEnd + file.size() + ~PAGE_MASK & PAGE_MASK;
    if (need <= board.ramBelow4G()) {
      return file.error(
          String.format(
              "has %s, but between the kernel's end at 0x%x and 0x%x, the highest address this"
                  + " kernel takes, there are only %s",
              RamCheck.mib(file.size()),
              kernelEnd,
              top,
              RamCheck.mib(Math.max(0, top - kernelEnd))));
    }
    return file.error(
        String.format(
            "does not fit into RAM: the kernel needs %s and the initrd %s, together %s, but the"
                + " machine has %s below 4 GiB; give it more with -m",
            RamCheck.mib(kernelEnd),
            RamCheck.mib(file.size()),
            RamCheck.mib(need),
            RamCheck.mib(board.ramBelow4G())));
  }
}
