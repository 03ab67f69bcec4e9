package org.quern.x86.semantics;

import org.quern.x86.semantics.fp.SoftFloat;

/**
 * An arithmetic operation of SSE in its two forms: Java's own, which is IEEE 754 round-to-nearest
 * but tells nothing of exceptions, and the exact one.
 */
enum FpOp {
  ADD {
    @Override
    double nearest(double a, double b) {
      return a + b;
    }

    @Override
    boolean exact(double a, double b, double r) {
      return sumExact(a, b, r);
    }

    @Override
    void soft(SoftFloat f) {
      f.add();
    }
  },
  SUB {
    @Override
    double nearest(double a, double b) {
      return a - b;
    }

    @Override
    boolean exact(double a, double b, double r) {
      return sumExact(a, -b, r);
    }

    @Override
    void soft(SoftFloat f) {
      f.subtract();
    }
  },
  MUL {
    @Override
    double nearest(double a, double b) {
      return a * b;
    }

    @Override
    boolean exact(double a, double b, double r) {
      return productExact(a, b);
    }

    @Override
    void soft(SoftFloat f) {
      f.multiply();
    }
  },
  DIV {
    @Override
    double nearest(double a, double b) {
      return a / b;
    }

    @Override
    boolean exact(double a, double b, double r) {
      return r * b == a && productExact(r, b);
    }

    @Override
    void soft(SoftFloat f) {
      f.divide();
    }
  },
  /** Of the second operand. */
  SQRT {
    @Override
    double nearest(double a, double b) {
      return Math.sqrt(b);
    }

    @Override
    boolean exact(double a, double b, double r) {
      return r * r == b && productExact(r, r);
    }

    @Override
    void soft(SoftFloat f) {
      f.a.set(f.b);
      f.squareRoot();
    }
  };

  /**
   * Rounded to nearest. On two floats, then rounded to float: as if rounded once (53 >= 2*24+2).
   */
  abstract double nearest(double a, double b);

  /**
   * Whether {@link #nearest} gave {@code r} without rounding. May say no wrongly. The operands and
   * the result must be zero or normal.
   */
  abstract boolean exact(double a, double b, double r);

  /** The exact operation on the loaded operands. */
  abstract void soft(SoftFloat f);

  /** Knuth's two-sum: the rounding error of a sum is itself a double. */
  private static boolean sumExact(double a, double b, double r) {
    double part = r - a;
    return (a - (r - part)) + (b - part) == 0;
  }

  /** A product is exact if its factors have at most 53 significant bits together. */
  private static boolean productExact(double a, double b) {
    return trailingZeros(a) + trailingZeros(b) >= 53;
  }

  private static int trailingZeros(double v) {
    return Long.numberOfTrailingZeros(Double.doubleToRawLongBits(v) | 1L << 52);
  }
}
