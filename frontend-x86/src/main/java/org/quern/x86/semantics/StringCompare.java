package org.quern.x86.semantics;

import org.quern.x86.state.RFlags;

/**
 * The text comparisons of SSE4.2. The set, ranges or pattern {@code a} is the destination operand,
 * the text {@code b} the source. A mask has a bit for each of 16 bytes or 8 words.
 *
 * <p>The immediate: bit 0 chooses words, bit 1 signed elements, bits 2 and 3 the comparison, bits 4
 * and 5 the polarity, bit 6 the form of the output. Source: SDM vol. 2B, 4.1.
 */
public final class StringCompare {
  private static final int WORDS = 1;
  private static final int SIGNED = 2;
  private static final int NEGATIVE = 0x10;
  private static final int MASKED = 0x20;

  /** Output: the most significant index, or whole elements as mask. */
  private static final int OTHER_OUTPUT = 0x40;

  private static final long SIGNS8 = 0x8080808080808080L;
  private static final long SIGNS16 = 0x8000800080008000L;

  private StringCompare() {}

  /** Elements in a register: 16 or 8. */
  public static int elements(int imm) {
    return (imm & WORDS) != 0 ? 8 : 16;
  }

  /** Elements before the first zero, at most {@link #elements}: of PCMPISTRI and PCMPISTRM. */
  public static int implicitLength(long lo, long hi, int imm) {
    int zeros = equal(lo, hi, 0, imm);
    return Math.min(Integer.numberOfTrailingZeros(zeros), elements(imm));
  }

  /**
   * The magnitude of a length register, at most {@link #elements}: of PCMPESTRI and PCMPESTRM.
   *
   * @param length sign-extended to 64 bits
   */
  public static int explicitLength(long length, int imm) {
    int n = elements(imm);
    return length >= -n && length <= n ? (int) Math.abs(length) : n;
  }

  /** The mask of elements of the text for which the comparison holds, polarity applied. */
  public static int compare(long a0, long a1, int aLength, long b0, long b1, int bLength, int imm) {
    int all = (1 << elements(imm)) - 1;
    int valid = (1 << bLength) - 1;
    int r =
        switch (imm >> 2 & 3) {
          case 0 -> equalAny(a0, a1, aLength, b0, b1, imm) & valid;
          case 1 -> ranges(a0, a1, aLength, b0, b1, imm) & valid;
          case 2 -> equalEach(a0, a1, aLength, b0, b1, valid, imm);
          default -> equalOrdered(a0, a1, aLength, b0, b1, valid, imm);
        };
    if ((imm & NEGATIVE) != 0) {
      r ^= (imm & MASKED) != 0 ? valid : -1;
    }
    return r & all;
  }

  /** The status flags that belong to the result of {@link #compare}. */
  public static int flags(int mask, int aLength, int bLength, int imm) {
    int n = elements(imm);
    return (mask != 0 ? RFlags.CF : 0)
        | (bLength < n ? RFlags.ZF : 0)
        | (aLength < n ? RFlags.SF : 0)
        | ((mask & 1) != 0 ? RFlags.OF : 0);
  }

  /** The index of the first or last marked element, or their number if none is. */
  public static int index(int mask, int imm) {
    if (mask == 0) {
      return elements(imm);
    }
    return (imm & OTHER_OUTPUT) != 0
        ? 31 - Integer.numberOfLeadingZeros(mask)
        : Integer.numberOfTrailingZeros(mask);
  }

  /**
   * The mask as PCMPESTRM and PCMPISTRM give it: as it is, or as elements of ones.
   *
   * @param half 0 or 1: which half of the result
   */
  public static long mask(int mask, int imm, int half) {
    if ((imm & OTHER_OUTPUT) == 0) {
      return half == 0 ? mask : 0;
    }
    if ((imm & WORDS) != 0) {
      return PackedBlend.pblendw(0, -1, mask >> 4 * half);
    }
    long r = 0;
    for (int n = 0; n < 8; n++) {
      r |= (mask >>> 8 * half + n & 1) * 0xffL << 8 * n;
    }
    return r;
  }

