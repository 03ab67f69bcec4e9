package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;

/**
 * Packed single-precision instructions on one half of a register: two binary32 values (or 32-bit
 * integers) in a long, each computed by {@link SseMath}. Also the conversions that make one such
 * half out of two 64-bit values.
 */
public final class SsePair {
  private SsePair() {}

  private static long pair(int low, int high) {
    return low & 0xffffffffL | (long) high << 32;
  }

  private static int high(long v) {
    return (int) (v >>> 32);
  }

  // ---- arithmetic

  static long arithmetic(Cpu c, FpOp op, long a, long b) {
    return pair(
        SseMath.arithmetic32(c, op, (int) a, (int) b),
        SseMath.arithmetic32(c, op, high(a), high(b)));
  }

  public static long min(Cpu c, long a, long b) {
    return pair(SseMath.min32(c, (int) a, (int) b), SseMath.min32(c, high(a), high(b)));
  }

  public static long max(Cpu c, long a, long b) {
    return pair(SseMath.max32(c, (int) a, (int) b), SseMath.max32(c, high(a), high(b)));
  }

  /** Two lanes of CMPPS: see {@link SseMath#cmp64}. */
  public static long cmp(Cpu c, long a, long b, int predicate) {
    return pair(
        SseMath.cmp32(c, (int) a, (int) b, predicate),
        SseMath.cmp32(c, high(a), high(b), predicate));
  }

  public static long reciprocal(Cpu c, long a, long b) {
    return pair(SseMath.reciprocal((int) b), SseMath.reciprocal(high(b)));
  }

  public static long reciprocalRoot(Cpu c, long a, long b) {
    return pair(SseMath.reciprocalRoot((int) b), SseMath.reciprocalRoot(high(b)));
  }

  // ---- conversions of two 32-bit values

  /** Two integers to binary32. */
  public static long fromInteger(Cpu c, long v) {
    return pair(SseMath.fromInteger32(c, (int) v), SseMath.fromInteger32(c, v >> 32));
  }

  /** Two binary32 values to 32-bit integers in MXCSR's rounding mode. */
  public static long toInteger(Cpu c, long v) {
    return pair(
        (int) SseMath.toInteger32(c, (int) v, 32), (int) SseMath.toInteger32(c, high(v), 32));
  }

  public static long truncate(Cpu c, long v) {
    return pair((int) SseMath.truncate32(c, (int) v, 32), (int) SseMath.truncate32(c, high(v), 32));
  }

  // ---- conversions of two binary64 values to one half

  public static long narrow(Cpu c, long a, long b) {
    return pair(SseMath.narrow(c, a), SseMath.narrow(c, b));
  }

  /** Two binary64 values to 32-bit integers in MXCSR's rounding mode. */
  public static long toInteger64(Cpu c, long a, long b) {
    return pair((int) SseMath.toInteger64(c, a, 32), (int) SseMath.toInteger64(c, b, 32));
  }

  public static long truncate64(Cpu c, long a, long b) {
    return pair((int) SseMath.truncate64(c, a, 32), (int) SseMath.truncate64(c, b, 32));
  }
}
