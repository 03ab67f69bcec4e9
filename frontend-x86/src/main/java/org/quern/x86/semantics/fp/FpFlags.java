package org.quern.x86.semantics.fp;

/**
 * Floating-point exceptions and rounding modes, as MXCSR and the x87 status and control words
 * number them. Source: SDM vol. 1, 8.1.3, 8.1.5, 10.2.3.
 */
public final class FpFlags {
  /** Invalid operation. */
  public static final int IE = 1;

  /** Denormal operand. */
  public static final int DE = 1 << 1;

  /** Divide by zero. */
  public static final int ZE = 1 << 2;

  /** Overflow. */
  public static final int OE = 1 << 3;

  /** Underflow. */
  public static final int UE = 1 << 4;

  /** Precision: the result is inexact. */
  public static final int PE = 1 << 5;

  public static final int ALL = 0x3f;

  /** Detected before the operation; unmasked, they stop it: no later flag is set. */
  public static final int BEFORE = IE | DE | ZE;

  public static final int NEAREST = 0;
  public static final int DOWN = 1;
  public static final int UP = 2;
  public static final int TO_ZERO = 3;

  private FpFlags() {}
}
