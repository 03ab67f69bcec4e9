package org.quern.accel.software;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** What decoded ops depend on besides the bytes: the part of the processor mode in a page's key. */
enum CodeMode {
  /** 64-bit mode. */
  LONG64(64),
  /** 32-bit code; CS, DS, ES and SS have base 0 and cover 4 GiB; 32-bit stack. */
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

  /** The mode a processor is in. */
  static CodeMode of(Cpu c) {
    if (c.longMode) {
      return LONG64;
    }
    if (c.codeSize == 16) {
      return c.protectedMode ? SEGMENTED16 : REAL16;
    }
    boolean flat =
        c.stackMask == 0xffffffffL
            && c.protectedMode
            && flat(c.seg[Reg.CS], Segment.CODE | Segment.READABLE)
            && flat(c.seg[Reg.DS], Segment.WRITABLE)
            && flat(c.seg[Reg.ES], Segment.WRITABLE)
            && flat(c.seg[Reg.SS], Segment.WRITABLE);
    return flat ? FLAT32 : SEGMENTED32;
  }

  private static boolean flat(Segment s, int type) {
    int mask = Segment.CODE | Segment.WRITABLE;
    boolean down = (s.attr & (Segment.CODE | Segment.EXPAND_DOWN)) == Segment.EXPAND_DOWN;
    return s.usable && s.base == 0 && s.limit == -1 && (s.attr & mask) == type && !down;
  }
}
