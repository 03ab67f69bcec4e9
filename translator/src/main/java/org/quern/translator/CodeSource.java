package org.quern.translator;

import org.quern.x86.decode.Insn;

/** Where the translator reads guest code: one page, by offset. */
@FunctionalInterface
public interface CodeSource {
  /** The instruction at an offset of the page, or null if it is not wholly inside the page. */
  Insn at(int offset);
}
