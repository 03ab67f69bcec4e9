package org.quern.translator;

import org.quern.x86.decode.Insn;

/** Where the translator reads guest code: one page, by offset. */
@FunctionalInterface
public interface CodeSource {
  /** The instruction at an offset of the page, or null if it is not wholly inside the page. */
  Insn at(int offset);

  /** Default operand and address size of the code: 64, or 32 for flat 32-bit code. */
  default int codeSize() {
    return 64;
  }

  /**
   * Whether the instruction at an offset is known to have been reached. Code behind a branch that
   * was never taken is left out of a region that is made to be fast.
   */
  default boolean reached(int offset) {
    return true;
  }

  /**
   * Offsets in the page that the indirect jump or call at an offset has led to, most frequent
   * first.
   */
  default int[] targets(int offset) {
    return new int[0];
  }
}
