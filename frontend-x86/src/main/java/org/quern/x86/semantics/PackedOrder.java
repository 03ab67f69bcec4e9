package org.quern.x86.semantics;

/**
 * Sign, magnitude and order of lanes: the SSSE3, SSE4.1 and SSE4.2 instructions of that kind on 64
 * bits. A 128-bit instruction applies the method to both halves. Source: SDM vol. 2B.
 */
public final class PackedOrder {
  private PackedOrder() {}

  // ---- absolute values; the source is the second operand, as in PABSB

  public static long pabsb(long a, long b) {
    return psignb(b, b);
  }

  public static long pabsw(long a, long b) {
    return psignw(b, b);
  }

  public static long pabsd(long a, long b) {
    return psignd(b, b);
  }

  // ---- lanes of a, negated where b is negative, zero where b is zero

  public static long psignb(long a, long b) {
    long negative = Packed.spread8(b);
    return Packed.psubb(a ^ negative, negative) & ~Packed.pcmpeqb(b, 0);
  }

  public static long psignw(long a, long b) {
    long negative = Packed.spread16(b);
    return Packed.psubw(a ^ negative, negative) & ~Packed.pcmpeqw(b, 0);
  }

  public static long psignd(long a, long b) {
    long negative = Packed.spread32(b);
    return Packed.psubd(a ^ negative, negative) & ~Packed.pcmpeqd(b, 0);
  }

  // ---- 64-bit comparison

  public static long pcmpeqq(long a, long b) {
    return a == b ? -1 : 0;
  }

  public static long pcmpgtq(long a, long b) {
    return a > b ? -1 : 0;
  }

  // ---- minimum and maximum

  public static long pmaxsb(long a, long b) {
    return Packed.select(Packed.pcmpgtb(a, b), a, b);
  }

  public static long pminsb(long a, long b) {
    return Packed.select(Packed.pcmpgtb(a, b), b, a);
  }

  public static long pmaxuw(long a, long b) {
    return Packed.select(Packed.above16(a, b), a, b);
  }

  public static long pminuw(long a, long b) {
    return Packed.select(Packed.above16(a, b), b, a);
  }

  public static long pmaxsd(long a, long b) {
    return Packed.select(Packed.pcmpgtd(a, b), a, b);
  }

  public static long pminsd(long a, long b) {
    return Packed.select(Packed.pcmpgtd(a, b), b, a);
  }

  public static long pmaxud(long a, long b) {
    return Packed.select(Packed.above32(a, b), a, b);
  }

  public static long pminud(long a, long b) {
    return Packed.select(Packed.above32(a, b), b, a);
  }

  /**
   * PHMINPOSUW: the smallest of eight unsigned words in bits 0 to 15, the number of the first such
   * one in bits 16 to 18. The upper half of the result is zero.
   */
  public static long phminposuw(long lo, long hi) {
    int best = 0x10000;
    int at = 0;
    for (int n = 0; n < 8; n++) {
      int w = (int) ((n < 4 ? lo : hi) >>> 16 * (n & 3)) & 0xffff;
      if (w < best) {
        best = w;
        at = n;
      }
    }
    return best | (long) at << 16;
  }
}
