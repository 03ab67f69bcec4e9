package org.quern.x86.semantics;

/** Values of BMI1 and BMI2 that need more than an operator of Java. Source: SDM vol. 2. */
public final class BitManipulation {
  private BitManipulation() {}

  /** PDEP: the low bits of {@code a} at the places that {@code mask} marks. */
  public static long pdep(long a, long mask) {
    long r = 0;
    long left = mask;
    for (long bit = 1; left != 0; bit <<= 1) {
      if ((a & bit) != 0) {
        r |= left & -left;
      }
      left &= left - 1;
    }
    return r;
  }

  /** PEXT: the bits of {@code a} that {@code mask} marks, moved together at the low end. */
  public static long pext(long a, long mask) {
    long r = 0;
    long left = mask;
    for (long bit = 1; left != 0; bit <<= 1) {
      if ((a & left & -left) != 0) {
        r |= bit;
      }
      left &= left - 1;
    }
    return r;
  }

  /**
   * BEXTR: a field of {@code a}; bits 0 to 7 of {@code control} are its start, 8 to 15 its length.
   */
  public static long bextr(long a, long control) {
    int start = (int) control & 0xff;
    return bzhi(start < 64 ? a >>> start : 0, control >>> 8);
  }

  /** BZHI: the low bits of {@code a}, as many as the low byte of {@code n} says. */
  public static long bzhi(long a, long n) {
    int length = (int) n & 0xff;
    return length < 64 ? a & (1L << length) - 1 : a;
  }
}
