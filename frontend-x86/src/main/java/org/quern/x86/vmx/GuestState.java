package org.quern.x86.vmx;

import org.quern.x86.mmu.PageWalker;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * The guest-state area: loading it at VM entry, saving it at VM exit. SDM vol. 3C, 27.3.2, 28.3.
 */
final class GuestState {
  static final int UNUSABLE = 1 << 16;

  // Interruptibility: SDM vol. 3C, table 25-3.
  static final int BY_STI = 1;
  static final int BY_MOV_SS = 1 << 1;
  static final int BY_NMI = 1 << 3;

  /** A pending debug exception of an enabled breakpoint. */
  static final int ENABLED_BREAKPOINT = 1 << 12;

  private static final int ACCESS_RIGHTS = 0xf0ff;
  private static final long CR0_KEPT = Cr.CR0_ET | Cr.CR0_NW | Cr.CR0_CD;

  // Activity states: SDM vol. 3C, 25.4.2.
  static final int ACTIVE = 0;
  static final int HLT = 1;
  static final int WAIT_FOR_SIPI = 3;

  private GuestState() {}

  static Segment segment(Cpu c, int n) {
    return n < 6 ? c.seg[n] : n == 6 ? c.ldtr : c.tr;
  }

  // ---- saving

  static void save(Cpu c, Vmcs s) {
    int controls = s.get32(VmcsField.EXIT_CONTROLS);
    s.put(VmcsField.GUEST_CR0, c.cr0);
    s.put(VmcsField.GUEST_CR3, c.cr3);
    s.put(VmcsField.GUEST_CR4, c.cr4);
    if ((controls & Controls.EXIT_SAVE_DEBUG) != 0) {
      s.put(VmcsField.GUEST_DR7, c.dr[7]);
      s.put(VmcsField.GUEST_DEBUGCTL, 0);
    }
    if ((controls & Controls.EXIT_SAVE_PAT) != 0) {
      s.put(VmcsField.GUEST_PAT, c.msr.pat);
    }
    if ((controls & Controls.EXIT_SAVE_EFER) != 0) {
      s.put(VmcsField.GUEST_EFER, c.efer);
    }
    if (c.model.has(CpuFeature.PKS)) {
      s.put(VmcsField.GUEST_PKRS, c.msr.pkrs & 0xffffffffL);
    }
    s.put(VmcsField.GUEST_SYSENTER_CS, c.msr.sysenterCs);
    s.put(VmcsField.GUEST_SYSENTER_ESP, c.msr.sysenterEsp);
    s.put(VmcsField.GUEST_SYSENTER_EIP, c.msr.sysenterEip);
    for (int n = 0; n < 8; n++) {
      Segment g = segment(c, n);
      s.put(VmcsField.GUEST_ES_SELECTOR, n, g.selector);
      s.put(VmcsField.GUEST_ES_BASE, n, g.base);
      s.put(VmcsField.GUEST_ES_LIMIT, n, g.limit);
      int rights = g.attr & ACCESS_RIGHTS | (g.usable ? 0 : UNUSABLE);
      if (n == Reg.SS) {
        rights = rights & ~Segment.DPL | c.cpl << Segment.DPL_SHIFT;
      }
      s.put(VmcsField.GUEST_ES_ACCESS_RIGHTS, n, rights);
    }
    s.put(VmcsField.GUEST_GDTR_BASE, c.gdtBase);
    s.put(VmcsField.GUEST_GDTR_LIMIT, c.gdtLimit);
    s.put(VmcsField.GUEST_IDTR_BASE, c.idtBase);
    s.put(VmcsField.GUEST_IDTR_LIMIT, c.idtLimit);
    s.put(VmcsField.GUEST_RIP, c.rip);
    s.put(VmcsField.GUEST_RSP, c.gpr[Reg.RSP]);
    s.put(VmcsField.GUEST_RFLAGS, c.rflags() & 0xffffffffL);
    int shadow = c.shadow != Cpu.Shadow.NONE ? c.shadow : c.shadowNow;
    int blocked = shadow == Cpu.Shadow.STI ? BY_STI : shadow == Cpu.Shadow.MOV_SS ? BY_MOV_SS : 0;
    s.put(VmcsField.GUEST_INTERRUPTIBILITY, blocked | (c.nmiBlocked ? BY_NMI : 0));
    int debug = c.pendingDebug;
    s.put(VmcsField.GUEST_PENDING_DEBUG, (debug & 15) != 0 ? debug | ENABLED_BREAKPOINT : debug);
    s.put(
        VmcsField.GUEST_ACTIVITY,
        switch (c.activity) {
          case HALTED -> HLT;
          case WAIT_FOR_SIPI -> WAIT_FOR_SIPI;
          case ACTIVE, SHUTDOWN -> ACTIVE;
        });
    boolean wide = (c.efer & Cr.EFER_LMA) != 0;
    int entry = s.get32(VmcsField.ENTRY_CONTROLS) & ~Controls.ENTRY_IA32E;
    s.put(VmcsField.ENTRY_CONTROLS, wide ? entry | Controls.ENTRY_IA32E : entry);
    if (c.mmu.walker.ept != null && PageWalker.usesPdptes(c)) {
      for (int n = 0; n < 4; n++) {
        s.put(VmcsField.GUEST_PDPTE0, n, c.mmu.walker.pdpte[n]);
      }
    }
  }

