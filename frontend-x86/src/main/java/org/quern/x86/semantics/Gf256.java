package org.quern.x86.semantics;

/**
 * Bytes as elements of GF(2^8) modulo x^8 + x^4 + x^3 + x + 1, eight at a time: the values of GFNI,
 * and what AES is made of. Source: SDM vol. 2A, GF2P8MULB, GF2P8AFFINEQB, GF2P8AFFINEINVQB.
 */
public final class Gf256 {
  private static final long ONES = 0x0101010101010101L;
  private static final long LOW7 = 0x7f7f7f7f7f7f7f7fL;
  private static final int REDUCTION = 0x1b;

  private static final byte[] INVERSE = new byte[256];

  static {
    // 3 generates the multiplicative group: walk its powers up and down at once.
    int x = 1;
    int y = 1;
    for (int n = 0; n < 255; n++) {
      INVERSE[x] = (byte) y;
      x = (int) multiply(x, 3) & 0xff;
      y = (int) multiply(y, 0xf6) & 0xff; // 0xf6 is 1/3
    }
  }

  private Gf256() {}

  /** GF2P8MULB: products of corresponding bytes. */
  public static long multiply(long a, long b) {
    long r = 0;
    long x = a;
    for (int n = 0; n < 8; n++) {
      r ^= x & (b >>> n & ONES) * 0xff;
      x = (x & LOW7) << 1 ^ (x >>> 7 & ONES) * REDUCTION;
    }
    return r;
  }

  /** The multiplicative inverse of each byte; that of 0 is 0. */
  public static long inverse(long a) {
    long r = 0;
    for (int s = 0; s < 64; s += 8) {
      r |= (INVERSE[(int) (a >>> s) & 0xff] & 0xffL) << s;
    }
    return r;
  }

  /**
   * GF2P8AFFINEQB on 64 bits: each byte of {@code a} as a vector of bits times the bit matrix
   * {@code m}, whose byte 7 gives bit 0 of the product, plus {@code imm}.
   */
  public static long affine(long a, long m, int imm) {
    long r = (imm & 0xffL) * ONES;
    for (int bit = 0; bit < 8; bit++) {
      long row = (m >>> 56 - 8 * bit & 0xff) * ONES;
      r ^= parities(a & row) << bit;
    }
    return r;
  }

  /** GF2P8AFFINEINVQB: {@link #affine} of the inverses. */
  public static long affineInverse(long a, long m, int imm) {
    return affine(inverse(a), m, imm);
  }

  /** The parity of each byte in its lowest bit. */
  private static long parities(long v) {
    long x = v ^ v >>> 4;
    x ^= x >>> 2;
    return (x ^ x >>> 1) & ONES;
  }
}
