package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * An op with a memory operand in a flat mode (64-bit, or 32-bit with 4 GiB segments): the address
 * is base + index * scale + displacement under a mask, FS and GS add their base.
 */
abstract class MemOp extends Op {
  private static final int PLAIN = 0;
  private static final int RIP_RELATIVE = 1;
  private static final int SEGMENT = 2;

  private static final long NARROW = 0xffffffffL;

  private final byte base;
  private final byte index;
  private final byte scale;
  private final byte kind;
  private final byte segment;
  private final long disp;
  private final boolean narrow;

  MemOp(Insn i, int offset) {
    boolean rip = i.base == Reg.RIP;
    base = (byte) (rip ? Reg.ZERO : i.base);
    index = (byte) i.index;
    scale = (byte) i.scale;
    segment = (byte) i.segment;
    disp = rip ? i.disp + offset + i.length : i.disp;
    narrow = i.addrSize != 64;
    kind = (byte) (i.segment >= Reg.FS ? SEGMENT : rip ? RIP_RELATIVE : PLAIN);
  }

  /**
   * Whether the memory operand of an instruction can be addressed this way. Outside 64-bit mode FS
   * and GS have limits, and CS cannot be written.
   */
  static boolean suits(Insn i, CodeMode mode) {
    return mode == CodeMode.LONG64
        ? i.addrSize >= 32 && !(i.base == Reg.RIP && i.segment >= Reg.FS)
        : i.addrSize == 32 && i.segment < Reg.FS && i.segment != Reg.CS;
  }

  final long address(Cpu c, Core k) {
    long[] g = c.gpr;
    long a = g[base] + (g[index] << scale) + disp;
    return kind == PLAIN ? narrow ? a & NARROW : a : special(a, c, k);
  }

  private long special(long a, Cpu c, Core k) {
    long mask = narrow ? NARROW : -1;
    return kind == SEGMENT ? (a & mask) + c.seg[segment].base : a + k.codeBase & mask;
  }
}
