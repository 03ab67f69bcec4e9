package org.quern.x86.semantics.fp;

/**
 * Exact floating-point arithmetic for SSE and x87. One instance a processor; not thread-safe; no
 * operation allocates.
 *
 * <p>Use: set the controls once ({@link #control}), load the operands into {@link #a} and {@link
 * #b} ({@code a.set32}, {@code set64}, {@code set80}, {@code setInteger}), call one operation, then
 * {@link #round} to the format of the destination, and read {@link #r} ({@code to32}, {@code to64},
 * {@code signExponent80} and {@code hi}) and {@link #flags}:
 *
 * <pre>
 *   f.a.set80(se0, sig0);
 *   f.b.set64(memory);
 *   f.add();
 *   f.round(Format.EXTENDED, precision);
 *   status |= f.flags;
 *   if ((f.flags &amp; ~f.masks &amp; FpFlags.BEFORE) == 0) store(f.r.signExponent80(), f.r.hi);
 * </pre>
 *
 * An operation clears {@link #flags} and {@link #roundedUp}, sets IE, DE or ZE, and leaves in
 * {@code r} the result with 128 significant bits (the last one sticky), which no rounding to 64
 * bits or less can tell from the exact one. {@link #round} adds OE, UE, PE and rounds. If the
 * operation raised an unmasked IE, DE or ZE, {@code r} means nothing and {@code round} does
 * nothing. An unmasked overflow or underflow gives the result with the wrapped exponent that the
 * x87 stores; SSE stores nothing then. {@link #toInteger} and {@link #compare} are complete in
 * themselves.
 *
 * <p>Rules: underflow is tininess after rounding, and masked it is flagged only if also inexact; IE
 * on a signalling NaN or an invalid operation comes before ZE, and both before DE; a denormal
 * operand beside a NaN is not flagged. Between two NaNs SSE takes the first, x87 the one with the
 * larger significand. Source: SDM vol. 1, 4.8.3.5, 4.9, 8.5, 11.5.
 */
public final class SoftFloat {
  /** Results of {@link #compare}. */
  public static final int LESS = -1;

  public static final int EQUAL = 0;
  public static final int GREATER = 1;
  public static final int UNORDERED = 2;

  /** Operands: {@code a} is the destination of the instruction, {@code b} its source. */
  public final Unpacked a = new Unpacked();

  public final Unpacked b = new Unpacked();

  /** The addend of {@link #multiplyAdd}. */
  public final Unpacked addend = new Unpacked();

  /** Result. */
  public final Unpacked r = new Unpacked();

  /** The operations of the x87 that are not algebraic. */
  public final Logarithms logarithms = new Logarithms(this);

  public final Angles angles = new Angles(this);

  /** Exceptions of the last operation, {@link FpFlags}. */
  public int flags;

  /** Exceptions of all lanes of an SSE instruction, kept by its user; not touched here. */
  public int accrued;

  /** Rounding increased the magnitude of the result (C1 of the x87). */
  public boolean roundedUp;

  /** Rounding mode, {@link FpFlags#NEAREST} to {@link FpFlags#TO_ZERO}. */
  public int rounding;

  /** Masked exceptions, {@link FpFlags}. */
  public int masks = FpFlags.ALL;

  /** Tiny results become zero if underflow is masked (MXCSR.FTZ). */
  public boolean flushToZero;

  /** NaNs follow the rules of the x87 instead of SSE's. */
  public boolean x87Nans;

  /** Sets all controls. */
  public void control(int rounding, int masks, boolean flushToZero, boolean x87Nans) {
    this.rounding = rounding;
    this.masks = masks;
    this.flushToZero = flushToZero;
    this.x87Nans = x87Nans;
  }

  // ---- what every operation begins with

  void begin() {
    flags = 0;
    roundedUp = false;
  }

  /** Handles NaNs; true if the result is one. */
  boolean nanOperands() {
    if (a.kind < Unpacked.QNAN && b.kind < Unpacked.QNAN) {
      return false;
    }
    if (a.kind == Unpacked.UNSUPPORTED || b.kind == Unpacked.UNSUPPORTED) {
      invalid();
      return true;
    }
    if (a.kind == Unpacked.SNAN || b.kind == Unpacked.SNAN) {
      flags |= FpFlags.IE;
    }
    r.setQuiet(chosenNan());
    return true;
  }

