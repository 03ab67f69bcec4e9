package org.quern.x86.semantics;

/**
 * Draws operands for the comparison with a real processor: the same as {@code
 * src/test/oracle/operands.h}. Keep both in step.
 */
final class DrawnOperands {
  private static final long[] EDGES = {
    0L,
    0x8000000000000000L,
    1L,
    0x000fffffffffffffL,
    0x0010000000000000L,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x3ff0000000000001L,
    0x3fefffffffffffffL,
    0x3fe0000000000000L,
    0x4000000000000000L,
    0x7fefffffffffffffL,
    0xffefffffffffffffL,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x7ff8000000000000L,
    0xfff8000000000123L,
    0x7ff0000000000001L,
    0xfff7fffffffff000L,
    0x41dfffffffc00000L,
    0x41dfffffffe00000L,
    0xc1e0000000000000L,
    0xc1e0000000100000L,
    0x43e0000000000000L,
    0xc3e0000000000000L,
    0x43dfffffffffffffL,
    0x380fffffffffffffL,
    0x3690000000000000L,
    0x3690000000000001L,
    0x47efffffe0000000L,
    0x47effffff0000000L,
    0x3ff8000000000000L,
  };

  private static final int[] BYTES = {0, 1, 0x7f, 0x80, 0x81, 0xff, 0xfe, 0x40};
  private static final long SIGN = Long.MIN_VALUE;
  private static final long SIGN_FRACTION = 0x800fffffffffffffL;
  private static final long FRACTION = 0xfffffffffffffL;
  private static final int SIGN_FRACTION32 = 0x807fffff;

  private long state;

  /** The sequence that belongs to the name of an instruction. */
  DrawnOperands(String name) {
    for (int n = 0; n < name.length(); n++) {
      state = state * 31 + name.charAt(n);
    }
  }

  private long draw() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  /** 64 bits of class f (binary32 lanes), d (binary64 lanes) or any other (integers). */
  long lane(char operands) {
    return switch (operands) {
      case 'd' -> double64();
      case 'f' -> float32() & 0xffffffffL | (long) float32() << 32;
      default -> integer();
    };
  }

  private long double64() {
    long how = draw();
    long v = draw();
    int n = (int) (how >>> 8) & 63;
    return switch ((int) how & 7) {
      case 0 -> EDGES[n & 31];
      case 1 -> v & SIGN_FRACTION | 1020L + (n & 7) << 52;
      case 2 -> v & ~FRACTION | v & FRACTION & -1L << n;
      case 3 -> v & SIGN_FRACTION | (n & 3L) << 52;
      case 4 -> v & SIGN_FRACTION | 2044L + (n & 3) << 52;
      case 5 -> v & SIGN | 1023L + n << 52 | v & FRACTION & -1L << (n < 52 ? 51 - n : 0);
      case 6 -> v & SIGN_FRACTION | 890L + n << 52;
      default -> v;
    };
  }

  private int float32() {
    long how = draw();
    int w = (int) draw();
    int n = (int) (how >>> 8) & 31;
    return switch ((int) how & 7) {
      case 0 -> {
        long e = EDGES[n];
        int x = (int) (e >>> 52) & 0x7ff;
        int biased = x == 0x7ff ? 0xff : x < 897 ? 0 : x > 1150 ? 0xfe : x - 896;
        int fraction = (int) (e >>> 29) & 0x7fffff | (int) e & 1;
        yield (int) (e >>> 63) << 31 | biased << 23 | fraction;
      }
      case 1 -> w & SIGN_FRACTION32 | 124 + (n & 7) << 23;
      case 2 -> w & 0xff800000 | w & 0x7fffff & -1 << Math.min(n, 22);
      case 3 -> w & SIGN_FRACTION32 | (n & 3) << 23;
      case 4 -> w & SIGN_FRACTION32 | 252 + (n & 3) << 23;
      case 5 -> w & 0x80000000 | 127 + n << 23 | w & 0x7fffff & -1 << Math.max(22 - n, 0);
      case 6 -> w & SIGN_FRACTION32 | 62 + n * 2 << 23;
      default -> w;
    };
  }

  long integer() {
    long how = draw();
    long v = draw();
    switch ((int) how & 3) {
      case 0 -> {
        long r = 0;
        for (int n = 0; n < 64; n += 8) {
          r |= (long) BYTES[(int) (v >>> n) & 7] << n;
        }
        return r;
      }
      case 1 -> {
        return v >> (how >>> 8 & 63);
      }
      default -> {
        return v;
      }
    }
  }

  /** A shift count. */
  long count() {
    long how = draw();
    return how >>> 60 == 0 ? draw() : (how & 63) + (how >>> 8 & 7);
  }

  /** MXCSR. */
  int control() {
    long v = draw();
    int m = (int) (v & 3) << 13 | SseMath.MASKS;
    if ((v >>> 8 & 3) == 0) {
      m |= SseMath.DAZ;
    }
    if ((v >>> 10 & 3) == 0) {
      m |= SseMath.FTZ;
    }
    if ((v >>> 12 & 3) == 0) {
      m = m & ~SseMath.MASKS | (int) (v >>> 16 & 0x3f) << 7;
    }
    if ((v >>> 14 & 3) == 0) {
      m |= (int) (v >>> 24) & 0x3f;
    }
    return m;
  }

  /** Twelve bits that depend on every output. */
  static int digest(long[] out) {
    long h = 0;
    for (long v : out) {
      h = (h ^ v) * 0x9e3779b97f4a7c15L;
      h ^= h >>> 29;
    }
    return (int) (h >>> 52);
  }
}
