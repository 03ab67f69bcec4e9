package org.quern.accel.software;

import org.quern.x86.semantics.Segmentation;
import org.quern.x86.state.Cpu;

/** What decoded ops depend on besides the bytes: the part of the processor mode in a page's key. */
enum CodeMode {
  /** 64-bit mode. */
  LONG64(64),
  /** 32-bit code with flat segments, see {@link Segmentation#flat}. */
  FLAT32(32),
  /** Any other 32-bit code. */
  SEGMENTED32(32),
  /** 16-bit code in protected mode. */
  SEGMENTED16(16),
  /** Real and virtual-8086 mode: some encodings are undefined there. */
  REAL16(16);

  /** Default operand and address size in bits. */
  final int codeSize;

  /** Ordinals fit into this many bits. */
  static final int BITS = 3;

  CodeMode(int codeSize) {
    this.codeSize = codeSize;
  }

  /** Whether code is translated when it is hot. */
  boolean translated() {
    return this == LONG64 || this == FLAT32;
  }

  /** The mode a processor is in. */
  static CodeMode of(Cpu c) {
    if (c.longMode) {
      return LONG64;
    }
    if (c.codeSize == 16) {
      return c.protectedMode ? SEGMENTED16 : REAL16;
    }
    return Segmentation.flat(c) ? FLAT32 : SEGMENTED32;
  }
}
