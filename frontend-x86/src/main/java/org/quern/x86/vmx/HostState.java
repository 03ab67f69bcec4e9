package org.quern.x86.vmx;

import org.quern.x86.mmu.PageWalker;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** Loading the host state at a VM exit. Source: SDM vol. 3C, 28.5. */
final class HostState {
  /** Bits of CR0 that a VM exit leaves alone: ET, NW, CD. */
  private static final long CR0_KEPT = Cr.CR0_ET | Cr.CR0_NW | Cr.CR0_CD;

  private static final int DATA =
      Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED | Segment.DB | Segment.G;

  private HostState() {}

  /** Returns false if the PDPTEs are bad: a VMX abort. */
  static boolean load(Cpu c, Vmcs s) {
    int controls = s.get32(VmcsField.EXIT_CONTROLS);
    boolean wide = (controls & Controls.EXIT_HOST_64) != 0;
    c.cr0 = c.cr0 & CR0_KEPT | s.get(VmcsField.HOST_CR0) & ~CR0_KEPT & c.writable.cr0();
    c.cr3 = s.get(VmcsField.HOST_CR3);
    c.cr4 = s.get(VmcsField.HOST_CR4) | (wide ? Cr.CR4_PAE : 0);
    c.dr[7] = 0x400;
    c.msr.sysenterCs = s.get(VmcsField.HOST_SYSENTER_CS);
    c.msr.sysenterEsp = s.get(VmcsField.HOST_SYSENTER_ESP);
    c.msr.sysenterEip = s.get(VmcsField.HOST_SYSENTER_EIP);
    long lm = Cr.EFER_LMA | Cr.EFER_LME;
    c.efer = c.efer & ~lm | (wide ? lm : 0);
    if ((controls & Controls.EXIT_LOAD_PAT) != 0) {
      c.msr.pat = s.get(VmcsField.HOST_PAT);
    }
    if ((controls & Controls.EXIT_LOAD_PKRS) != 0) {
      c.msr.pkrs = s.get32(VmcsField.HOST_PKRS);
    }
    if ((controls & Controls.EXIT_LOAD_EFER) != 0) {
      c.efer = s.get(VmcsField.HOST_EFER);
    }
    int cs = DATA & ~Segment.DB | Segment.CODE | (wide ? Segment.L : Segment.DB);
    c.seg[Reg.CS].set((int) s.get(VmcsField.HOST_CS_SELECTOR), 0, -1, cs, true);
    for (int n : new int[] {Reg.ES, Reg.SS, Reg.DS, Reg.FS, Reg.GS}) {
      int selector = (int) s.get(VmcsField.HOST_ES_SELECTOR, n);
      c.seg[n].set(selector, 0, selector == 0 ? 0 : -1, selector == 0 ? 0 : DATA, selector != 0);
    }
    c.seg[Reg.FS].base = s.get(VmcsField.HOST_FS_BASE);
    c.seg[Reg.GS].base = s.get(VmcsField.HOST_GS_BASE);
    int tr = (int) s.get(VmcsField.HOST_TR_SELECTOR);
    c.tr.set(tr, s.get(VmcsField.HOST_TR_BASE), 0x67, Segment.P | 11, true);
    c.ldtr.set(0, 0, 0, 0, false);
    c.gdtBase = s.get(VmcsField.HOST_GDTR_BASE);
    c.gdtLimit = 0xffff;
    c.idtBase = s.get(VmcsField.HOST_IDTR_BASE);
    c.idtLimit = 0xffff;
    c.rip = s.get(VmcsField.HOST_RIP);
    c.gpr[Reg.RSP] = s.get(VmcsField.HOST_RSP);
    c.setRflags(RFlags.FIXED);
    c.shadow = Cpu.Shadow.NONE;
    c.pendingDebug = 0;
    c.mmu.banks.enterHost();
    c.mmu.debugRegistersChanged();
    c.setCpl(0);
    CpuMode.update(c);
    return !PageWalker.usesPdptes(c) || c.mmu.walker.loadPdptes(c.cr3);
  }
}