  private Unpacked chosenNan() {
    if (!b.isNan()) {
      return a;
    }
    if (!a.isNan()) {
      return b;
    }
    if (!x87Nans) {
      return a;
    }
    if (a.kind != b.kind) {
      return a.kind == Unpacked.QNAN ? a : b;
    }
    int order = Long.compareUnsigned(a.hi, b.hi);
    return order > 0 || (order == 0 && b.negative) ? a : b;
  }

  /** As {@link #nanOperands} for operations on {@code a} alone. */
  boolean nanOperand() {
    if (a.kind < Unpacked.QNAN) {
      return false;
    }
    if (a.kind == Unpacked.UNSUPPORTED) {
      invalid();
    } else {
      if (a.kind == Unpacked.SNAN) {
        flags |= FpFlags.IE;
      }
      r.setQuiet(a);
    }
    return true;
  }

  void invalid() {
    flags |= FpFlags.IE;
    r.setIndefinite();
  }

  void noteDenormal(Unpacked x) {
    if (x.denormal) {
      flags |= FpFlags.DE;
    }
  }

  void noteDenormals() {
    if (a.denormal || b.denormal) {
      flags |= FpFlags.DE;
    }
  }

  // ---- arithmetic

  /** {@code r = a + b}. */
  public void add() {
    begin();
    if (!nanOperands()) {
      addSigned(b.negative);
    }
  }

  /** {@code r = a - b}. */
  public void subtract() {
    begin();
    if (!nanOperands()) {
      addSigned(!b.negative);
    }
  }

  private void addSigned(boolean bNegative) {
    if (a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE) {
      boolean both = a.kind == b.kind;
      if (both && a.negative != bNegative) {
        invalid();
        return;
      }
      noteDenormals();
      r.setInfinite(a.kind == Unpacked.INFINITE ? a.negative : bNegative);
      return;
    }
    noteDenormals();
    if (a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO) {
      if (a.kind == Unpacked.FINITE) {
        r.set(a);
      } else if (b.kind == Unpacked.FINITE) {
        r.set(b);
        r.negative = bNegative;
      } else {
        r.setZero(a.negative == bNegative ? bNegative : rounding == FpFlags.DOWN);
      }
      return;
    }
    addFinite(bNegative);
  }

  private void addFinite(boolean bNegative) {
    boolean aLarger = a.exponent != b.exponent ? a.exponent > b.exponent : notBelow(a, b);
    Unpacked large = aLarger ? a : b;
    Unpacked small = aLarger ? b : a;
    boolean difference = a.negative != bNegative;
    boolean negative = aLarger ? a.negative : bNegative;
    r.set(small);
    r.shiftRightJam(large.exponent - small.exponent);
    r.exponent = large.exponent;
    r.negative = negative;
    if (difference) {
      long lo = large.lo - r.lo;
      r.hi = large.hi - r.hi - (Long.compareUnsigned(large.lo, r.lo) < 0 ? 1 : 0);
      r.lo = lo;
      if ((r.hi | r.lo) == 0) {
        r.setZero(rounding == FpFlags.DOWN);
      } else {
        r.normalize();
      }
      return;
    }
    long lo = large.lo + r.lo;
    long carry = Long.compareUnsigned(lo, r.lo) < 0 ? 1 : 0;
    long hi = large.hi + r.hi + carry;
    // large.hi has its top bit set: no carry left the sum exactly if the sum has it too.
    boolean overflow = hi >= 0 || (r.hi < 0);
    r.hi = hi;
    r.lo = lo;
    if (overflow) {
      r.shiftRightJam(1);
      r.hi |= Unpacked.TOP;
      r.exponent++;
    }
  }

  private static boolean notBelow(Unpacked x, Unpacked y) {
    int order = Long.compareUnsigned(x.hi, y.hi);
    return order != 0 ? order > 0 : Long.compareUnsigned(x.lo, y.lo) >= 0;
  }

