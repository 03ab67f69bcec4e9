package org.quern.x86.semantics;

import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.fp.Format;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * SSE floating point on single values: encodings in, encoding out, exceptions collected in {@code
 * Cpu.soft.accrued} until {@link #finish} ends the instruction.
 *
 * <p>Each method first tries Java's own arithmetic, which is right if rounding is to nearest, every
 * exception is masked, no operand is a NaN or denormal, the result is normal (or an exact zero),
 * and PE is set already or the result can be seen to be exact. Anything else goes through {@link
 * SoftFloat}. The commonest case (PE set, normal result) is in the small methods themselves, so
 * that the compiler puts it into translated code. Source: SDM vol. 1, 11.5.
 */
public final class SseMath {
  // MXCSR: SDM vol. 1, figure 10-3
  static final int DAZ = 1 << 6;
  static final int MASKS = 0x1f80;
  static final int MASK_SHIFT = 7;
  static final int ROUNDING = 3 << 13;
  static final int ROUNDING_SHIFT = 13;
  static final int FTZ = 1 << 15;

  /** PE is set and masked. */
  private static final int INEXACT_IS_FREE = FpFlags.PE << MASK_SHIFT | FpFlags.PE;

  private static final long ABS64 = Long.MAX_VALUE;
  private static final int ABS32 = Integer.MAX_VALUE;

  private SseMath() {}

  // ---- the end of an instruction

  /**
   * Sets the flags of the exceptions of this instruction and raises #XM (or #UD without
   * CR4.OSXMMEXCPT) if one is unmasked. Call before the destination is written.
   */
  public static void finish(Cpu c) {
    if (c.soft.accrued != 0) {
      raise(c);
    }
  }

  private static void raise(Cpu c) {
    int flags = c.soft.accrued;
    c.soft.accrued = 0;
    int enabled = ~(c.mxcsr >> MASK_SHIFT);
    if ((flags & enabled & FpFlags.BEFORE) != 0) {
      // Nothing is computed then, in any lane.
      flags &= FpFlags.BEFORE;
    }
    c.mxcsr |= flags;
    if ((flags & enabled) != 0) {
      throw (c.cr4 & Cr.CR4_OSXMMEXCPT) != 0 ? c.raise(Vector.XM) : c.ud();
    }
  }

  // ---- when the fast path is right

  /** Round to nearest with every exception masked. */
  private static boolean simple(int mxcsr) {
    return (mxcsr & (ROUNDING | MASKS)) == MASKS;
  }

  private static boolean inexactIsFree(int mxcsr) {
    return (mxcsr & FpFlags.PE) != 0;
  }

  /** Not denormal. */
  private static boolean plain64(long v) {
    return (v & 0x7ffL << 52) != 0 || (v & ABS64) == 0;
  }

  private static boolean plain32(int v) {
    return (v & 0xff << 23) != 0 || (v & ABS32) == 0;
  }

  /** Finite and above the smallest binade, so surely not tiny before rounding. */
  private static boolean normal64(long v) {
    int e = (int) (v >>> 52) & 0x7ff;
    return e >= 2 && e < 0x7ff;
  }

  private static boolean normal32(int v) {
    int e = v >>> 23 & 0xff;
    return e >= 2 && e < 0xff;
  }

  // ---- arithmetic

  /** One operation; a square root is of {@code b}. */
  static long arithmetic64(Cpu c, FpOp op, long a, long b) {
    int mxcsr = c.mxcsr;
    if (simple(mxcsr) && plain64(a) && plain64(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      double z = op.nearest(x, y);
      long r = Double.doubleToRawLongBits(z);
      if (normal64(r) ? inexactIsFree(mxcsr) || op.exact(x, y, z) : z == 0 && (x == 0 || y == 0)) {
        return r;
      }
    }
    SoftFloat f = load64(c, a, b);
    op.soft(f);
    return rounded64(f);
  }

  static int arithmetic32(Cpu c, FpOp op, int a, int b) {
    int mxcsr = c.mxcsr;
    if (simple(mxcsr) && plain32(a) && plain32(b)) {
      double x = Float.intBitsToFloat(a);
      double y = Float.intBitsToFloat(b);
      double z = op.nearest(x, y);
      float w = (float) z;
      int r = Float.floatToRawIntBits(w);
      boolean right =
          normal32(r)
              ? inexactIsFree(mxcsr) || (w == z && op.exact(x, y, z))
              : w == 0 && (x == 0 || y == 0);
      if (right) {
        return r;
      }
    }
    SoftFloat f = load32(c, a, b);
    op.soft(f);
    return rounded32(f);
  }

  static SoftFloat control(Cpu c) {
    SoftFloat f = c.soft;
    int m = c.mxcsr;
    f.control((m & ROUNDING) >> ROUNDING_SHIFT, m >> MASK_SHIFT, (m & FTZ) != 0, false);
    return f;
  }

  static SoftFloat load64(Cpu c, long a, long b) {
    SoftFloat f = control(c);
    f.a.set64(a);
    f.b.set64(b);
    applyDaz(c, f);
    return f;
  }

  static SoftFloat load32(Cpu c, int a, int b) {
    SoftFloat f = control(c);
    f.a.set32(a);
    f.b.set32(b);
    applyDaz(c, f);
    return f;
  }

  private static void applyDaz(Cpu c, SoftFloat f) {
    if ((c.mxcsr & DAZ) != 0) {
      f.a.denormalsAreZero();
      f.b.denormalsAreZero();
    }
  }

  static long rounded64(SoftFloat f) {
    f.round(Format.BINARY64);
    f.accrued |= f.flags;
    return f.r.to64();
  }

  static int rounded32(SoftFloat f) {
    f.round(Format.BINARY32);
    f.accrued |= f.flags;
    return f.r.to32();
  }

  // ---- comparison

  /** As {@link SoftFloat#compare}. */
  public static int compare64(Cpu c, long a, long b, boolean signaling) {
    if (plain64(a) && plain64(b)) {
      double x = Double.longBitsToDouble(a);
      double y = Double.longBitsToDouble(b);
      if (x < y) {
        return SoftFloat.LESS;
      } else if (x > y) {
        return SoftFloat.GREATER;
      } else if (x == y) {
        return SoftFloat.EQUAL;
      }
    }
    return softCompare(load64(c, a, b), signaling);
  }

  public static int compare32(Cpu c, int a, int b, boolean signaling) {
    if (plain32(a) && plain32(b)) {
      float x = Float.intBitsToFloat(a);
      float y = Float.intBitsToFloat(b);
      if (x < y) {
        return SoftFloat.LESS;
      } else if (x > y) {
        return SoftFloat.GREATER;
      } else if (x == y) {
        return SoftFloat.EQUAL;
      }
    }
    return softCompare(load32(c, a, b), signaling);
  }

  private static int softCompare(SoftFloat f, boolean signaling) {
    int order = f.compare(signaling);
    f.accrued |= f.flags;
    return order;
  }

  /**
   * CMPSD and a lane of CMPPD: all ones or zero.
   *
   * @param predicate 0 to 31; SDM vol. 2A, CMPPD, tables 3-1 and 3-9
   */
  public static long cmp64(Cpu c, long a, long b, int predicate) {
    return holds(compare64(c, a, b, signals(predicate)), predicate) ? -1 : 0;
  }

  /** As {@link #cmp64} for CMPSS and CMPPS. */
  public static int cmp32(Cpu c, int a, int b, int predicate) {
    return holds(compare32(c, a, b, signals(predicate)), predicate) ? -1 : 0;
  }

  /** LT, LE, GE, GT and their opposites raise IE on a quiet NaN too; bit 4 changes that. */
  private static boolean signals(int predicate) {
    return ((predicate & 3) == 1 || (predicate & 3) == 2) == ((predicate & 16) == 0);
  }

  /**
   * Four bits for each predicate modulo 16: whether it holds for less, equal, greater, unordered.
   */
  private static final long PREDICATES =
      0x2L // EQ
          | 0x1L << 4 // LT
          | 0x3L << 8 // LE
          | 0x8L << 12 // UNORD
          | 0xdL << 16 // NEQ
          | 0xeL << 20 // NLT
          | 0xcL << 24 // NLE
          | 0x7L << 28 // ORD
          | 0xaL << 32 // EQ or unordered
          | 0x9L << 36 // NGE
          | 0xbL << 40 // NGT
          | 0x5L << 48 // NEQ and ordered; FALSE at 44 is 0
          | 0x6L << 52 // GE
          | 0x4L << 56 // GT
          | 0xfL << 60; // TRUE

  private static boolean holds(int order, int predicate) {
    return (PREDICATES >>> 4 * (predicate & 15) >>> order + 1 & 1) != 0;
  }

  /** MIN: the second operand unless the first is less; so also for NaNs and equal zeros. */
  public static long min64(Cpu c, long a, long b) {
    return daz64(c, compare64(c, a, b, true) == SoftFloat.LESS ? a : b);
  }

  public static long max64(Cpu c, long a, long b) {
    return daz64(c, compare64(c, a, b, true) == SoftFloat.GREATER ? a : b);
  }

  public static int min32(Cpu c, int a, int b) {
    return daz32(c, compare32(c, a, b, true) == SoftFloat.LESS ? a : b);
  }

  public static int max32(Cpu c, int a, int b) {
    return daz32(c, compare32(c, a, b, true) == SoftFloat.GREATER ? a : b);
  }

  private static long daz64(Cpu c, long v) {
    return (c.mxcsr & DAZ) == 0 || plain64(v) ? v : v & ~ABS64;
  }

  private static int daz32(Cpu c, int v) {
    return (c.mxcsr & DAZ) == 0 || plain32(v) ? v : v & ~ABS32;
  }

  // ---- conversions between formats

  public static long widen(Cpu c, int a) {
    float x = Float.intBitsToFloat(a);
    if (plain32(a) && !Float.isNaN(x)) {
      return Double.doubleToRawLongBits(x);
    }
    SoftFloat f = load32(c, a, 0);
    f.convert();
    return rounded64(f);
  }

  public static int narrow(Cpu c, long a) {
    int mxcsr = c.mxcsr;
    if (simple(mxcsr) && plain64(a)) {
      double x = Double.longBitsToDouble(a);
      float y = (float) x;
      int r = Float.floatToRawIntBits(y);
      if (normal32(r) ? inexactIsFree(mxcsr) || x == y : x == 0) {
        return r;
      }
    }
    SoftFloat f = load64(c, a, 0);
    f.convert();
    return rounded32(f);
  }

  // ---- conversions from and to integers

  public static long fromInteger64(Cpu c, long v) {
    if (v >> 53 == v >> 63) {
      return Double.doubleToRawLongBits((double) v);
    }
    SoftFloat f = control(c);
    f.a.setInteger(v);
    f.convert();
    return rounded64(f);
  }

  /** A 32-bit integer as binary64: always exact. */
  public static long fromInt64(Cpu c, int v) {
    return fromInteger64(c, v);
  }

  public static int fromInteger32(Cpu c, long v) {
    if (v >> 24 == v >> 63 || (simple(c.mxcsr) && inexactIsFree(c.mxcsr))) {
      return Float.floatToRawIntBits((float) v);
    }
    SoftFloat f = control(c);
    f.a.setInteger(v);
    f.convert();
    return rounded32(f);
  }

  /** A binary64 as a signed integer of 32 or 64 bits, in MXCSR's rounding mode. */
  public static long toInteger64(Cpu c, long a, int bits) {
    return toInteger64(c, a, bits, (c.mxcsr & ROUNDING) >> ROUNDING_SHIFT);
  }

  public static long truncate64(Cpu c, long a, int bits) {
    return toInteger64(c, a, bits, FpFlags.TO_ZERO);
  }

  public static long toInteger32(Cpu c, int a, int bits) {
    return toInteger32(c, a, bits, (c.mxcsr & ROUNDING) >> ROUNDING_SHIFT);
  }

  public static long truncate32(Cpu c, int a, int bits) {
    return toInteger32(c, a, bits, FpFlags.TO_ZERO);
  }

  private static long toInteger64(Cpu c, long a, int bits, int mode) {
    if (plain64(a) && (mode == FpFlags.TO_ZERO || mode == FpFlags.NEAREST)) {
      double x = Double.longBitsToDouble(a);
      long v = (long) (mode == FpFlags.NEAREST ? Math.rint(x) : x);
      boolean inRange = bits == 32 ? v == (int) v : v != Long.MIN_VALUE && v != Long.MAX_VALUE;
      boolean free = (c.mxcsr & INEXACT_IS_FREE) == INEXACT_IS_FREE && !Double.isNaN(x);
      if (inRange && (v == x || free)) {
        return v;
      }
    }
    SoftFloat f = load64(c, a, 0);
    return softInteger(f, bits, mode);
  }

  private static long toInteger32(Cpu c, int a, int bits, int mode) {
    if (plain32(a)) {
      return toInteger64(c, Double.doubleToRawLongBits(Float.intBitsToFloat(a)), bits, mode);
    }
    SoftFloat f = load32(c, a, 0);
    return softInteger(f, bits, mode);
  }

  private static long softInteger(SoftFloat f, int bits, int mode) {
    long v = f.toInteger(bits, mode);
    f.accrued |= f.flags;
    return v;
  }

  // ---- approximations

  /**
   * RCP: Quern gives the reciprocal correctly rounded; results that would be denormal become zero.
   * The manual allows any with a relative error of at most 1.5 * 2^-12.
   */
  public static int reciprocal(int a) {
    float x = Float.intBitsToFloat(a);
    if (Float.isNaN(x)) {
      return a | 1 << 22;
    }
    return approximation(a, 1.0 / (plain32(a) ? x : Math.copySign(0.0f, x)));
  }

  /** RSQRT: as {@link #reciprocal}, of the square root. */
  public static int reciprocalRoot(int a) {
    float x = Float.intBitsToFloat(a);
    if (Float.isNaN(x)) {
      return a | 1 << 22;
    }
    if (!plain32(a) || x == 0) {
      return a & ~ABS32 | 0xff << 23;
    }
    return x < 0 ? 0xffc00000 : approximation(a, 1.0 / Math.sqrt(x));
  }

  private static int approximation(int a, double v) {
    int r = Float.floatToRawIntBits((float) v);
    return plain32(r) ? r : a & ~ABS32;
  }
}
