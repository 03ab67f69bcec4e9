package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;

/**
 * Shifts and rotates with their status flags: pure functions of values.
 *
 * <p>The count is masked here (5 bits, 6 for 64-bit operands); a masked count of zero changes no
 * flag. The 8- and 16-bit forms ignore the upper bits of their operand and return their result
 * zero-extended.
 *
 * <p>CF is the last bit shifted out. With it next to the top bit of the result, one more shift
 * gives the two top bits of {@link Cpu#ccAux} (CF, and CF xor OF). Source: SDM vol. 2B,
 * SAL/SAR/SHL/SHR, RCL/RCR/ROL/ROR, SHLD, SHRD. What the manual leaves undefined is as an AMD Zen 4
 * does it: OF for counts above 1 by the rule for 1 (left: top bit xor CF, right: the two top bits
 * of the result differ); AF is 1 after a shift and kept by a rotate; a 16-bit double shift by more
 * than 16 takes the source a second time and clears CF.
 */
public final class Shift {
  private static final long AF = 8;

  private Shift() {}

  // ---- SHL

  public static int shl8(Cpu c, int a, int count) {
    int n = count & 31;
    if (n == 0) {
      return a & 0xff;
    }
    long w = (a & 0xffL) << n;
    c.ccResult = (byte) w;
    c.ccAux = w << 55 | AF;
    return (int) w & 0xff;
  }

  public static int shl16(Cpu c, int a, int count) {
    int n = count & 31;
    if (n == 0) {
      return a & 0xffff;
    }
    long w = (a & 0xffffL) << n;
    c.ccResult = (short) w;
    c.ccAux = w << 47 | AF;
    return (int) w & 0xffff;
  }

  public static int shl32(Cpu c, int a, int count) {
    int n = count & 31;
    return n == 0 ? a : shl32(c, (long) a << n);
  }

  private static int shl32(Cpu c, long w) {
    c.ccResult = (int) w;
    c.ccAux = w << 31 | AF;
    return (int) w;
  }

  public static long shl64(Cpu c, long a, int count) {
    int n = count & 63;
    return n == 0 ? a : shl64(c, a << n - 1);
  }

  /** {@code x}: the operand one shift short of the result. */
  private static long shl64(Cpu c, long x) {
    c.ccResult = x << 1;
    c.ccAux = x & 3L << 62 | AF;
    return x << 1;
  }

  // ---- SHR. In these and in SAR, x is the operand one shift short of the result.

  public static int shr8(Cpu c, int a, int count) {
    int n = count & 31;
    if (n == 0) {
      return a & 0xff;
    }
    long x = (a & 0xffL) >>> n - 1;
    return (int) shr(c, x, (x >>> 1) << 56);
  }

  public static int shr16(Cpu c, int a, int count) {
    int n = count & 31;
    if (n == 0) {
      return a & 0xffff;
    }
    long x = (a & 0xffffL) >>> n - 1;
    return (int) shr(c, x, (x >>> 1) << 48);
  }

  public static int shr32(Cpu c, int a, int count) {
    int n = count & 31;
    return n == 0 ? a : shr32(c, (a & 0xffffffffL) >>> n - 1);
  }

  private static int shr32(Cpu c, long x) {
    return (int) shr(c, x, (x >>> 1) << 32);
  }

  public static long shr64(Cpu c, long a, int count) {
    int n = count & 63;
    return n == 0 ? a : shr64(c, a >>> n - 1);
  }

  private static long shr64(Cpu c, long x) {
    return shr(c, x, x >>> 1 & 1L << 62);
  }

  /** {@code top}: the result with its top bit (always 0) at bit 63. */
  private static long shr(Cpu c, long x, long top) {
    c.ccAux = x << 63 >> 1 ^ top | AF;
    c.ccResult = x >>> 1;
    return x >>> 1;
  }

  // ---- SAR

  public static int sar8(Cpu c, int a, int count) {
    int n = count & 31;
    return n == 0 ? a & 0xff : (int) sar(c, (byte) a >> n - 1) & 0xff;
  }

  public static int sar16(Cpu c, int a, int count) {
    int n = count & 31;
    return n == 0 ? a & 0xffff : (int) sar(c, (short) a >> n - 1) & 0xffff;
  }

  public static int sar32(Cpu c, int a, int count) {
    int n = count & 31;
    return n == 0 ? a : (int) sar(c, a >> n - 1);
  }

  public static long sar64(Cpu c, long a, int count) {
    int n = count & 63;
    return n == 0 ? a : sar(c, a >> n - 1);
  }

  private static long sar(Cpu c, long x) {
    c.ccAux = x << 63 >> 1 | AF;
    c.ccResult = x >> 1;
    return x >> 1;
  }

  // ---- ROL and ROR change CF and OF only

  /** Replaces CF (bit 63) and CF xor OF (bit 62); the other bits of {@code top} are ignored. */
  private static void carryAndOverflow(Cpu c, long top) {
    c.ccAux = c.ccAux & -1L >>> 2 | top & 3L << 62;
  }

