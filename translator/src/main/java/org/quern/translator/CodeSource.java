package org.quern.translator;

import org.quern.x86.decode.Insn;

/**
 * Where the translator reads guest code. Offsets count from the start of the page that the region
 * begins in; below 0 and from 4096 on they lie in other pages, which a source may offer or not.
 */
@FunctionalInterface
public interface CodeSource {
  /** The instruction at an offset, or null if it does not lie wholly in pages that are offered. */
  Insn at(int offset);

  /** Default operand and address size of the code: 64, or 32 for flat 32-bit code. */
  default int codeSize() {
    return 64;
  }

  /**
   * Whether the instruction at an offset is offered and known to have been reached. Code behind a
   * branch that was never taken is left out of a region that is made to be fast.
   */
  default boolean reached(int offset) {
    return offset >>> 12 == 0;
  }

  /** Offsets that the indirect jump or call at an offset has led to, most frequent first. */
  default int[] targets(int offset) {
    return new int[0];
  }
}
