package org.quern.accel.api;

import org.quern.x86.mmu.PageWalker;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Reg;

/**
 * Copies between the accelerator-neutral {@link CpuState} and a {@link Cpu}, the processor as the
 * front end's semantics know it. The processor must not be running.
 */
public final class CpuStates {
  private CpuStates() {}

  /** A copy of all architectural state. */
  public static CpuState take(Cpu c) {
    CpuState s = new CpuState();
    take(c, s);
    return s;
  }

  /** The same into an object that exists; allocates nothing. */
  public static void take(Cpu c, CpuState s) {
    System.arraycopy(c.gpr, 0, s.gpr, 0, 16);
    s.rip = c.rip;
    s.rflags = c.rflags();
    for (int i = 0; i < s.seg.length; i++) {
      s.seg[i].copyFrom(c.seg[i]);
    }
    s.ldtr.copyFrom(c.ldtr);
    s.tr.copyFrom(c.tr);
    s.gdtBase = c.gdtBase;
    s.gdtLimit = c.gdtLimit;
    s.idtBase = c.idtBase;
    s.idtLimit = c.idtLimit;
    s.cr0 = c.cr0;
    s.cr2 = c.cr2;
    s.cr3 = c.cr3;
    s.cr4 = c.cr4;
    s.cr8 = c.interrupts.taskPriority();
    s.efer = c.efer;
    s.xcr0 = c.xcr0;
    System.arraycopy(c.dr, 0, s.dr, 0, 8);
    s.fpu.copyFrom(c.fpu);
    System.arraycopy(c.vec, 0, s.vec, 0, s.vec.length);
    s.mxcsr = c.mxcsr;
    s.pkru = c.pkru;
    s.msr.copyFrom(c.msr);
    s.halted = c.activity == Cpu.Activity.HALTED;
    s.waitForSipi = c.activity == Cpu.Activity.WAIT_FOR_SIPI;
    s.shadow = c.shadow;
    s.nmiBlocked = c.nmiBlocked;
    s.pendingNmis = c.waitingNmis();
    s.pendingDebug = c.pendingDebug;
    if (c.vmx == null) {
      s.vmx.clear();
    } else {
      c.vmx.save(s.vmx);
    }
  }

  /** Loads all architectural state, and what is derived from it. */
  public static void load(Cpu c, CpuState s) {
    System.arraycopy(s.gpr, 0, c.gpr, 0, 16);
    c.rip = s.rip;
    for (int i = 0; i < s.seg.length; i++) {
      c.seg[i].copyFrom(s.seg[i]);
    }
    c.ldtr.copyFrom(s.ldtr);
    c.tr.copyFrom(s.tr);
    c.gdtBase = s.gdtBase;
    c.gdtLimit = s.gdtLimit;
    c.idtBase = s.idtBase;
    c.idtLimit = s.idtLimit;
    c.cr0 = s.cr0;
    c.cr2 = s.cr2;
    c.cr3 = s.cr3;
    c.cr4 = s.cr4;
    c.interrupts.taskPriority((int) s.cr8);
    c.efer = s.efer;
    c.xcr0 = s.xcr0;
    System.arraycopy(s.dr, 0, c.dr, 0, 8);
    c.fpu.copyFrom(s.fpu);
    System.arraycopy(s.vec, 0, c.vec, 0, s.vec.length);
    c.mxcsr = s.mxcsr;
    c.pkru = s.pkru;
    c.msr.copyFrom(s.msr);
    c.activity =
        s.waitForSipi
            ? Cpu.Activity.WAIT_FOR_SIPI
            : s.halted ? Cpu.Activity.HALTED : Cpu.Activity.ACTIVE;
    c.setRflags((int) s.rflags);
    // In protected mode the processor's privilege is the DPL of SS; V86 is always 3.
    c.setCpl(c.v86() ? 3 : c.realMode() ? 0 : c.seg[Reg.SS].dpl());
    c.nmiBlocked = s.nmiBlocked;
    // An NMI that has come meanwhile stays; only a reset forgets it.
    c.waitingNmis(Math.max(s.pendingNmis, c.waitingNmis()));
    c.pendingDebug = s.pendingDebug;
    if (s.pendingDebug != 0) {
      c.request(Cpu.REQ_STEP);
    }
    if (s.shadow != 0) {
      c.startShadow(s.shadow);
    } else {
      c.shadow = 0;
    }
    c.mmu.flushBanks();
    c.mmu.debugRegistersChanged();
    if (c.vmx != null) {
      c.vmx.load(s.vmx);
    }
    if (PageWalker.usesPdptes(c)) {
      c.mmu.walker.loadPdptes(c.cr3);
    }
    CpuMode.update(c);
  }
}
