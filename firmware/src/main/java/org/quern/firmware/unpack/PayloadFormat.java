package org.quern.firmware.unpack;

import static org.quern.firmware.bytes.LittleEndian.u16;
import static org.quern.firmware.bytes.LittleEndian.u32;

import java.util.Optional;

/** Compression of a kernel payload, told by its first bytes. */
public enum PayloadFormat {
  GZIP("gzip"),
  XZ("xz"),
  LZMA("lzma"),
  BZIP2("bzip2"),
  LZ4("lz4"),
  ZSTD("zstd"),
  LZO("lzo"),
  /** Not compressed at all (CONFIG_KERNEL_UNCOMPRESSED). */
  NONE("none");

  private final String label;

  PayloadFormat(String label) {
    this.label = label;
  }

  /** The name people know it by. */
  public String label() {
    return label;
  }

  /** Empty where the bytes are of no known format. */
  public static Optional<PayloadFormat> of(byte[] b) {
    if (b.length < 8) {
      return Optional.empty();
    }
    long word = u32(b, 0);
    if (u16(b, 0) == 0x8b1f) {
      return Optional.of(GZIP);
    }
    if (word == 0x587a37fdL && u16(b, 4) == 0x005a) {
      return Optional.of(XZ);
    }
    if (b[0] == 'B' && b[1] == 'Z' && b[2] == 'h') {
      return Optional.of(BZIP2);
    }
    if (word == LZ4_LEGACY_MAGIC) {
      return Optional.of(LZ4);
    }
    if (word == 0xfd2fb528L) {
      return Optional.of(ZSTD);
    }
    if (word == 0x4f5a4c89L) {
      return Optional.of(LZO);
    }
    if (word == 0x464c457fL) {
      return Optional.of(NONE);
    }
    // LZMA has no magic: the usual properties byte and a dictionary size of a power of two.
    if (b[0] == 0x5d && b[1] == 0 && b[2] == 0) {
      return Optional.of(LZMA);
    }
    return Optional.empty();
  }

  static final long LZ4_LEGACY_MAGIC = 0x184c2102L;
}
