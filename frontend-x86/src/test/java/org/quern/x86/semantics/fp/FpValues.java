package org.quern.x86.semantics.fp;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.random.RandomGenerator;

/** Operands that find mistakes, and exact values of encodings, for the floating-point tests. */
final class FpValues {
  private static final long[] EDGES = {
    0L,
    1L << 63,
    1,
    0xfffffffffffffL,
    0x10000000000000L,
    0x3ff0000000000000L,
    0xbff0000000000000L,
    0x3ff0000000000001L,
    0x3fefffffffffffffL,
    0x3fe0000000000000L,
    0x4000000000000000L,
    0x7fefffffffffffffL,
    0xffefffffffffffffL,
    0x7fe0000000000000L,
    0x7ff0000000000000L,
    0xfff0000000000000L,
    0x41dfffffffc00000L,
    0xc1e0000000000000L,
    0x43e0000000000000L,
    0xc3e0000000000000L,
    0x4340000000000001L,
    0x380fffffffffffffL,
    0x36a0000000000000L,
    0x47efffffe0000000L,
    0x47effffff0000000L
  };

  private FpValues() {}

  /** A double's bits: an edge, a value near 1 with few or many bits, or anything. */
  static long bits64(RandomGenerator g) {
    long v = g.nextLong();
    return switch (g.nextInt(5)) {
      case 0 -> EDGES[g.nextInt(EDGES.length)];
      case 1 -> v & 0x800fffffffffffffL | (1023L + g.nextInt(-3, 4)) << 52;
      case 2 -> v & 0xfff0000000000000L | -1L << g.nextInt(52) & 0xfffffffffffffL;
      case 3 -> v & 0x800fffffffffffffL | (long) g.nextInt(3) << 52;
      default -> v;
    };
  }

  /** As {@link #bits64} for a float. */
  static int bits32(RandomGenerator g) {
    int v = g.nextInt();
    return switch (g.nextInt(4)) {
      case 0 -> Float.floatToRawIntBits((float) Double.longBitsToDouble(bits64(g)));
      case 1 -> v & 0x807fffff | 127 + g.nextInt(-3, 4) << 23;
      case 2 -> v & 0x807fffff | g.nextInt(3) << 23;
      default -> v;
    };
  }

  /** The exact value of a finite unpacked number. */
  static BigDecimal exact(Unpacked u) {
    if (u.kind == Unpacked.ZERO) {
      return BigDecimal.ZERO;
    }
    BigInteger m = new BigInteger(Long.toUnsignedString(u.hi));
    BigDecimal v = scale(new BigDecimal(u.negative ? m.negate() : m), u.exponent - 63);
    return v;
  }

  static BigDecimal scale(BigDecimal v, int exponent) {
    BigDecimal power = new BigDecimal(BigInteger.TWO.pow(Math.abs(exponent)));
    return exponent >= 0 ? v.multiply(power) : v.divide(power);
  }
}
