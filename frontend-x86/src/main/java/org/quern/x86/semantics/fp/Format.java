package org.quern.x86.semantics.fp;

/**
 * A floating-point format: what rounding needs to know of it. Source: SDM vol. 1, table 4-3; the
 * exponent wrap of unmasked overflow and underflow is from 8.5.4.
 *
 * @param precision bits of the significand, with the integer bit
 * @param minExponent unbiased exponent of the smallest normal number
 * @param maxExponent unbiased exponent of the largest finite number
 * @param wrap what is added to or taken from an exponent that left the range, unmasked
 */
public record Format(int precision, int minExponent, int maxExponent, int wrap) {
  public static final Format BINARY16 = new Format(11, -14, 15, 24);
  public static final Format BINARY32 = new Format(24, -126, 127, 192);
  public static final Format BINARY64 = new Format(53, -1022, 1023, 1536);

  /** The x87 register format. With precision control the precision is a parameter of its own. */
  public static final Format EXTENDED = new Format(64, -16382, 16383, 24576);
}
