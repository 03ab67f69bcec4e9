package org.quern.x86.semantics;

import jdk.internal.vm.annotation.ForceInline;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.state.Cpu;

/**
 * The arithmetic of SSE and SSE2 on one value, or on one half of a register, for the interpreter
 * and for translated code: {@code a} is the destination, {@code b} the source; a square root is of
 * {@code b}.
 *
 * <p>Java's arithmetic is right, and sets no flag, if rounding is to nearest, every exception is
 * masked, PE is set already, the operands are normal or zero, and the result is normal, above the
 * smallest binade, or a zero that is exact. {@link SseMath} does everything else. The methods are
 * small, so that HotSpot puts them into the code of a region; what they share is always put there,
 * whatever an earlier profile (JDK 25's AOT cache keeps one) says of how often it ran.
 */
public final class SseArithmetic {
  private static final int CONTROLS = SseMath.ROUNDING | SseMath.MASKS | FpFlags.PE;
  private static final int FREE = SseMath.MASKS | FpFlags.PE;

  private static final long ABS64 = Long.MAX_VALUE;
  private static final int ABS32 = Integer.MAX_VALUE;

  // Two binary32 in a long
  private static final long EXPONENTS = 0x7f8000007f800000L;
  private static final long ONES = 0x0000000100000001L;
  private static final long SMALL = 0x0100000001000000L;
  private static final long SIGNS = 0x8000000080000000L;

  private SseArithmetic() {}

  /** Rounding to nearest, nothing unmasked, PE set. */
  @ForceInline
  static boolean free(Cpu c) {
    return (c.mxcsr & CONTROLS) == FREE;
  }

  // Infinite operands and NaNs need no test: they give no finite normal result.

  /** Not denormal. */
  @ForceInline
  static boolean plain(long v) {
    return (v >>> 52 & 0x7ff) != 0 || zero(v);
  }

  @ForceInline
  static boolean plain(int v) {
    return (v >>> 23 & 0xff) != 0 || zero(v);
  }

  /**
   * Finite, and above the smallest binade, so surely not tiny before rounding: biased exponents 2
   * to 0x7fe become 0 to 0x7fc, the others wrap to what is above.
   */
  @ForceInline
  static boolean normal(long r) {
    return ((r >>> 52) - 2 & 0x7ff) < 0x7fd;
  }

  @ForceInline
  static boolean normal(int r) {
    return ((r >>> 23) - 2 & 0xff) < 0xfd;
  }

  @ForceInline
  private static boolean zero(long v) {
    return (v & ABS64) == 0;
  }

  @ForceInline
  private static boolean zero(int v) {
    return (v & ABS32) == 0;
  }

  /** A product, quotient or root that is zero because an operand is: that is exact. */
  @ForceInline
  private static boolean zero(long a, long b, long r) {
    return zero(r) && (zero(a) || zero(b));
  }

  @ForceInline
  private static boolean zero(int a, int b, int r) {
    return zero(r) && (zero(a) || zero(b));
  }

  /**
   * Whether both lanes are {@link #normal} and no operand is zero or denormal: all lanes in one
   * test of the top bits. A borrow leaves a lane only if its own top bit is set.
   */
  @ForceInline
  private static boolean ordinary(long a, long b, long r) {
    long e = r & EXPONENTS;
    long low = (a & EXPONENTS) - ONES | (b & EXPONENTS) - ONES;
    return ((low | e - SMALL | EXPONENTS - ONES - e) & SIGNS) == 0;
  }

  /** As {@link #ordinary}, lane by lane, with operands that may be zero. */
  private static boolean exactZeros(long a, long b, long r, boolean sum) {
    return exactZero((int) a, (int) b, (int) r, sum)
        && exactZero((int) (a >>> 32), (int) (b >>> 32), (int) (r >>> 32), sum);
  }

  private static boolean exactZero(int a, int b, int r, boolean sum) {
    return plain(a) && plain(b) && (normal(r) || (sum ? zero(r) : zero(a, b, r)));
  }

  @ForceInline
  private static double real(long v) {
    return Double.longBitsToDouble(v);
  }

  @ForceInline
  private static long bits(double v) {
    return Double.doubleToRawLongBits(v);
  }

  @ForceInline
  private static float low(long v) {
    return Float.intBitsToFloat((int) v);
  }

  @ForceInline
  private static float high(long v) {
    return Float.intBitsToFloat((int) (v >>> 32));
  }

  @ForceInline
  private static long pair(float low, float high) {
    return Float.floatToRawIntBits(low) & 0xffffffffL | (long) Float.floatToRawIntBits(high) << 32;
  }

  private static long finished(Cpu c, long r) {
    SseMath.finish(c);
    return r;
  }

  private static int finished(Cpu c, int r) {
    SseMath.finish(c);
    return r;
  }

  // ---- scalar: complete instructions

  public static long addsd(Cpu c, long a, long b) {
    long r = bits(real(a) + real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(r))
        ? r
        : finished(c, SseMath.arithmetic64(c, FpOp.ADD, a, b));
  }