  // ---- comparisons

  private static int equalAny(long a0, long a1, int aLength, long b0, long b1, int imm) {
    int r = 0;
    for (int n = 0; n < aLength; n++) {
      r |= equal(b0, b1, element(a0, a1, n, imm), imm);
    }
    return r;
  }

  private static int ranges(long a0, long a1, int aLength, long b0, long b1, int imm) {
    int r = 0;
    for (int n = 0; n + 1 < aLength; n += 2) {
      int below = below(b0, b1, element(a0, a1, n, imm), imm);
      int above = above(b0, b1, element(a0, a1, n + 1, imm), imm);
      r |= ~(below | above);
    }
    return r;
  }

  /** Two elements behind the ends are equal, one is not. */
  private static int equalEach(
      long a0, long a1, int aLength, long b0, long b1, int bValid, int imm) {
    int aValid = (1 << aLength) - 1;
    int same =
        (imm & WORDS) != 0
            ? signs16(Packed.pcmpeqw(a0, b0), Packed.pcmpeqw(a1, b1))
            : signs8(Packed.pcmpeqb(a0, b0), Packed.pcmpeqb(a1, b1));
    return same & aValid & bValid | ~(aValid | bValid);
  }

  /** The pattern stands at the element, as far as the register goes. */
  private static int equalOrdered(
      long a0, long a1, int aLength, long b0, long b1, int bValid, int imm) {
    int size = elements(imm);
    int r = -1;
    for (int n = 0; n < aLength; n++) {
      int at = equal(b0, b1, element(a0, a1, n, imm), imm) & bValid;
      r &= at >>> n | -1 << size - n;
    }
    return r;
  }

  // ---- elements of the text against one value

  /** In every element of a long. */
  private static long element(long lo, long hi, int n, int imm) {
    if ((imm & WORDS) != 0) {
      return ((n < 4 ? lo : hi) >>> 16 * (n & 3) & 0xffff) * 0x0001000100010001L;
    }
    return ((n < 8 ? lo : hi) >>> 8 * (n & 7) & 0xff) * 0x0101010101010101L;
  }

  private static int equal(long lo, long hi, long v, int imm) {
    return (imm & WORDS) != 0
        ? signs16(Packed.pcmpeqw(lo, v), Packed.pcmpeqw(hi, v))
        : signs8(Packed.pcmpeqb(lo, v), Packed.pcmpeqb(hi, v));
  }

  private static int above(long lo, long hi, long v, int imm) {
    if ((imm & WORDS) != 0) {
      long flip = (imm & SIGNED) != 0 ? SIGNS16 : 0;
      return signs16(Packed.above16(lo ^ flip, v ^ flip), Packed.above16(hi ^ flip, v ^ flip));
    }
    long flip = (imm & SIGNED) != 0 ? SIGNS8 : 0;
    return signs8(Packed.above8(lo ^ flip, v ^ flip), Packed.above8(hi ^ flip, v ^ flip));
  }

  private static int below(long lo, long hi, long v, int imm) {
    if ((imm & WORDS) != 0) {
      long flip = (imm & SIGNED) != 0 ? SIGNS16 : 0;
      return signs16(Packed.above16(v ^ flip, lo ^ flip), Packed.above16(v ^ flip, hi ^ flip));
    }
    long flip = (imm & SIGNED) != 0 ? SIGNS8 : 0;
    return signs8(Packed.above8(v ^ flip, lo ^ flip), Packed.above8(v ^ flip, hi ^ flip));
  }

  private static int signs8(long lo, long hi) {
    return Packed.pmovmskb(lo) | Packed.pmovmskb(hi) << 8;
  }

  private static int signs16(long lo, long hi) {
    return signs16(lo) | signs16(hi) << 4;
  }

  /** The top bits of four words, moved together by a multiplication. */
  private static int signs16(long v) {
    return (int) ((v >>> 15 & 0x0001000100010001L) * 0x0001000200040008L >>> 48) & 15;
  }
}
