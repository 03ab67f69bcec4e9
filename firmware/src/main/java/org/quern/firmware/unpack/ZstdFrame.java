package org.quern.firmware.unpack;

import static org.quern.firmware.bytes.LittleEndian.put32;

/**
 * The frame header of zstd, rewritten. The kernel's build makes frames of unknown size with a
 * window of 128 MiB; the codec at hand refuses windows above 8 MiB, but not frames that are one
 * segment of known size, which need no window. As the size is known here, one is the other. Source:
 * RFC 8878, section 3.1.1.1.
 */
final class ZstdFrame {
  private static final int DESCRIPTOR = 4;
  private static final int SINGLE_SEGMENT = 1 << 5;
  private static final int CHECKSUM = 1 << 2;
  private static final int SIZE_OF_4_BYTES = 2 << 6;
  private static final int NEW_HEADER = 9;

  private ZstdFrame() {}

  /**
   * The same frame as a single segment.
   *
   * @param payload starts with a frame, magic number included
   * @param length its length
   * @param unpacked its unpacked size
   */
  static byte[] asSingleSegment(byte[] payload, int length, long unpacked) {
    int descriptor = payload[DESCRIPTOR];
    boolean single = (descriptor & SINGLE_SEGMENT) != 0;
    int dictionaryBytes = new int[] {0, 1, 2, 4}[descriptor & 3];
    int sizeBytes = new int[] {single ? 1 : 0, 2, 4, 8}[descriptor >> 6 & 3];
    int body = DESCRIPTOR + 1 + (single ? 0 : 1) + dictionaryBytes + sizeBytes;
    if (body > length || dictionaryBytes != 0) {
      throw new IllegalArgumentException("frame header");
    }
    byte[] frame = new byte[NEW_HEADER + length - body];
    System.arraycopy(payload, 0, frame, 0, DESCRIPTOR);
    frame[DESCRIPTOR] = (byte) (SIZE_OF_4_BYTES | SINGLE_SEGMENT | descriptor & CHECKSUM);
    put32(frame, DESCRIPTOR + 1, unpacked);
    System.arraycopy(payload, body, frame, NEW_HEADER, length - body);
    return frame;
  }
}
