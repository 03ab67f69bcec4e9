package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;

/** The sixteen conditions of Jcc, SETcc and CMOVcc. Source: SDM vol. 1, appendix B. */
public final class Cond {
  private Cond() {}

  /**
   * Whether a condition holds.
   *
   * @param cc condition code, 0 (O) to 15 (G); odd codes negate the even one below
   */
  public static boolean test(Cpu c, int cc) {
    return switch (cc) {
      case 0 -> c.of();
      case 1 -> !c.of();
      case 2 -> c.cf();
      case 3 -> !c.cf();
      case 4 -> c.zf();
      case 5 -> !c.zf();
      case 6 -> belowOrEqual(c);
      case 7 -> !belowOrEqual(c);
      case 8 -> c.sf();
      case 9 -> !c.sf();
      case 10 -> c.pf();
      case 11 -> !c.pf();
      case 12 -> less(c);
      case 13 -> !less(c);
      case 14 -> lessOrEqual(c);
      default -> !lessOrEqual(c);
    };
  }

  /** CF or ZF. */
  public static boolean belowOrEqual(Cpu c) {
    return c.ccAux < 0 || c.ccResult == 0;
  }

  /** SF is not OF. */
  public static boolean less(Cpu c) {
    long aux = c.ccAux;
    return (c.ccResult ^ aux << 63 ^ aux ^ aux << 1) < 0;
  }

  /** ZF, or SF is not OF. */
  public static boolean lessOrEqual(Cpu c) {
    return c.ccResult == 0 || less(c);
  }
}
