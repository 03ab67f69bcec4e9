package org.quern.x86.semantics;

/**
 * Rearranging lanes of 64-bit values: unpack, pack, shuffle. Source: SDM vol. 2B.
 *
 * <p>{@code unpackl*} interleaves the lower halves of two 64-bit values and {@code unpackh*} the
 * upper halves; a 128-bit unpack is one of each on the same pair of halves.
 */
public final class PackedShuffle {
  private PackedShuffle() {}

  /** Spreads four bytes to the low bytes of four words. */
  static long bytesToWords(long x) {
    long v = x & 0xffffffffL;
    v = (v | v << 16) & 0x0000ffff0000ffffL;
    return (v | v << 8) & 0x00ff00ff00ff00ffL;
  }

  static long wordsToDwords(long x) {
    long v = x & 0xffffffffL;
    return (v | v << 16) & 0x0000ffff0000ffffL;
  }

  public static long unpacklbw(long a, long b) {
    return bytesToWords(a) | bytesToWords(b) << 8;
  }

  public static long unpackhbw(long a, long b) {
    return bytesToWords(a >>> 32) | bytesToWords(b >>> 32) << 8;
  }

  public static long unpacklwd(long a, long b) {
    return wordsToDwords(a) | wordsToDwords(b) << 16;
  }

  public static long unpackhwd(long a, long b) {
    return wordsToDwords(a >>> 32) | wordsToDwords(b >>> 32) << 16;
  }

  public static long unpackldq(long a, long b) {
    return a & 0xffffffffL | b << 32;
  }

  public static long unpackhdq(long a, long b) {
    return a >>> 32 | b & 0xffffffff00000000L;
  }

  /** Narrows the lanes of {@code a} (lower half of the result) and {@code b}, signed saturation. */
  public static long packsswb(long a, long b) {
    long r = 0;
    for (int s = 0; s < 4; s++) {
      r |= (clamp((short) (a >>> 16 * s), -128, 127) & 0xffL) << 8 * s;
      r |= (clamp((short) (b >>> 16 * s), -128, 127) & 0xffL) << 8 * s + 32;
    }
    return r;
  }

  public static long packuswb(long a, long b) {
    long r = 0;
    for (int s = 0; s < 4; s++) {
      r |= (long) clamp((short) (a >>> 16 * s), 0, 255) << 8 * s;
      r |= (long) clamp((short) (b >>> 16 * s), 0, 255) << 8 * s + 32;
    }
    return r;
  }

  public static long packssdw(long a, long b) {
    return clamp((int) a, -32768, 32767) & 0xffffL
        | (clamp((int) (a >>> 32), -32768, 32767) & 0xffffL) << 16
        | (clamp((int) b, -32768, 32767) & 0xffffL) << 32
        | (clamp((int) (b >>> 32), -32768, 32767) & 0xffffL) << 48;
  }

  private static int clamp(int v, int min, int max) {
    return Math.min(Math.max(v, min), max);
  }

  /** Four words of {@code a} chosen by the four two-bit fields of {@code imm}. */
  public static long shufw(long a, int imm) {
    return a >>> 16 * (imm & 3) & 0xffff
        | (a >>> 16 * (imm >> 2 & 3) & 0xffff) << 16
        | (a >>> 16 * (imm >> 4 & 3) & 0xffff) << 32
        | a >>> 16 * (imm >> 6 & 3) << 48;
  }

  /** Two doublewords of a 128-bit value, chosen by bits 0-1 and 2-3 of {@code imm}. */
  public static long shufd(long lo, long hi, int imm) {
    return dword(lo, hi, imm) | dword(lo, hi, imm >> 2) << 32;
  }

  private static long dword(long lo, long hi, int n) {
    return ((n & 2) == 0 ? lo : hi) >>> 32 * (n & 1) & 0xffffffffL;
  }

  /** The low half of a 128-bit value shifted left by {@code n} bytes. */
  public static long pslldqLow(long lo, int n) {
    return n > 7 ? 0 : lo << 8 * n;
  }

  public static long pslldqHigh(long lo, long hi, int n) {
    if (n == 0) {
      return hi;
    }
    if (n > 15) {
      return 0;
    }
    return n > 7 ? lo << 8 * (n - 8) : hi << 8 * n | lo >>> 64 - 8 * n;
  }

  public static long psrldqLow(long lo, long hi, int n) {
    if (n == 0) {
      return lo;
    }
    if (n > 15) {
      return 0;
    }
    return n > 7 ? hi >>> 8 * (n - 8) : lo >>> 8 * n | hi << 64 - 8 * n;
  }

  public static long psrldqHigh(long hi, int n) {
    return n > 7 ? 0 : hi >>> 8 * n;
  }
}
