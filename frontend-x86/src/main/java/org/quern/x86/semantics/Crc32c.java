package org.quern.x86.semantics;

/** CRC-32C (polynomial 11EDC6F41H, bits mirrored). Source: SDM vol. 2A, CRC32. */
public final class Crc32c {
  private static final int MIRRORED_POLYNOMIAL = 0x82f63b78;

  /** Row {@code n}: each byte value, followed by {@code n} zero bytes. */
  private static final int[][] BYTE = new int[8][256];

  static {
    for (int v = 0; v < 256; v++) {
      int r = v;
      for (int n = 0; n < 8; n++) {
        r = r >>> 1 ^ ((r & 1) != 0 ? MIRRORED_POLYNOMIAL : 0);
      }
      BYTE[0][v] = r;
    }
    for (int n = 1; n < 8; n++) {
      for (int v = 0; v < 256; v++) {
        BYTE[n][v] = step(BYTE[n - 1][v], 0);
      }
    }
  }

  private Crc32c() {}

  private static int step(int crc, int data) {
    return crc >>> 8 ^ BYTE[0][(crc ^ data) & 0xff];
  }

  /** {@code crc} after {@code bits} (8, 16, 32 or 64) more of {@code data}, low byte first. */
  public static int update(int crc, long data, int bits) {
    if (bits == 64) {
      return update64(crc, data);
    }
    int r = crc;
    for (int s = 0; s < bits; s += 8) {
      r = step(r, (int) data >>> s);
    }
    return r;
  }

  /** The bytes do not depend on each other: eight look-ups at once. */
  private static int update64(int crc, long data) {
    int low = crc ^ (int) data;
    int high = (int) (data >>> 32);
    return BYTE[7][low & 0xff]
        ^ BYTE[6][low >>> 8 & 0xff]
        ^ BYTE[5][low >>> 16 & 0xff]
        ^ BYTE[4][low >>> 24]
        ^ BYTE[3][high & 0xff]
        ^ BYTE[2][high >>> 8 & 0xff]
        ^ BYTE[1][high >>> 16 & 0xff]
        ^ BYTE[0][high >>> 24];
  }
}
