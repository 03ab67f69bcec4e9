package org.quern.x86.semantics;

/**
 * Lane-wise integer arithmetic on 64 bits: the value of each MMX and SSE2 instruction, without
 * operands or flags. A 128-bit instruction applies the method to both halves.
 *
 * <p>Most lanes are computed together in one 64-bit word: {@code high} has the top bit of each
 * lane, so that carries can be kept from crossing it. Source: SDM vol. 2B.
 */
public final class Packed {
  private static final long HIGH8 = 0x8080808080808080L;
  private static final long HIGH16 = 0x8000800080008000L;
  private static final long HIGH32 = 0x8000000080000000L;
  private static final long ONES8 = 0x0101010101010101L;
  private static final long ONES16 = 0x0001000100010001L;
  private static final long ONES32 = 0x0000000100000001L;

  private Packed() {}

  // ---- logic

  public static long and(long a, long b) {
    return a & b;
  }

  public static long andn(long a, long b) {
    return ~a & b;
  }

  public static long or(long a, long b) {
    return a | b;
  }

  public static long xor(long a, long b) {
    return a ^ b;
  }

  // ---- addition and subtraction, wrapping

  private static long add(long a, long b, long high) {
    return (a & ~high) + (b & ~high) ^ (a ^ b) & high;
  }

  private static long sub(long a, long b, long high) {
    return (a | high) - (b & ~high) ^ (a ^ ~b) & high;
  }

  public static long paddb(long a, long b) {
    return add(a, b, HIGH8);
  }

  public static long paddw(long a, long b) {
    return add(a, b, HIGH16);
  }

  public static long paddd(long a, long b) {
    return add(a, b, HIGH32);
  }

  public static long paddq(long a, long b) {
    return a + b;
  }

  public static long psubb(long a, long b) {
    return sub(a, b, HIGH8);
  }

  public static long psubw(long a, long b) {
    return sub(a, b, HIGH16);
  }

  public static long psubd(long a, long b) {
    return sub(a, b, HIGH32);
  }

  public static long psubq(long a, long b) {
    return a - b;
  }

  // ---- addition and subtraction, saturating

  /**
   * All bits of each lane whose top bit is set in {@code m}; other bits of {@code m} are ignored.
   */
  static long spread8(long m) {
    return (m >>> 7 & ONES8) * 0xff;
  }

  static long spread16(long m) {
    return (m >>> 15 & ONES16) * 0xffff;
  }

  static long spread32(long m) {
    return (m >>> 31 & ONES32) * 0xffffffffL;
  }

  /** Carry out of each lane of an addition, in its top bit. */
  private static long carry(long a, long b, long sum) {
    return a & b | (a | b) & ~sum;
  }

  /** Borrow of each lane of a subtraction, in its top bit. */
  private static long borrow(long a, long b, long difference) {
    return ~a & b | (~a | b) & difference;
  }

  public static long paddusb(long a, long b) {
    long s = paddb(a, b);
    return s | spread8(carry(a, b, s));
  }

  public static long paddusw(long a, long b) {
    long s = paddw(a, b);
    return s | spread16(carry(a, b, s));
  }

  public static long psubusb(long a, long b) {
    long d = psubb(a, b);
    return d & ~spread8(borrow(a, b, d));
  }

  public static long psubusw(long a, long b) {
    long d = psubw(a, b);
    return d & ~spread16(borrow(a, b, d));
  }

  /** The signed limit nearest to {@code a}: largest value, plus one (the smallest) if negative. */
  private static long limit8(long a) {
    return ~HIGH8 + (a >>> 7 & ONES8);
  }

  private static long limit16(long a) {
    return ~HIGH16 + (a >>> 15 & ONES16);
  }

  public static long paddsb(long a, long b) {
    long s = paddb(a, b);
    long over = spread8(~(a ^ b) & (a ^ s));
    return s & ~over | limit8(a) & over;
  }

  public static long paddsw(long a, long b) {
    long s = paddw(a, b);
    long over = spread16(~(a ^ b) & (a ^ s));
    return s & ~over | limit16(a) & over;
  }

  public static long psubsb(long a, long b) {
    long d = psubb(a, b);
    long over = spread8((a ^ b) & (a ^ d));
    return d & ~over | limit8(a) & over;
  }

  public static long psubsw(long a, long b) {
    long d = psubw(a, b);
    long over = spread16((a ^ b) & (a ^ d));
    return d & ~over | limit16(a) & over;
  }

  // ---- comparison

  public static long pcmpeqb(long a, long b) {
    long x = a ^ b;
    return spread8(~((x & ~HIGH8) + ~HIGH8 | x));
  }

  public static long pcmpeqw(long a, long b) {
    long x = a ^ b;
    return spread16(~((x & ~HIGH16) + ~HIGH16 | x));
  }

  public static long pcmpeqd(long a, long b) {
    long x = a ^ b;
    return spread32(~((x & ~HIGH32) + ~HIGH32 | x));
  }

