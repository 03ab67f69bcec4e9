package org.quern.x86.state;

import java.util.Arrays;

/**
 * Power-on, RESET and INIT. Source: SDM vol. 3A, table 10-1 (state after power-up, reset, INIT).
 */
public final class CpuReset {
  private CpuReset() {}

  /** State after power-up or RESET. */
  public static void powerOn(Cpu c) {
    init(c);
    if (c.vmx != null) {
      c.vmx.reset();
    }
    c.cr0 = Cr.CR0_CD | Cr.CR0_NW | Cr.CR0_ET;
    Arrays.fill(c.vec, 0);
    c.mxcsr = 0x1f80;
    c.pkru = 0;
    c.xcr0 = 1;
    c.fpu.reset();
    c.msr.reset();
    c.nmiBlocked = false;
    c.activity = Cpu.Activity.ACTIVE;
  }

  /** State after INIT: as RESET, but x87, SSE, most MSRs and CR0.CD/NW are kept. */
  public static void init(Cpu c) {
    Arrays.fill(c.gpr, 0);
    c.gpr[Reg.RDX] = c.model.signature();
    c.rip = 0xfff0;
    c.eflags = RFlags.FIXED;
    c.setStatusFlags(0);
    c.cr0 = c.cr0 & (Cr.CR0_CD | Cr.CR0_NW) | Cr.CR0_ET;
    c.cr2 = 0;
    c.cr3 = 0;
    c.cr4 = 0;
    c.efer = 0;
    int data = Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED;
    for (Segment s : c.seg) {
      s.set(0, 0, 0xffff, data, true);
    }
    c.seg[Reg.CS].set(0xf000, 0xffff0000L, 0xffff, data | Segment.CODE, true);
    c.ldtr.set(0, 0, 0xffff, Segment.P | 2, true);
    c.tr.set(0, 0, 0xffff, Segment.P | 11, true);
    c.gdtBase = 0;
    c.gdtLimit = 0xffff;
    c.idtBase = 0;
    c.idtLimit = 0xffff;
    Arrays.fill(c.dr, 0);
    c.dr[6] = 0xffff0ff0L;
    c.dr[7] = 0x400;
    c.shadow = Cpu.Shadow.NONE;
    c.pendingDebug = 0;
    c.monitored.disarm();
    c.shutdownReason = null;
    c.cpl = 0;
    c.mmu.debugRegistersChanged();
    c.mmu.flushBanks();
    c.mmu.selectContext();
    CpuMode.update(c);
  }

  /** A start-up IPI: a processor that waits for one begins in real mode at the start of a page. */
  public static void startup(Cpu c, int vector) {
    c.seg[Reg.CS].selector = vector << 8;
    c.seg[Reg.CS].base = (long) vector << 12;
    c.rip = 0;
    c.activity = Cpu.Activity.ACTIVE;
  }
}