  /** {@code r = a * b}; only the upper 64 bits of the operands' significands count. */
  public void multiply() {
    begin();
    if (nanOperands()) {
      return;
    }
    boolean negative = a.negative != b.negative;
    if (a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE) {
      if (a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO) {
        invalid();
      } else {
        noteDenormals();
        r.setInfinite(negative);
      }
      return;
    }
    noteDenormals();
    if (a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO) {
      r.setZero(negative);
      return;
    }
    product(negative);
  }

  /** The product of two finite operands, exact if they have 64 significant bits. */
  private void product(boolean negative) {
    finite(negative, a.exponent + b.exponent + 1);
    r.hi = multiplyHigh(a.hi, b.hi);
    r.lo = a.hi * b.hi;
    r.normalize();
  }

  /**
   * {@code r = a * b + addend}, rounded only by {@link #round}. Of several NaNs {@code a} comes
   * before {@code b} before the addend; none has its sign changed. Source: SDM vol. 1, 14.5.2.
   *
   * @param negateProduct take {@code -(a * b)}
   * @param negateAddend take {@code -addend}
   */
  public void multiplyAdd(boolean negateProduct, boolean negateAddend) {
    begin();
    if (nanOfThree()) {
      return;
    }
    boolean negative = a.negative != b.negative != negateProduct;
    boolean addendNegative = addend.negative != negateAddend;
    boolean infinite = a.kind == Unpacked.INFINITE || b.kind == Unpacked.INFINITE;
    boolean zero = a.kind == Unpacked.ZERO || b.kind == Unpacked.ZERO;
    boolean opposed = addend.kind == Unpacked.INFINITE && negative != addendNegative;
    if (infinite && (zero || opposed)) {
      invalid();
      return;
    }
    noteDenormals();
    noteDenormal(addend);
    if (infinite || addend.kind == Unpacked.INFINITE) {
      r.setInfinite(infinite ? negative : addendNegative);
    } else if (zero && addend.kind == Unpacked.ZERO) {
      r.setZero(negative == addendNegative ? negative : rounding == FpFlags.DOWN);
    } else if (zero) {
      r.set(addend);
      r.negative = addendNegative;
    } else {
      product(negative);
      if (addend.kind == Unpacked.FINITE) {
        a.set(r);
        b.set(addend);
        addFinite(addendNegative);
      }
    }
  }

  /** As {@link #nanOperands} for {@link #multiplyAdd}. */
  private boolean nanOfThree() {
    if (a.kind < Unpacked.QNAN && b.kind < Unpacked.QNAN && addend.kind < Unpacked.QNAN) {
      return false;
    }
    boolean signaling =
        a.kind == Unpacked.SNAN || b.kind == Unpacked.SNAN || addend.kind == Unpacked.SNAN;
    if (signaling) {
      flags |= FpFlags.IE;
    }
    r.setQuiet(a.isNan() ? a : b.isNan() ? b : addend);
    return true;
  }

  void finite(boolean negative, int exponent) {
    r.kind = Unpacked.FINITE;
    r.negative = negative;
    r.exponent = exponent;
    r.denormal = false;
  }

  /** Upper half of the unsigned 128-bit product. */
  public static long multiplyHigh(long x, long y) {
    return Math.multiplyHigh(x, y) + (x >> 63 & y) + (y >> 63 & x);
  }

  /** {@code r = a / b}. */
  public void divide() {
    begin();
    if (nanOperands()) {
      return;
    }
    boolean negative = a.negative != b.negative;
    if (a.kind == b.kind && a.kind != Unpacked.FINITE) {
      invalid();
      return;
    }
    if (b.kind == Unpacked.ZERO) {
      if (a.kind == Unpacked.FINITE) {
        flags |= FpFlags.ZE;
      }
      r.setInfinite(negative);
      return;
    }
    noteDenormals();
    if (a.kind == Unpacked.INFINITE) {
      r.setInfinite(negative);
    } else if (a.kind == Unpacked.ZERO || b.kind == Unpacked.INFINITE) {
      r.setZero(negative);
    } else {
      finite(negative, a.exponent - b.exponent);
      divideFinite();
    }
  }