  /** Lanes of all ones where {@code a > b}, unsigned. */
  static long above8(long a, long b) {
    return spread8(borrow(b, a, psubb(b, a)));
  }

  static long above16(long a, long b) {
    return spread16(borrow(b, a, psubw(b, a)));
  }

  public static long pcmpgtb(long a, long b) {
    return above8(a ^ HIGH8, b ^ HIGH8);
  }

  public static long pcmpgtw(long a, long b) {
    return above16(a ^ HIGH16, b ^ HIGH16);
  }

  static long above32(long a, long b) {
    return spread32(borrow(b, a, psubd(b, a)));
  }

  public static long pcmpgtd(long a, long b) {
    return above32(a ^ HIGH32, b ^ HIGH32);
  }

  /** Bits of {@code a} where {@code mask} has ones, else of {@code b}. */
  static long select(long mask, long a, long b) {
    return (a ^ b) & mask ^ b;
  }

  public static long pmaxub(long a, long b) {
    return select(above8(a, b), a, b);
  }

  public static long pminub(long a, long b) {
    return select(above8(a, b), b, a);
  }

  public static long pmaxsw(long a, long b) {
    return select(pcmpgtw(a, b), a, b);
  }

  public static long pminsw(long a, long b) {
    return select(pcmpgtw(a, b), b, a);
  }

  // ---- averages, sums, products

  /** Unsigned average, rounded up. */
  public static long pavgb(long a, long b) {
    return (a | b) - ((a ^ b) >>> 1 & ~HIGH8);
  }

  public static long pavgw(long a, long b) {
    return (a | b) - ((a ^ b) >>> 1 & ~HIGH16);
  }

  public static long psadbw(long a, long b) {
    long d = pmaxub(a, b) - pminub(a, b);
    long pairs = (d & 0x00ff00ff00ff00ffL) + (d >>> 8 & 0x00ff00ff00ff00ffL);
    return pairs * ONES16 >>> 48;
  }

  public static long pmullw(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= (((a >>> s) * (b >>> s)) & 0xffff) << s;
    }
    return r;
  }

  public static long pmulhw(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= ((long) ((short) (a >>> s) * (short) (b >>> s)) >>> 16 & 0xffff) << s;
    }
    return r;
  }

  public static long pmulhuw(long a, long b) {
    long r = 0;
    for (int s = 0; s < 64; s += 16) {
      r |= ((a >>> s & 0xffff) * (b >>> s & 0xffff) >>> 16) << s;
    }
    return r;
  }

  public static long pmaddwd(long a, long b) {
    int low = (short) a * (short) b + (short) (a >>> 16) * (short) (b >>> 16);
    int high = (short) (a >>> 32) * (short) (b >>> 32) + (short) (a >>> 48) * (short) (b >>> 48);
    return low & 0xffffffffL | (long) high << 32;
  }

  public static long pmuludq(long a, long b) {
    return (a & 0xffffffffL) * (b & 0xffffffffL);
  }

  // ---- shifts; the count is unsigned, too large ones shift everything out

  public static long psllw(long a, long n) {
    return (n & ~15) != 0 ? 0 : a << n & (0xffff << n & 0xffff) * ONES16;
  }

  public static long pslld(long a, long n) {
    return (n & ~31) != 0 ? 0 : a << n & (0xffffffffL << n & 0xffffffffL) * ONES32;
  }

  public static long psllq(long a, long n) {
    return (n & ~63) != 0 ? 0 : a << n;
  }

  public static long psrlw(long a, long n) {
    return (n & ~15) != 0 ? 0 : a >>> n & (0xffff >>> n) * ONES16;
  }

  public static long psrld(long a, long n) {
    return (n & ~31) != 0 ? 0 : a >>> n & (0xffffffffL >>> n) * ONES32;
  }

  public static long psrlq(long a, long n) {
    return (n & ~63) != 0 ? 0 : a >>> n;
  }

  public static long psraw(long a, long n) {
    int s = (n & ~15) != 0 ? 15 : (int) n;
    long kept = (0xffff >>> s) * ONES16;
    return a >>> s & kept | spread16(a) & ~kept;
  }

  public static long psrad(long a, long n) {
    int s = (n & ~31) != 0 ? 31 : (int) n;
    long kept = (0xffffffffL >>> s) * ONES32;
    return a >>> s & kept | spread32(a) & ~kept;
  }

  // ---- sign masks

  /** The top bits of the eight bytes, as bits 0 to 7. */
  public static int pmovmskb(long a) {
    return (int) ((a >>> 7 & ONES8) * 0x0102040810204080L >>> 56);
  }

  /** The top bits of the two doublewords, as bits 0 and 1. */
  public static int movmskps(long a) {
    return (int) (a >>> 31 & 1 | a >>> 62 & 2);
  }

  public static int movmskpd(long a) {
    return (int) (a >>> 63);
  }
}