  public static int rol8(Cpu c, int a, int count) {
    int v = a & 0xff;
    if ((count & 31) == 0) {
      return v;
    }
    int n = count & 7;
    int r = (v << n | v >>> 8 - n) & 0xff;
    carryAndOverflow(c, (long) r << 63 | (long) (r >>> 7) << 62);
    return r;
  }

  public static int rol16(Cpu c, int a, int count) {
    int v = a & 0xffff;
    if ((count & 31) == 0) {
      return v;
    }
    int n = count & 15;
    int r = (v << n | v >>> 16 - n) & 0xffff;
    carryAndOverflow(c, (long) r << 63 | (long) (r >>> 15) << 62);
    return r;
  }

  public static int rol32(Cpu c, int a, int count) {
    if ((count & 31) == 0) {
      return a;
    }
    int r = Integer.rotateLeft(a, count);
    carryAndOverflow(c, (long) r << 63 | (long) (r >>> 31) << 62);
    return r;
  }

  public static long rol64(Cpu c, long a, int count) {
    if ((count & 63) == 0) {
      return a;
    }
    long r = Long.rotateLeft(a, count);
    carryAndOverflow(c, r << 63 | r >>> 63 << 62);
    return r;
  }

  public static int ror8(Cpu c, int a, int count) {
    int v = a & 0xff;
    if ((count & 31) == 0) {
      return v;
    }
    int n = count & 7;
    int r = (v >>> n | v << 8 - n) & 0xff;
    carryAndOverflow(c, (long) r << 56);
    return r;
  }

  public static int ror16(Cpu c, int a, int count) {
    int v = a & 0xffff;
    if ((count & 31) == 0) {
      return v;
    }
    int n = count & 15;
    int r = (v >>> n | v << 16 - n) & 0xffff;
    carryAndOverflow(c, (long) r << 48);
    return r;
  }

  public static int ror32(Cpu c, int a, int count) {
    if ((count & 31) == 0) {
      return a;
    }
    int r = Integer.rotateRight(a, count);
    carryAndOverflow(c, (long) r << 32);
    return r;
  }

  public static long ror64(Cpu c, long a, int count) {
    if ((count & 63) == 0) {
      return a;
    }
    long r = Long.rotateRight(a, count);
    carryAndOverflow(c, r);
    return r;
  }

  // ---- RCL and RCR rotate one bit more than the operand has, so 8- and 16-bit counts are reduced
  // modulo 9 and 17. A count that is a whole turn still sets OF.

  /**
   * RCL of 8, 16 or 32 bits.
   *
   * @return the result, zero-extended
   */
  public static long rclNarrow(Cpu c, int bits, long a, int count) {
    long mask = (1L << bits) - 1;
    if ((count & 31) == 0) {
      return a & mask;
    }
    long v = a & mask | c.ccAux >>> 63 << bits;
    int n = (count & 31) % (bits + 1);
    long w = v << n | v >>> bits + 1 - n;
    // Bit `bits` of w is CF, the one below is the top bit of the result.
    carryAndOverflow(c, w << 63 - bits);
    return w & mask;
  }

  public static long rcl64(Cpu c, long a, int count) {
    int n = count & 63;
    if (n == 0) {
      return a;
    }
    long r = a << n | c.ccAux >>> 63 << n - 1 | a >>> 1 >>> 64 - n;
    carryAndOverflow(c, a >>> 64 - n << 63 | r >>> 63 << 62);
    return r;
  }

  /**
   * RCR of 8, 16 or 32 bits.
   *
   * @return the result, zero-extended
   */
  public static long rcrNarrow(Cpu c, int bits, long a, int count) {
    long mask = (1L << bits) - 1;
    if ((count & 31) == 0) {
      return a & mask;
    }
    long v = a & mask | c.ccAux >>> 63 << bits;
    int n = (count & 31) % (bits + 1);
    long w = v >>> n | v << bits + 1 - n;
    carryAndOverflow(c, rightTop(w >>> bits, w << 64 - bits));
    return w & mask;
  }

  public static long rcr64(Cpu c, long a, int count) {
    int n = count & 63;
    if (n == 0) {
      return a;
    }
    long r = a >>> n | c.ccAux >>> 63 << 64 - n | a << 1 << 64 - n;
    carryAndOverflow(c, rightTop(a >>> n - 1, r));
    return r;
  }

  /**
   * CF and CF xor OF after a move to the right.
   *
   * @param cf CF in bit 0
   * @param top the result with its top bit at bit 63
   */
  private static long rightTop(long cf, long top) {
    return cf << 63 >> 1 ^ (top ^ top << 1) >>> 63 << 62;
  }

  // ---- SHLD and SHRD: b is where the bits come from