  private void divideFinite() {
    long y = b.hi;
    long hi = a.hi;
    long lo = 0;
    if (Long.compareUnsigned(hi, y) >= 0) {
      lo = hi << 63;
      hi >>>= 1;
    } else {
      r.exponent--;
    }
    long q = divide128(hi, lo, y);
    long rest = lo - q * y;
    // The round bit and a sticky bit: compare twice the remainder with the divisor.
    boolean half = rest < 0 || Long.compareUnsigned(rest << 1, y) >= 0;
    boolean more = half ? rest << 1 != y : rest != 0;
    r.hi = q;
    r.lo = (half ? Unpacked.TOP : 0) | (more ? 1 : 0);
  }

  /**
   * Unsigned quotient of {@code hi:lo / y}, where {@code hi < y} and the top bit of {@code y} is
   * set. Source: Knuth, The Art of Computer Programming vol. 2, 4.3.1, algorithm D, with base 2^32.
   */
  public static long divide128(long hi, long lo, long y) {
    long yHigh = y >>> 32;
    long yLow = y & 0xffffffffL;
    long q1 = digit(hi, lo >>> 32, yHigh, yLow);
    long next = (hi << 32 | lo >>> 32) - q1 * y;
    long q0 = digit(next, lo & 0xffffffffL, yHigh, yLow);
    return q1 << 32 | q0;
  }

