package org.quern.x86.semantics;

/**
 * AES rounds on a 128-bit state held as two 64-bit halves, columns in memory order. Sources: FIPS
 * 197; SDM vol. 2A, AESENC and its neighbours.
 *
 * <p>The steps are the same for each column, and the rotations of the rows go by columns, so the
 * high half of a result is the method for the low half with the halves of the state exchanged: low
 * {@code enc(lo, hi)}, high {@code enc(hi, lo)}. The round key is the caller's to add.
 */
public final class Aes {
  private static final int[] SBOX = new int[256];
  private static final int[] INVERSE_SBOX = new int[256];

  /** MixColumns of a column with one byte of the S-box in row 0 and zeros below. */
  private static final int[] ENCRYPT = new int[256];

  /** InvMixColumns of a column with one byte of the inverse S-box in row 0. */
  private static final int[] DECRYPT = new int[256];

  /** InvMixColumns of a column with one byte in row 0. */
  private static final int[] UNMIX = new int[256];

  static {
    for (int v = 0; v < 256; v++) {
      int x = (int) Gf256.inverse(v) & 0xff;
      int s = (x ^ rotate8(x, 1) ^ rotate8(x, 2) ^ rotate8(x, 3) ^ rotate8(x, 4) ^ 0x63) & 0xff;
      SBOX[v] = s;
      INVERSE_SBOX[s] = v;
    }
    for (int v = 0; v < 256; v++) {
      ENCRYPT[v] = column(SBOX[v], 2, 1, 1, 3);
      UNMIX[v] = column(v, 14, 9, 13, 11);
    }
    for (int v = 0; v < 256; v++) {
      DECRYPT[v] = UNMIX[INVERSE_SBOX[v]];
    }
  }

  private Aes() {}

  private static int rotate8(int x, int n) {
    return x << n | x >>> 8 - n;
  }

  /** One byte times a column of the mixing matrix, row 0 in the low byte. */
  private static int column(int v, int r0, int r1, int r2, int r3) {
    return multiply(v, r0) | multiply(v, r1) << 8 | multiply(v, r2) << 16 | multiply(v, r3) << 24;
  }

  private static int multiply(int a, int b) {
    return (int) Gf256.multiply(a, b) & 0xff;
  }

  // ---- rounds

  /** ShiftRows, SubBytes, MixColumns: the low half of AESENC before the key. */
  public static long enc(long lo, long hi) {
    return mixed(lo, lo >>> 32, hi, hi >>> 32) | mixed(lo >>> 32, hi, hi >>> 32, lo) << 32;
  }

  private static long mixed(long c0, long c1, long c2, long c3) {
    return table(ENCRYPT, (int) c0, (int) c1 >>> 8, (int) c2 >>> 16, (int) c3 >>> 24);
  }

  /** ShiftRows, SubBytes: the low half of AESENCLAST before the key. */
  public static long encLast(long lo, long hi) {
    return bytes(SBOX, lo, lo >>> 32, hi, hi >>> 32)
        | bytes(SBOX, lo >>> 32, hi, hi >>> 32, lo) << 32;
  }

  /** InvShiftRows, InvSubBytes, InvMixColumns: the low half of AESDEC before the key. */
  public static long dec(long lo, long hi) {
    return unmixed(lo, hi >>> 32, hi, lo >>> 32) | unmixed(lo >>> 32, lo, hi >>> 32, hi) << 32;
  }

  private static long unmixed(long c0, long c3, long c2, long c1) {
    return table(DECRYPT, (int) c0, (int) c3 >>> 8, (int) c2 >>> 16, (int) c1 >>> 24);
  }

  /** InvShiftRows, InvSubBytes: the low half of AESDECLAST before the key. */
  public static long decLast(long lo, long hi) {
    return bytes(INVERSE_SBOX, lo, hi >>> 32, hi, lo >>> 32)
        | bytes(INVERSE_SBOX, lo >>> 32, lo, hi >>> 32, hi) << 32;
  }

  /** AESIMC: InvMixColumns of two columns. */
  public static long imc(long v) {
    int low = (int) v;
    int high = (int) (v >>> 32);
    return table(UNMIX, low, low >>> 8, low >>> 16, low >>> 24)
        | table(UNMIX, high, high >>> 8, high >>> 16, high >>> 24) << 32;
  }

  /** One half of AESKEYGENASSIST, from doubleword 1 or 3 of the source. */
  public static long keygenAssist(int x, int rcon) {
    int s = (int) bytes(SBOX, x, x, x, x);
    return s & 0xffffffffL | (Integer.rotateRight(s, 8) ^ rcon & 0xffL) << 32;
  }

  /** The sum of four columns by the low byte of each argument, for rows 0 to 3. */
  private static long table(int[] t, int r0, int r1, int r2, int r3) {
    int v =
        t[r0 & 0xff]
            ^ Integer.rotateLeft(t[r1 & 0xff], 8)
            ^ Integer.rotateLeft(t[r2 & 0xff], 16)
            ^ Integer.rotateLeft(t[r3 & 0xff], 24);
    return v & 0xffffffffL;
  }

  /** Byte 0 of the first through the box, byte 1 of the second, and so on. */
  private static long bytes(int[] box, long c0, long c1, long c2, long c3) {
    return (box[(int) c0 & 0xff]
            | box[(int) c1 >>> 8 & 0xff] << 8
            | box[(int) c2 >>> 16 & 0xff] << 16
            | box[(int) c3 >>> 24 & 0xff] << 24)
        & 0xffffffffL;
  }
}