  public static long subsd(Cpu c, long a, long b) {
    long r = bits(real(a) - real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(r))
        ? r
        : finished(c, SseMath.arithmetic64(c, FpOp.SUB, a, b));
  }

  public static long mulsd(Cpu c, long a, long b) {
    long r = bits(real(a) * real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(a, b, r))
        ? r
        : finished(c, SseMath.arithmetic64(c, FpOp.MUL, a, b));
  }

  public static long divsd(Cpu c, long a, long b) {
    long r = bits(real(a) / real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(a, b, r))
        ? r
        : finished(c, SseMath.arithmetic64(c, FpOp.DIV, a, b));
  }

  public static long sqrtsd(Cpu c, long a, long b) {
    long r = bits(Math.sqrt(real(b)));
    return free(c) && plain(b) && (normal(r) || zero(b, b, r))
        ? r
        : finished(c, SseMath.arithmetic64(c, FpOp.SQRT, a, b));
  }

  public static int addss(Cpu c, int a, int b) {
    int r = Float.floatToRawIntBits(low(a) + low(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(r))
        ? r
        : finished(c, SseMath.arithmetic32(c, FpOp.ADD, a, b));
  }

  public static int subss(Cpu c, int a, int b) {
    int r = Float.floatToRawIntBits(low(a) - low(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(r))
        ? r
        : finished(c, SseMath.arithmetic32(c, FpOp.SUB, a, b));
  }

  public static int mulss(Cpu c, int a, int b) {
    int r = Float.floatToRawIntBits(low(a) * low(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(a, b, r))
        ? r
        : finished(c, SseMath.arithmetic32(c, FpOp.MUL, a, b));
  }

  public static int divss(Cpu c, int a, int b) {
    int r = Float.floatToRawIntBits(low(a) / low(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(a, b, r))
        ? r
        : finished(c, SseMath.arithmetic32(c, FpOp.DIV, a, b));
  }

  public static int sqrtss(Cpu c, int a, int b) {
    int r = Float.floatToRawIntBits((float) Math.sqrt(low(b)));
    return free(c) && plain(b) && (normal(r) || zero(b, b, r))
        ? r
        : finished(c, SseMath.arithmetic32(c, FpOp.SQRT, a, b));
  }

  // ---- packed: one half, which SseMath.finish must follow

  public static long addpd(Cpu c, long a, long b) {
    long r = bits(real(a) + real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(r))
        ? r
        : SseMath.arithmetic64(c, FpOp.ADD, a, b);
  }

  public static long subpd(Cpu c, long a, long b) {
    long r = bits(real(a) - real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(r))
        ? r
        : SseMath.arithmetic64(c, FpOp.SUB, a, b);
  }

  public static long mulpd(Cpu c, long a, long b) {
    long r = bits(real(a) * real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(a, b, r))
        ? r
        : SseMath.arithmetic64(c, FpOp.MUL, a, b);
  }

  public static long divpd(Cpu c, long a, long b) {
    long r = bits(real(a) / real(b));
    return free(c) && plain(a) && plain(b) && (normal(r) || zero(a, b, r))
        ? r
        : SseMath.arithmetic64(c, FpOp.DIV, a, b);
  }

  public static long sqrtpd(Cpu c, long a, long b) {
    long r = bits(Math.sqrt(real(b)));
    return free(c) && plain(b) && (normal(r) || zero(b, b, r))
        ? r
        : SseMath.arithmetic64(c, FpOp.SQRT, a, b);
  }

  public static long addps(Cpu c, long a, long b) {
    long r = pair(low(a) + low(b), high(a) + high(b));
    return free(c) && (ordinary(a, b, r) || exactZeros(a, b, r, true))
        ? r
        : SsePair.arithmetic(c, FpOp.ADD, a, b);
  }

  public static long subps(Cpu c, long a, long b) {
    long r = pair(low(a) - low(b), high(a) - high(b));
    return free(c) && (ordinary(a, b, r) || exactZeros(a, b, r, true))
        ? r
        : SsePair.arithmetic(c, FpOp.SUB, a, b);
  }

  public static long mulps(Cpu c, long a, long b) {
    long r = pair(low(a) * low(b), high(a) * high(b));
    return free(c) && (ordinary(a, b, r) || exactZeros(a, b, r, false))
        ? r
        : SsePair.arithmetic(c, FpOp.MUL, a, b);
  }

  public static long divps(Cpu c, long a, long b) {
    long r = pair(low(a) / low(b), high(a) / high(b));
    return free(c) && (ordinary(a, b, r) || exactZeros(a, b, r, false))
        ? r
        : SsePair.arithmetic(c, FpOp.DIV, a, b);
  }

  public static long sqrtps(Cpu c, long a, long b) {
    long r = pair((float) Math.sqrt(low(b)), (float) Math.sqrt(high(b)));
    return free(c) && (ordinary(b, b, r) || exactZeros(b, b, r, false))
        ? r
        : SsePair.arithmetic(c, FpOp.SQRT, a, b);
  }
}
