package org.quern.x86.semantics;

/**
 * Products and sums of lanes beyond SSE2: SSSE3's and SSE4.1's instructions of that kind on 64
 * bits. Source: SDM vol. 2B.
 *
 * <p>The horizontal ones ({@code phadd*}, {@code phsub*}) combine neighbours: the lower half of the
 * result comes from {@code a}, the upper from {@code b}. A 128-bit instruction gives {@code (low
 * half, high half)} of its destination for one half of the result and those of its source for the
 * other.
 */
public final class PackedProducts {
  private PackedProducts() {}

  private static int saturate16(int v) {
    return Math.min(Math.max(v, -32768), 32767);
  }

  private static long words(int w0, int w1, int w2, int w3) {
    return w0 & 0xffffL | (w1 & 0xffffL) << 16 | (w2 & 0xffffL) << 32 | (long) w3 << 48;
  }

  private static long dwords(int d0, int d1) {
    return d0 & 0xffffffffL | (long) d1 << 32;
  }

  private static int word(long v, int n) {
    return (short) (v >>> 16 * n);
  }

  private static int high(long v) {
    return (int) (v >>> 32);
  }

  // ---- horizontal sums and differences

  public static long phaddw(long a, long b) {
    return words(
        word(a, 0) + word(a, 1),
        word(a, 2) + word(a, 3),
        word(b, 0) + word(b, 1),
        word(b, 2) + word(b, 3));
  }

  public static long phaddsw(long a, long b) {
    return words(
        saturate16(word(a, 0) + word(a, 1)),
        saturate16(word(a, 2) + word(a, 3)),
        saturate16(word(b, 0) + word(b, 1)),
        saturate16(word(b, 2) + word(b, 3)));
  }

  public static long phaddd(long a, long b) {
    return dwords((int) a + high(a), (int) b + high(b));
  }

  public static long phsubw(long a, long b) {
    return words(
        word(a, 0) - word(a, 1),
        word(a, 2) - word(a, 3),
        word(b, 0) - word(b, 1),
        word(b, 2) - word(b, 3));
  }

  public static long phsubsw(long a, long b) {
    return words(
        saturate16(word(a, 0) - word(a, 1)),
        saturate16(word(a, 2) - word(a, 3)),
        saturate16(word(b, 0) - word(b, 1)),
        saturate16(word(b, 2) - word(b, 3)));
  }

  public static long phsubd(long a, long b) {
    return dwords((int) a - high(a), (int) b - high(b));
  }

  // ---- products

  /** Unsigned bytes of {@code a} times signed bytes of {@code b}, pairs added and saturated. */
  public static long pmaddubsw(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      int even = ((int) (a >>> s) & 0xff) * (byte) (b >>> s);
      int odd = ((int) (a >>> s + 8) & 0xff) * (byte) (b >>> s + 8);
      r |= (saturate16(even + odd) & 0xffffL) << s;
    }
    return r;
  }

  /** Bits 15 to 30 of the product, rounded by adding one half. */
  public static long pmulhrsw(long a, long b) {
    return words(rounded(a, b, 0), rounded(a, b, 1), rounded(a, b, 2), rounded(a, b, 3));
  }

  private static int rounded(long a, long b, int n) {
    return (word(a, n) * word(b, n) >> 14) + 1 >> 1;
  }

  public static long pmulld(long a, long b) {
    return dwords((int) a * (int) b, high(a) * high(b));
  }

  public static long pmuldq(long a, long b) {
    return (long) (int) a * (int) b;
  }

  // ---- sums of absolute differences

  /**
   * One half of MPSADBW: four sums of absolute differences between the four bytes of the source
   * that {@code imm} bits 0 and 1 choose and the four bytes of the destination from {@code imm[2] *
   * 4} on, and from the next three.
   */
  public static long mpsadbwLow(long d0, long d1, long s0, long s1, int imm) {
    return differences(d0, d1, block(s0, s1, imm), (imm & 4) != 0 ? 4 : 0);
  }

  /** The other half: the sums from the fourth byte further on. */
  public static long mpsadbwHigh(long d0, long d1, long s0, long s1, int imm) {
    return differences(d0, d1, block(s0, s1, imm), (imm & 4) != 0 ? 8 : 4);
  }

  private static int block(long s0, long s1, int imm) {
    return (int) (((imm & 2) == 0 ? s0 : s1) >>> 32 * (imm & 1));
  }

  private static long differences(long d0, long d1, int block, int first) {
    long window = first == 0 ? d0 : first == 4 ? d0 >>> 32 | d1 << 32 : d1;
    long r = 0;
    for (int n = 0; n < 4; n++) {
      r |= (long) difference((int) (window >>> 8 * n), block) << 16 * n;
    }
    return r;
  }

  private static int difference(int a, int b) {
    int sum = 0;
    for (int s = 0; s < 32; s += 8) {
      sum += Math.abs((a >>> s & 0xff) - (b >>> s & 0xff));
    }
    return sum;
  }
}
