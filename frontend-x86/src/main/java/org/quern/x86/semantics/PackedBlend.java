package org.quern.x86.semantics;

/**
 * Choosing, moving and widening lanes beyond SSE2: SSSE3's and SSE4.1's instructions of that kind,
 * one 64-bit half of the result at a time. Source: SDM vol. 2B.
 */
public final class PackedBlend {
  private PackedBlend() {}

  // ---- bytes from anywhere

  /** PSHUFB: bytes of {@code hi:lo} by the low four bits of each control byte; zero if its top. */
  public static long pshufb(long lo, long hi, long control) {
    long r = 0;
    for (int s = 0; s < 64; s += 8) {
      int n = (int) (control >>> s);
      r |= (((n & 8) == 0 ? lo : hi) >>> 8 * (n & 7) & 0xff) << s;
    }
    return r & ~Packed.spread8(control);
  }

  /** PSHUFB of MMX registers: three bits count. */
  public static long pshufb(long a, long control) {
    return pshufb(a, a, control);
  }

  /**
   * The low half of PALIGNR: {@code d1:d0:s1:s0} shifted right by {@code n} bytes, 0 to 255. The
   * high half is that for {@code n + 8}.
   */
  public static long palignr(long d0, long d1, long s0, long s1, int n) {
    return switch (n >> 3) {
      case 0 -> funnel(s0, s1, n);
      case 1 -> funnel(s1, d0, n);
      case 2 -> funnel(d0, d1, n);
      case 3 -> funnel(d1, 0, n);
      default -> 0;
    };
  }

  /** PALIGNR of MMX registers. */
  public static long palignr(long d, long s, int n) {
    return palignr(0, 0, s, d, n);
  }

  private static long funnel(long low, long high, int n) {
    int bits = 8 * (n & 7);
    return bits == 0 ? low : low >>> bits | high << 64 - bits;
  }

  // ---- blends: b where the mask says so, else a

  /** Four words by bits 0 to 3 of {@code imm}. */
  public static long pblendw(long a, long b, int imm) {
    long bits = imm & 1 | (imm & 2L) << 15 | (imm & 4L) << 30 | (imm & 8L) << 45;
    return Packed.select(bits * 0xffff, b, a);
  }

  /** Two doublewords by bits 0 and 1 of {@code imm}. */
  public static long blendps(long a, long b, int imm) {
    return Packed.select(((imm & 1L) | (imm & 2L) << 31) * 0xffffffffL, b, a);
  }

  /** By bit 0 of {@code imm}. */
  public static long blendpd(long a, long b, int imm) {
    return (imm & 1) != 0 ? b : a;
  }

  /** By the top bit of each byte of {@code mask}. */
  public static long pblendvb(long a, long b, long mask) {
    return Packed.select(Packed.spread8(mask), b, a);
  }

  public static long blendvps(long a, long b, long mask) {
    return Packed.select(Packed.spread32(mask), b, a);
  }

  public static long blendvpd(long a, long b, long mask) {
    return mask < 0 ? b : a;
  }

  /**
   * One half of INSERTPS: {@code v} goes to the doubleword that bits 4 and 5 of {@code imm} name,
   * then those marked by bits 0 to 3 become zero.
   *
   * @param half 0 or 1: which half {@code old} is
   */
  public static long insertps(long old, int v, int imm, int half) {
    long r = old;
    int at = imm >> 4 & 3;
    if (at >> 1 == half) {
      int s = 32 * (at & 1);
      r = r & ~(0xffffffffL << s) | (v & 0xffffffffL) << s;
    }
    return blendps(r, 0, imm >> 2 * half);
  }

  // ---- narrowing and widening

  /** Doublewords to words, unsigned saturation: those of {@code a}, then those of {@code b}. */
  public static long packusdw(long a, long b) {
    return unsigned16((int) a)
        | unsigned16((int) (a >>> 32)) << 16
        | unsigned16((int) b) << 32
        | unsigned16((int) (b >>> 32)) << 48;
  }

  private static long unsigned16(int v) {
    return Math.min(Math.max(v, 0), 0xffff);
  }

  // As many lanes as 64 bits hold, from the low bits of v: shift it for the others.

  public static long sxbw(long v) {
    long w = PackedShuffle.bytesToWords(v);
    return w | (w >>> 7 & 0x0001000100010001L) * 0xff00;
  }

  public static long sxbd(long v) {
    return (byte) v & 0xffffffffL | (long) (byte) (v >>> 8) << 32;
  }

  public static long sxbq(long v) {
    return (byte) v;
  }

  public static long sxwd(long v) {
    return (short) v & 0xffffffffL | (long) (short) (v >>> 16) << 32;
  }

  public static long sxwq(long v) {
    return (short) v;
  }

  public static long sxdq(long v) {
    return (int) v;
  }

  public static long zxbw(long v) {
    return PackedShuffle.bytesToWords(v);
  }

  public static long zxbd(long v) {
    return v & 0xff | (v & 0xff00) << 24;
  }

  public static long zxbq(long v) {
    return v & 0xff;
  }

  public static long zxwd(long v) {
    return PackedShuffle.wordsToDwords(v);
  }

  public static long zxwq(long v) {
    return v & 0xffff;
  }

  public static long zxdq(long v) {
    return v & 0xffffffffL;
  }
}
