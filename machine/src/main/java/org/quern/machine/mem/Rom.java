package org.quern.machine.mem;

import org.quern.x86.mem.HostMemory;

/** A read-only memory chip: off-heap, whole pages, all-ones where nothing was programmed. */
public final class Rom {
  private final long host;
  private final int bytes;

  /**
   * Allocates an erased chip.
   *
   * @param bytes size, a positive multiple of 4 KiB
   */
  public Rom(int bytes) {
    this.host = HostMemory.allocate(bytes);
    this.bytes = bytes;
    HostMemory.fill(host, bytes, (byte) 0xff);
  }

  /**
   * Programs the end of the chip, where processors look first.
   *
   * @throws IllegalArgumentException if the image is larger than the chip
   */
  public void programTop(byte[] image) {
    if (image.length > bytes) {
      throw new IllegalArgumentException(
          "image of " + image.length + " bytes in a ROM of " + bytes + " bytes");
    }
    HostMemory.write(image, 0, image.length, host + bytes - image.length);
  }

  /** Host address of the first byte. */
  public long host() {
    return host;
  }

  public int bytes() {
    return bytes;
  }
}
