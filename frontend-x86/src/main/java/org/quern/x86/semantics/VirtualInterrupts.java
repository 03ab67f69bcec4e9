package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Virtual-8086 mode extensions: INT n that stays inside the virtual machine. Source: SDM vol. 3B,
 * 20.3 (interrupt redirection bitmap, methods 5 and 6).
 */
final class VirtualInterrupts {
  /** Where a 32-bit TSS keeps the offset of its I/O permission bitmap: SDM vol. 3A, figure 8-2. */
  private static final int IO_MAP_BASE = 102;

  private VirtualInterrupts() {}

  /** Whether the redirection bitmap sends {@code vector} to the monitor. */
  static boolean intercepted(Cpu c, int vector) {
    long limit = c.tr.limit & 0xffffffffL;
    if (!InnerStack.wideTss(c) || limit < IO_MAP_BASE + 1) {
      throw c.gp(0);
    }
    int map = c.mmu.readSystem16(c.tr.base + IO_MAP_BASE & 0xffffffffL);
    // The 32 bytes just below the I/O map.
    long at = map - 32L + (vector >> 3);
    if (at < 0 || at > limit) {
      throw c.gp(0);
    }
    return (c.mmu.readSystem8(c.tr.base + at & 0xffffffffL) >> (vector & 7) & 1) != 0;
  }

  /** Delivers through the virtual machine's own table at linear address 0. */
  static void redirect(Cpu c, int vector) {
    int flags = c.rflags();
    int pushed = flags;
    boolean virtual = c.iopl() < 3;
    if (virtual) {
      pushed |= RFlags.IOPL;
      pushed = (flags & RFlags.VIF) != 0 ? pushed | RFlags.IF : pushed & ~RFlags.IF;
    }
    int ip = c.mmu.read16(4L * vector);
    int cs = c.mmu.read16(4L * vector + 2);
    Segment ss = c.seg[Reg.SS];
    long sp = c.gpr[Reg.RSP];
    sp = InnerStack.push(c, ss, sp, 2, pushed, 0, false);
    sp = InnerStack.push(c, ss, sp, 2, c.seg[Reg.CS].selector, 0, false);
    sp = InnerStack.push(c, ss, sp, 2, c.rip, 0, false);
    Stack.setPointer(c, sp);
    SegmentLoad.loadReal(c, Reg.CS, cs);
    c.rip = ip;
    int off = RFlags.TF | RFlags.RF | (virtual ? RFlags.VIF : RFlags.IF);
    c.setSystemFlags(c.eflags & ~off);
  }
}
