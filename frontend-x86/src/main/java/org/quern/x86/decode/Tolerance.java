package org.quern.x86.decode;

/** How exactly the manual defines the result of an instruction. */
public enum Tolerance {
  /** To the last bit. */
  EXACT,

  /**
   * A relative error up to 1.5 * 2<sup>-12</sup>, chosen by the processor. SDM vol. 2B, RCPPS and
   * RSQRTPS.
   */
  RECIPROCAL,

  /**
   * Within one unit in the last place; C1, which tells whether the result was rounded up, follows
   * it. SDM vol. 1, 8.3.10.
   */
  TRANSCENDENTAL;

  /** The tolerance of all forms of a mnemonic. */
  public static Tolerance of(Mnemonic m) {
    return switch (m) {
      case RCPPS, RCPSS, RSQRTPS, RSQRTSS, VRCPPS, VRCPSS, VRSQRTPS, VRSQRTSS -> RECIPROCAL;
      case F2XM1, FYL2X, FYL2XP1, FPTAN, FPATAN, FSIN, FCOS, FSINCOS -> TRANSCENDENTAL;
      default -> EXACT;
    };
  }
}
