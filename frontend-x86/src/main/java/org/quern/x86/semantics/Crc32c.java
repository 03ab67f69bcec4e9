package org.quern.x86.semantics;

/** CRC-32C (polynomial 11EDC6F41H, bits mirrored). Source: SDM vol. 2A, CRC32. */
public final class Crc32c {
  private static final int MIRRORED_POLYNOMIAL = 0x82f63b78;
  private static final int[] BYTE = new int[256];

  static {
    for (int v = 0; v < 256; v++) {
      int r = v;
      for (int n = 0; n < 8; n++) {
        r = r >>> 1 ^ ((r & 1) != 0 ? MIRRORED_POLYNOMIAL : 0);
      }
      BYTE[v] = r;
    }
  }

  private Crc32c() {}

  /** {@code crc} after {@code bits} (8, 16, 32 or 64) more of {@code data}, low byte first. */
  public static int update(int crc, long data, int bits) {
    int r = crc;
    for (int s = 0; s < bits; s += 8) {
      r = r >>> 8 ^ BYTE[(r ^ (int) (data >>> s)) & 0xff];
    }
    return r;
  }
}
