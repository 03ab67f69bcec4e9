package org.quern.firmware.memory;

import org.quern.firmware.BootException;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.bytes.ByteWriter;

/**
 * The boot information of PVH and multiboot while it is composed: one block at {@link
 * FirmwareLayout#BOOT_INFO} whose parts refer to each other by physical address.
 */
public final class InfoArea {
  private final ByteWriter bytes = new ByteWriter();

  /** For appending and patching; offset 0 is {@link FirmwareLayout#BOOT_INFO}. */
  public ByteWriter bytes() {
    return bytes;
  }

  /** Physical address of an offset. */
  public static long address(int offset) {
    return FirmwareLayout.BOOT_INFO + offset;
  }

  /** Physical address of the next byte to be appended. */
  public long here() {
    return address(bytes.size());
  }

  /** Appends a string with its terminator and returns its address. */
  public long string(String s) {
    long address = here();
    bytes.utf8(s).u8(0);
    return address;
  }

  /**
   * Writes the block.
   *
   * @throws BootException if it is too long, which only command lines and module lists can cause
   */
  public void write(GuestMemory memory) throws BootException {
    if (bytes.size() > FirmwareLayout.BOOT_INFO_MAX) {
      throw new BootException(
          String.format(
              "the boot information (command line and list of modules) has %d bytes, more than the"
                  + " %d there is room for",
              bytes.size(), FirmwareLayout.BOOT_INFO_MAX));
    }
    byte[] all = bytes.toBytes();
    memory.write(FirmwareLayout.BOOT_INFO, all, 0, all.length);
  }
}