  public static int shld16(Cpu c, int a, int b, int count) {
    int n = count & 31;
    if (n == 0) {
      return a & 0xffff;
    }
    long w = ((a & 0xffffL) << 32 | (b & 0xffffL) << 16 | b & 0xffffL) << n;
    c.ccResult = (short) (w >>> 32);
    c.ccAux = (n < 16 ? w << 15 : n == 16 ? (long) a << 63 : 0) | AF;
    return (int) (w >>> 32) & 0xffff;
  }

  public static int shld32(Cpu c, int a, int b, int count) {
    int n = count & 31;
    if (n == 0) {
      return a;
    }
    long w = (long) a << 32 | b & 0xffffffffL;
    int r = (int) (w << n >>> 32);
    c.ccResult = r;
    c.ccAux = w << n - 1 & 3L << 62 | AF;
    return r;
  }

  public static long shld64(Cpu c, long a, long b, int count) {
    int n = count & 63;
    if (n == 0) {
      return a;
    }
    long r = a << n | b >>> 64 - n;
    c.ccResult = r;
    c.ccAux = a << n - 1 & 3L << 62 | AF;
    return r;
  }

  public static int shrd16(Cpu c, int a, int b, int count) {
    int n = count & 31;
    if (n == 0) {
      return a & 0xffff;
    }
    long x = ((b & 0xffffL) << 32 | (b & 0xffffL) << 16 | a & 0xffffL) >>> n - 1;
    c.ccResult = (short) (x >>> 1);
    c.ccAux = rightTop(n > 16 ? 0 : x, x >>> 1 << 48) | AF;
    return (int) (x >>> 1) & 0xffff;
  }

  public static int shrd32(Cpu c, int a, int b, int count) {
    int n = count & 31;
    if (n == 0) {
      return a;
    }
    long x = ((long) b << 32 | a & 0xffffffffL) >>> n - 1;
    c.ccResult = (int) (x >>> 1);
    c.ccAux = rightTop(x, x >>> 1 << 32) | AF;
    return (int) (x >>> 1);
  }

  public static long shrd64(Cpu c, long a, long b, int count) {
    int n = count & 63;
    if (n == 0) {
      return a;
    }
    long r = a >>> n | b << 64 - n;
    c.ccResult = r;
    c.ccAux = rightTop(a >>> n - 1, r) | AF;
    return r;
  }

  // ---- the same with the width as a value; results are zero-extended

  public static long shl(Cpu c, int bits, long a, int count) {
    return switch (bits) {
      case 8 -> shl8(c, (int) a, count);
      case 16 -> shl16(c, (int) a, count);
      case 32 -> shl32(c, (int) a, count) & 0xffffffffL;
      default -> shl64(c, a, count);
    };
  }

  public static long shr(Cpu c, int bits, long a, int count) {
    return switch (bits) {
      case 8 -> shr8(c, (int) a, count);
      case 16 -> shr16(c, (int) a, count);
      case 32 -> shr32(c, (int) a, count) & 0xffffffffL;
      default -> shr64(c, a, count);
    };
  }

  public static long sar(Cpu c, int bits, long a, int count) {
    return switch (bits) {
      case 8 -> sar8(c, (int) a, count);
      case 16 -> sar16(c, (int) a, count);
      case 32 -> sar32(c, (int) a, count) & 0xffffffffL;
      default -> sar64(c, a, count);
    };
  }

  public static long rol(Cpu c, int bits, long a, int count) {
    return switch (bits) {
      case 8 -> rol8(c, (int) a, count);
      case 16 -> rol16(c, (int) a, count);
      case 32 -> rol32(c, (int) a, count) & 0xffffffffL;
      default -> rol64(c, a, count);
    };
  }

  public static long ror(Cpu c, int bits, long a, int count) {
    return switch (bits) {
      case 8 -> ror8(c, (int) a, count);
      case 16 -> ror16(c, (int) a, count);
      case 32 -> ror32(c, (int) a, count) & 0xffffffffL;
      default -> ror64(c, a, count);
    };
  }

  public static long rcl(Cpu c, int bits, long a, int count) {
    return bits == 64 ? rcl64(c, a, count) : rclNarrow(c, bits, a, count);
  }

  public static long rcr(Cpu c, int bits, long a, int count) {
    return bits == 64 ? rcr64(c, a, count) : rcrNarrow(c, bits, a, count);
  }

  public static long shld(Cpu c, int bits, long a, long b, int count) {
    return switch (bits) {
      case 16 -> shld16(c, (int) a, (int) b, count);
      case 32 -> shld32(c, (int) a, (int) b, count) & 0xffffffffL;
      default -> shld64(c, a, b, count);
    };
  }

  public static long shrd(Cpu c, int bits, long a, long b, int count) {
    return switch (bits) {
      case 16 -> shrd16(c, (int) a, (int) b, count);
      case 32 -> shrd32(c, (int) a, (int) b, count) & 0xffffffffL;
      default -> shrd64(c, a, b, count);
    };
  }
}
