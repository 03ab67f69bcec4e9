package org.quern.firmware;

/** How to enter a Linux bzImage. */
public enum EntryMode {
  /** {@link #UNPACKED} where that is possible, else the image's own decompressor. */
  AUTO,
  /** Unpack the payload on the host and enter the kernel proper. */
  UNPACKED,
  /** The image's own decompressor by the 64-bit boot protocol. */
  BITS64,
  /** The image's own decompressor by the 32-bit boot protocol. */
  BITS32
}