  /** One 32-bit digit: {@code (rest * 2^32 + below) / y}. */
  private static long digit(long rest, long below, long yHigh, long yLow) {
    long q = Long.divideUnsigned(rest, yHigh);
    long left = rest - q * yHigh;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * yLow, left << 32 | below) > 0) {
      q--;
      left += yHigh;
      if (left >>> 32 != 0) {
        break;
      }
    }
    return q;
  }

  /** {@code r = sqrt(a)}. */
  public void squareRoot() {
    begin();
    if (nanOperand()) {
      return;
    }
    if (a.kind == Unpacked.ZERO) {
      r.setZero(a.negative);
      return;
    }
    if (a.negative) {
      invalid();
      return;
    }
    if (a.denormal) {
      flags |= FpFlags.DE;
    }
    if (a.kind == Unpacked.INFINITE) {
      r.setInfinite(false);
      return;
    }
    // The radicand is a 128-bit integer whose root has 64 bits.
    boolean odd = (a.exponent & 1) != 0;
    finite(false, a.exponent >> 1);
    long hi = odd ? a.hi : a.hi >>> 1;
    long lo = odd ? 0 : a.hi << 63;
    long root = root128(hi, lo);
    long restLow = lo - root * root;
    long restHigh =
        hi - multiplyHigh(root, root) - (Long.compareUnsigned(lo, root * root) < 0 ? 1 : 0);
    boolean half = restHigh != 0 || Long.compareUnsigned(restLow, root) > 0;
    r.hi = root;
    r.lo = (half ? Unpacked.TOP : 0) | ((restHigh | restLow) != 0 ? 1 : 0);
  }

  /** Integer square root of {@code hi:lo}, one of whose top two bits is set. */
  private static long root128(long hi, long lo) {
    // An estimate good to about 2^11, one Newton step, which cannot come out too small, and a fix.
    if (hi == -1) {
      return -1;
    }
    long x = (long) (Math.sqrt((double) (hi >>> 1) * 2) * 0x1p31) << 1;
    if (Long.compareUnsigned(hi, x) >= 0) {
      x = -1;
    }
    long root = x + (divide128(hi, lo, x) - x >> 1);
    while (squareAbove(root, hi, lo)) {
      root--;
    }
    return root;
  }

  private static boolean squareAbove(long root, long hi, long lo) {
    int order = Long.compareUnsigned(multiplyHigh(root, root), hi);
    return order > 0 || (order == 0 && Long.compareUnsigned(root * root, lo) > 0);
  }

  /** {@code r = a}: conversion between formats, once rounded. Quiets NaNs, notes a denormal. */
  public void convert() {
    begin();
    if (!nanOperand()) {
      if (a.denormal) {
        flags |= FpFlags.DE;
      }
      r.set(a);
    }
  }

  /** {@code r = a} as an integral value in the rounding mode; PE if that changed it. Exact. */
  public void roundToIntegral() {
    convert();
    boolean stopped = (flags & ~masks & FpFlags.BEFORE) != 0;
    if (stopped || r.kind != Unpacked.FINITE || r.exponent >= 63) {
      return;
    }
    long magnitude = roundedMagnitude(r, rounding);
    if (magnitude == 0) {
      r.setZero(r.negative);
      return;
    }
    r.hi = magnitude;
    r.lo = 0;
    r.exponent = 63;
    r.normalize();
  }

  /**
   * {@code r = a} rounded to the format of a memory operand as FST does: a denormal is not noted,
   * and nothing is stored (nor PE reported) if IE, OE or UE is unmasked. SDM vol. 1, 8.5.4 to
   * 8.5.6.
   *
   * @return whether to store {@code r}
   */
  public boolean convertForStore(Format f) {
    a.denormal = false;
    convert();
    round(f);
    boolean stopped = (flags & ~masks & (FpFlags.IE | FpFlags.OE | FpFlags.UE)) != 0;
    if (stopped) {
      flags &= ~FpFlags.PE;
      roundedUp = false;
    }
    return !stopped;
  }

  // ---- comparison and integers

  /**
   * Compares {@code a} with {@code b}.
   *
   * @param signaling whether a quiet NaN is invalid too (COMISD, FCOM), or only a signalling one
   * @return {@link #LESS}, {@link #EQUAL}, {@link #GREATER} or {@link #UNORDERED}
   */
  public int compare(boolean signaling) {
    begin();
    if (a.isNan() || b.isNan()) {
      if (signaling || a.kind > Unpacked.QNAN || b.kind > Unpacked.QNAN) {
        flags |= FpFlags.IE;
      }
      return UNORDERED;
    }
    noteDenormals();
    if (a.kind == Unpacked.ZERO && b.kind == Unpacked.ZERO) {
      return EQUAL;
    }
    if (a.kind == Unpacked.ZERO) {
      return b.negative ? GREATER : LESS;
    }
    if (b.kind == Unpacked.ZERO || a.negative != b.negative) {
      return a.negative ? LESS : GREATER;
    }
    int order = compareMagnitudes();
    return a.negative ? -order : order;
  }

  private int compareMagnitudes() {
    if (a.kind != b.kind) {
      return a.kind == Unpacked.INFINITE ? GREATER : LESS;
    }
    if (a.kind == Unpacked.INFINITE) {
      return EQUAL;
    }
    if (a.exponent != b.exponent) {
      return a.exponent > b.exponent ? GREATER : LESS;
    }
    return Long.signum(Long.compareUnsigned(a.hi, b.hi));
  }

  /**
   * {@code a} as a signed integer. Out of range or NaN: IE and the integer indefinite, the most
   * negative number. Otherwise PE if it was not integral. Denormals are not noted.
   *
   * @param bits 16, 32 or 64
   * @param mode rounding mode; truncating instructions pass {@link FpFlags#TO_ZERO}
   * @return the integer, sign-extended
   */
  public long toInteger(int bits, int mode) {
    begin();
    long indefinite = -1L << bits - 1;
    if (a.kind == Unpacked.ZERO) {
      return 0;
    }
    if (a.kind != Unpacked.FINITE || a.exponent > 63) {
      flags |= FpFlags.IE;
      return indefinite;
    }
    long magnitude = roundedMagnitude(a, mode);
    // The magnitude of the most negative number is the indefinite itself, as unsigned.
    long most = a.negative ? 1L << bits - 1 : (1L << bits - 1) - 1;
    if (Long.compareUnsigned(magnitude, most) > 0) {
      flags = FpFlags.IE;
      roundedUp = false;
      return indefinite;
    }
    return a.negative ? -magnitude : magnitude;
  }

  /** Magnitude of a finite value below 2^64, rounded to an integer; sets PE and roundedUp. */
  private long roundedMagnitude(Unpacked x, int mode) {
    int e = x.exponent;
    if (e == 63) {
      return x.hi;
    }
    long whole = e < 0 ? 0 : x.hi >>> 63 - e;
    // Fraction left-justified; below 2^-1 only "less than a half" matters.
    long fraction = e < -1 ? 1 : e == -1 ? x.hi : x.hi << e + 1;
    if (fraction == 0) {
      return whole;
    }
    flags |= FpFlags.PE;
    if (roundsUp(mode, x.negative, (whole & 1) != 0, fraction < 0, fraction << 1 != 0)) {
      roundedUp = true;
      return whole + 1;
    }
    return whole;
  }

  // ---- rounding

  private static boolean roundsUp(
      int mode, boolean negative, boolean odd, boolean half, boolean below) {
    return switch (mode) {
      case FpFlags.NEAREST -> half && (below || odd);
      case FpFlags.DOWN -> negative && (half || below);
      case FpFlags.UP -> !negative && (half || below);
      default -> false;
    };
  }

  /** Rounds {@link #r} to a format at its full precision. */
  public void round(Format f) {
    round(f, f.precision());
  }

  /**
   * Rounds {@link #r} to the exponent range of {@code f} and to {@code precision} bits.
   *
   * @param precision 24, 53 or 64, at most the format's own
   */
  public void round(Format f, int precision) {
    if (r.kind != Unpacked.FINITE || (flags & ~masks & FpFlags.BEFORE) != 0) {
      return;
    }
    boolean tiny = false;
    if (r.exponent < f.minExponent()) {
      tiny = r.exponent < f.minExponent() - 1 || !carries(precision);
      if (tiny && (masks & FpFlags.UE) == 0) {
        flags |= FpFlags.UE;
        r.exponent += f.wrap();
      } else if (tiny && flushToZero) {
        flags |= FpFlags.UE | FpFlags.PE;
        r.setZero(r.negative);
        return;
      } else {
        r.shiftRightJam(f.minExponent() - r.exponent);
        r.exponent = f.minExponent();
      }
    }
    if (roundSignificand(precision)) {
      flags |= tiny ? FpFlags.PE | FpFlags.UE : FpFlags.PE;
    }
    if (r.exponent > f.maxExponent()) {
      overflow(f, precision);
    } else if (r.hi == 0) {
      r.setZero(r.negative);
    }
  }

  /** Whether rounding to {@code precision} bits carries into the next power of two. */
  private boolean carries(int precision) {
    long unit = 1L << 64 - precision;
    if ((r.hi | unit - 1) != -1) {
      return false;
    }
    return increments(precision);
  }

  private boolean increments(int precision) {
    int drop = 64 - precision;
    boolean odd = (r.hi >>> drop & 1) != 0;
    if (drop == 0) {
      return roundsUp(rounding, r.negative, odd, r.lo < 0, r.lo << 1 != 0);
    }
    long rest = r.hi << precision;
    return roundsUp(rounding, r.negative, odd, rest < 0, (rest << 1 | r.lo) != 0);
  }

  /** Rounds the significand, true if that was inexact. */
  private boolean roundSignificand(int precision) {
    int drop = 64 - precision;
    long unit = 1L << drop;
    boolean inexact = (r.hi & unit - 1 | r.lo) != 0;
    if (!inexact) {
      return false;
    }
    boolean up = increments(precision);
    boolean normal = r.hi < 0;
    r.hi &= -unit;
    r.lo = 0;
    if (up) {
      roundedUp = true;
      r.hi += unit;
      if (normal && r.hi >= 0) {
        r.hi = Unpacked.TOP;
        r.exponent++;
      }
    }
    return true;
  }

  private void overflow(Format f, int precision) {
    flags |= FpFlags.OE;
    if ((masks & FpFlags.OE) == 0) {
      r.exponent -= f.wrap();
      return;
    }
    flags |= FpFlags.PE;
    roundedUp = roundsUp(rounding, r.negative, true, true, true);
    if (roundedUp) {
      r.setInfinite(r.negative);
    } else {
      r.hi = -1L << 64 - precision;
      r.exponent = f.maxExponent();
    }
  }
}