  // ---- loading; everything has been checked. The address space is that of vpid and eptRoot

  static void load(Cpu c, Vmcs s, int controls, int vpid, long eptRoot) {
    c.cr0 = c.cr0 & CR0_KEPT | s.get(VmcsField.GUEST_CR0) & ~CR0_KEPT & c.writable.cr0();
    c.cr3 = s.get(VmcsField.GUEST_CR3);
    c.cr4 = s.get(VmcsField.GUEST_CR4);
    if ((controls & Controls.ENTRY_LOAD_DEBUG) != 0) {
      c.dr[7] = s.get(VmcsField.GUEST_DR7) & 0xffff2fffL | 0x400;
    }
    c.msr.sysenterCs = s.get(VmcsField.GUEST_SYSENTER_CS);
    c.msr.sysenterEsp = s.get(VmcsField.GUEST_SYSENTER_ESP);
    c.msr.sysenterEip = s.get(VmcsField.GUEST_SYSENTER_EIP);
    boolean wide = (controls & Controls.ENTRY_IA32E) != 0;
    if ((controls & Controls.ENTRY_LOAD_EFER) != 0) {
      c.efer = s.get(VmcsField.GUEST_EFER);
    } else {
      c.efer = c.efer & ~Cr.EFER_LMA | (wide ? Cr.EFER_LMA : 0);
      if ((c.cr0 & Cr.CR0_PG) != 0) {
        c.efer = c.efer & ~Cr.EFER_LME | (wide ? Cr.EFER_LME : 0);
      }
    }
    if ((controls & Controls.ENTRY_LOAD_PAT) != 0) {
      c.msr.pat = s.get(VmcsField.GUEST_PAT);
    }
    if ((controls & Controls.ENTRY_LOAD_PKRS) != 0) {
      c.msr.pkrs = s.get32(VmcsField.GUEST_PKRS);
    }
    for (int n = 0; n < 8; n++) {
      int rights = (int) s.get(VmcsField.GUEST_ES_ACCESS_RIGHTS, n);
      segment(c, n)
          .set(
              (int) s.get(VmcsField.GUEST_ES_SELECTOR, n),
              s.get(VmcsField.GUEST_ES_BASE, n),
              (int) s.get(VmcsField.GUEST_ES_LIMIT, n),
              rights & ACCESS_RIGHTS,
              (rights & UNUSABLE) == 0);
    }
    c.gdtBase = s.get(VmcsField.GUEST_GDTR_BASE);
    c.gdtLimit = s.get32(VmcsField.GUEST_GDTR_LIMIT);
    c.idtBase = s.get(VmcsField.GUEST_IDTR_BASE);
    c.idtLimit = s.get32(VmcsField.GUEST_IDTR_LIMIT);
    c.rip = s.get(VmcsField.GUEST_RIP);
    c.gpr[Reg.RSP] = s.get(VmcsField.GUEST_RSP);
    c.setRflags((int) s.get(VmcsField.GUEST_RFLAGS));
    int blocked = s.get32(VmcsField.GUEST_INTERRUPTIBILITY);
    c.shadow = Cpu.Shadow.NONE;
    if ((blocked & (BY_STI | BY_MOV_SS)) != 0) {
      c.startShadow((blocked & BY_STI) != 0 ? Cpu.Shadow.STI : Cpu.Shadow.MOV_SS);
    }
    c.nmiBlocked = (blocked & BY_NMI) != 0;
    c.pendingDebug = (int) s.get(VmcsField.GUEST_PENDING_DEBUG) & 0x400f;
    c.activity =
        switch (s.get32(VmcsField.GUEST_ACTIVITY)) {
          case HLT -> Cpu.Activity.HALTED;
          case WAIT_FOR_SIPI -> Cpu.Activity.WAIT_FOR_SIPI;
          default -> Cpu.Activity.ACTIVE;
        };
    c.mmu.banks.enterGuest(vpid, eptRoot);
    c.mmu.debugRegistersChanged();
    c.setCpl(s.get32(VmcsField.GUEST_SS_ACCESS_RIGHTS) >> Segment.DPL_SHIFT & 3);
    CpuMode.update(c);
  }
}
