package org.quern.cli.difftest;

import org.quern.x86.decode.Insn;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Reg;

/** Where the memory operand of a case lies. */
final class EffectiveAddress {
  private EffectiveAddress() {}

  /**
   * Linear address by registers.
   *
   * @param gpr registers by number; slot {@link Reg#ZERO} is 0
   * @param next address of the next instruction
   */
  static long of(Insn i, long[] gpr, long next) {
    long base = i.base == Reg.RIP ? next : gpr[i.base];
    long a = base + (gpr[i.index] << i.scale) + i.disp;
    if (i.addrSize == 32) {
      a &= 0xffffffffL;
    }
    return a + segmentBase(i);
  }

  /** Base of the segment of the memory operand. */
  static long segmentBase(Insn i) {
    return i.segment == Reg.FS ? Layout.FS_BASE : i.segment == Reg.GS ? 2 * Layout.FS_BASE : 0;
  }

  /**
   * Linear address by the inputs of a case.
   *
   * @param testCase host address of the case
   */
  static long of(CodeSlot slot, long testCase) {
    long[] gpr = new long[Reg.ZERO + 1];
    for (int r = 0; r < 16; r++) {
      gpr[r] = HostMemory.getLong(testCase + Layout.inGpr(r));
    }
    return of(slot.insn, gpr, slot.next());
  }
}
