package org.quern.cli.difftest;

import java.util.SplittableRandom;

/**
 * What is kept of the special pages behind a case that may have used them: 32 bytes where its
 * operand lies, or beside the edge across which it lies. The pages are shared by all cases, so the
 * harness keeps that and makes the pages as they were.
 */
final class SpecialWindow {
  private static final int PAGE = 0x1000;

  private SpecialWindow() {}

  /** Whether a window may begin at a linear address. */
  static boolean readable(long at) {
    return allowed(at) && allowed(at + Layout.WINDOW_BYTES - 1);
  }

  private static boolean allowed(long at) {
    if (at < Layout.SPECIAL || at >= Layout.SPECIAL + (long) Layout.SPECIAL_PAGES * PAGE) {
      return false;
    }
    int page = (int) (at - Layout.SPECIAL) / PAGE;
    return page != Layout.SPECIAL_NOT_PRESENT && page != Layout.SPECIAL_SUPERVISOR;
  }

  /** A window for an operand near the begin of a special page; 0 if none can be read. */
  static long besideEdge(long edge, SplittableRandom random) {
    long below = edge - Layout.WINDOW_BYTES;
    boolean first = readable(below);
    boolean second = readable(edge);
    return first && (!second || random.nextBoolean()) ? below : second ? edge : 0;
  }

  /**
   * A window for an operand, or a stack, at a multiple of 64: at it, or beside its page where that
   * cannot be read, because a push at the begin of the page goes below.
   */
  static long at(long operand, SplittableRandom random) {
    return readable(operand) ? operand : besideEdge(operand & -PAGE, random);
  }

  /**
   * Writes what a window contains before a case.
   *
   * @param window its address, a multiple of 8, or 0 for none
   * @param testCase the whole case
   */
  static void initial(long window, byte[] testCase) {
    if (window == 0) {
      return;
    }
    for (int n = 0; n < Layout.WINDOW_BYTES; n++) {
      int offset = (int) (window + n - Layout.SPECIAL);
      long v = GuestImage.special(offset & -8);
      testCase[Layout.OUT_WINDOW + n] = (byte) (v >>> 8 * (offset & 7));
    }
  }
}
