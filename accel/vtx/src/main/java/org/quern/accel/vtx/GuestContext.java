package org.quern.accel.vtx;

import org.quern.x86.mmu.FlushListener;
import org.quern.x86.mmu.PageWalker;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;
import org.quern.x86.vmx.Controls;
import org.quern.x86.vmx.VmcsField;
import org.quern.x86.vmx.VmxPort;

/**
 * The state of one virtual processor, which is at any time in one of two places: in the hardware
 * (the VMCS, and what of the host's processor belongs to the guest while it runs), or in a {@link
 * Cpu} as the guest sees it, where the emulator works on it. Moves it between the two.
 *
 * <p>What the VMM keeps from the guest: CR4.VMXE and CR0.NE are 1 in the hardware whatever the
 * guest has set, and CR0.TS is 1 while the guest's FPU state is not loaded.
 */
final class GuestContext {
  // Interruptibility: SDM vol. 3C, table 25-3.
  static final int BY_STI = 1;
  static final int BY_MOV_SS = 1 << 1;
  static final int BY_NMI = 1 << 3;

  private static final int UNUSABLE = 1 << 16;
  private static final int RIGHTS = 0xf0ff;
  private static final int V86_RIGHTS = 0xf3;

  /** Pending debug exceptions: BS; an enabled breakpoint was met. SDM vol. 3C, table 25-4. */
  private static final int PENDING_BS = 1 << 14;

  private static final int PENDING_CAUSES = 0x400f;
  private static final int PENDING_BREAKPOINT = 1 << 12;

  private static final int BUSY_TSS32 = 11;
  private static final int BUSY_TSS16 = 3;

  /** Bits of CR4 that a guest may change without an exit. */
  private static final long CR4_GUEST =
      Cr.CR4_PVI
          | Cr.CR4_TSD
          | Cr.CR4_DE
          | Cr.CR4_PGE
          | Cr.CR4_PCE
          | Cr.CR4_OSFXSR
          | Cr.CR4_OSXMMEXCPT
          | Cr.CR4_FSGSBASE;

  private final Cpu host;
  private final Cpu guest;
  private final VmxPort port;
  private final long cr4Guest;
  private final boolean unrestricted;

  /** Null with EPT. */
  final ShadowTables shadow;

  /** The state is in the hardware. */
  private boolean loaded;

  /** The guest's FPU state is in the host's processor. */
  private boolean fpuLoaded;

  GuestContext(Cpu host, Cpu guest, VmxPort port, ShadowTables shadow, boolean unrestricted) {
    this.shadow = shadow;
    this.unrestricted = unrestricted;
    this.host = host;
    this.guest = guest;
    this.port = port;
    long mayChange = shadow == null ? CR4_GUEST : CR4_GUEST & ~Cr.CR4_PGE;
    this.cr4Guest = mayChange & guest.writable.cr4();
  }

  /** The guest's processor, with its state in it. */
  Cpu cpu() {
    if (loaded) {
      save();
      loaded = false;
    }
    return guest;
  }

  /** Forgets what is in the hardware: the state is about to be replaced. */
  Cpu replace() {
    loaded = false;
    flushed(FlushListener.Kind.ALL, 0);
    return guest;
  }

  /** Whether the hardware can run the guest in the mode that it is in. */
  boolean fits() {
    if (unrestricted || loaded) {
      return true;
    }
    long needed = shadow == null ? Cr.CR0_PE | Cr.CR0_PG : Cr.CR0_PE;
    return (guest.cr0 & needed) == needed;
  }

  /** The guest has emptied its TLB by an instruction that the emulator has executed. */
  void flushed(FlushListener.Kind kind, long linear) {
    int vpid = VmcsControls.vpid(host);
    switch (kind) {
      case PAGE -> port.invvpid(vpid, linear);
      case NON_GLOBAL, ALL -> port.invvpid(vpid);
    }
    if (shadow != null) {
      switch (kind) {
        case PAGE -> shadow.flushPage(linear);
        case NON_GLOBAL -> shadow.flushNonGlobal();
        case ALL -> shadow.flushAll();
      }
    }
  }

  /** A page fault of a guest with shadow tables, whose state is in the hardware. */
  ShadowTables.Outcome pageFault(long linear, int code) {
    int ac = port.vmread32(VmcsField.GUEST_RFLAGS) & RFlags.AC;
    guest.eflags = guest.eflags & ~RFlags.AC | ac;
    ShadowTables.Outcome outcome = shadow.fault(linear, code);
    port.invvpid(VmcsControls.vpid(host), linear);
    if (outcome == ShadowTables.Outcome.GUEST_FAULT) {
      host.cr2 = linear;
    }
    return outcome;
  }

  /** RFLAGS.IF. */
  boolean interruptsEnabled() {
    int flags = loaded ? port.vmread32(VmcsField.GUEST_RFLAGS) : guest.eflags;
    return (flags & RFlags.IF) != 0;
  }

  /** Puts the state into the hardware, if it is not there. */
  void load() {
    if (!loaded) {
      put();
      loaded = true;
    }
  }

  boolean loaded() {
    return loaded;
  }

  // ---- the FPU

  boolean fpuLoaded() {
    return fpuLoaded;
  }

  /** Gives the guest the FPU. The rest of the state may be in either place. */
  void loadFpu() {
    if (!fpuLoaded) {
      copyFpu(guest, host);
      fpuLoaded = true;
      if (loaded) {
        controlRegister0(guestCr0());
      }
    }
  }

  /** Takes the FPU away. */
  void saveFpu() {
    if (fpuLoaded) {
      long cr0 = loaded ? guestCr0() : 0;
      copyFpu(host, guest);
      fpuLoaded = false;
      if (loaded) {
        controlRegister0(cr0);
      }
    }
  }

  private static void copyFpu(Cpu from, Cpu to) {
    to.fpu.copyFrom(from.fpu);
    System.arraycopy(from.vec, 0, to.vec, 0, from.vec.length);
    to.mxcsr = from.mxcsr;
  }

  // ---- single registers, in the hardware

  long rip() {
    return port.vmread(VmcsField.GUEST_RIP);
  }

  /** The guest's CR0 while the state is in the hardware. */
  long guestCr0() {
    long mask = port.vmread(VmcsField.CR0_MASK);
    return port.vmread(VmcsField.GUEST_CR0) & ~mask | port.vmread(VmcsField.CR0_SHADOW) & mask;
  }

  private long guestCr4() {
    return port.vmread(VmcsField.GUEST_CR4) & cr4Guest
        | port.vmread(VmcsField.CR4_SHADOW) & ~cr4Guest;
  }

  /** What the guest has as CR0 becomes what the hardware has. */
  private void controlRegister0(long cr0) {
    long own = Cr.CR0_NE | (fpuLoaded ? 0 : Cr.CR0_TS);
    if (shadow != null) {
      own |= Cr.CR0_PE | Cr.CR0_PG | Cr.CR0_WP;
    }
    port.vmwrite(VmcsField.GUEST_CR0, cr0 | own);
    port.vmwrite(VmcsField.CR0_SHADOW, cr0);
    port.vmwrite(VmcsField.CR0_MASK, fpuLoaded ? ~Cr.CR0_TS : -1);
  }

  /** Goes on behind an instruction that has been handled: SDM vol. 3C, 28.2.4 (its length). */
  void skipInstruction() {
    long next = rip() + port.vmread(VmcsField.EXIT_INSTRUCTION_LENGTH);
    boolean wide =
        (port.vmread32(VmcsField.ENTRY_CONTROLS) & Controls.ENTRY_IA32E) != 0
            && (port.vmread32(VmcsField.GUEST_CS_ACCESS_RIGHTS) & Segment.L) != 0;
    port.vmwrite(VmcsField.GUEST_RIP, wide ? next : next & 0xffffffffL);
    int blocked = port.vmread32(VmcsField.GUEST_INTERRUPTIBILITY);
    if ((blocked & (BY_STI | BY_MOV_SS)) != 0) {
      port.vmwrite(VmcsField.GUEST_INTERRUPTIBILITY, blocked & ~(BY_STI | BY_MOV_SS));
    }
    int flags = port.vmread32(VmcsField.GUEST_RFLAGS);
    if ((flags & (RFlags.TF | RFlags.RF)) != 0) {
      port.vmwrite(VmcsField.GUEST_RFLAGS, flags & ~RFlags.RF & 0xffffffffL);
      if ((flags & RFlags.TF) != 0) {
        long pending = port.vmread(VmcsField.GUEST_PENDING_DEBUG);
        port.vmwrite(VmcsField.GUEST_PENDING_DEBUG, pending | PENDING_BS);
      }
    }
  }

  // ---- out of the hardware

  private void save() {
    System.arraycopy(host.gpr, 0, guest.gpr, 0, 16);
    guest.gpr[Reg.RSP] = port.vmread(VmcsField.GUEST_RSP);
    guest.rip = rip();
    for (int n = 0; n < 8; n++) {
      int rights = port.vmread32(VmcsField.nth(VmcsField.GUEST_ES_ACCESS_RIGHTS, n));
      segment(n)
          .set(
              (int) port.vmread(VmcsField.nth(VmcsField.GUEST_ES_SELECTOR, n)),
              port.vmread(VmcsField.nth(VmcsField.GUEST_ES_BASE, n)),
              port.vmread32(VmcsField.nth(VmcsField.GUEST_ES_LIMIT, n)),
              rights & RIGHTS,
              (rights & UNUSABLE) == 0);
    }
    guest.gdtBase = port.vmread(VmcsField.GUEST_GDTR_BASE);
    guest.gdtLimit = port.vmread32(VmcsField.GUEST_GDTR_LIMIT);
    guest.idtBase = port.vmread(VmcsField.GUEST_IDTR_BASE);
    guest.idtLimit = port.vmread32(VmcsField.GUEST_IDTR_LIMIT);
    guest.cr0 = guestCr0();
    guest.cr2 = host.cr2;
    guest.cr4 = guestCr4();
    if (shadow == null) {
      savePaging();
    }
    System.arraycopy(host.dr, 0, guest.dr, 0, 7);
    guest.dr[7] = port.vmread(VmcsField.GUEST_DR7);
    saveMsrs();
    guest.xcr0 = host.xcr0;
    guest.pkru = host.pkru;
    if (fpuLoaded) {
      copyFpu(host, guest);
    }
    int blocked = port.vmread32(VmcsField.GUEST_INTERRUPTIBILITY);
    guest.shadow =
        (blocked & BY_STI) != 0
            ? Cpu.Shadow.STI
            : (blocked & BY_MOV_SS) != 0 ? Cpu.Shadow.MOV_SS : Cpu.Shadow.NONE;
    guest.nmiBlocked = (blocked & BY_NMI) != 0;
    guest.pendingDebug = (int) port.vmread(VmcsField.GUEST_PENDING_DEBUG) & PENDING_CAUSES;
    guest.setRflags(port.vmread32(VmcsField.GUEST_RFLAGS));
    guest.setCpl(guest.seg[Reg.SS].dpl());
    guest.mmu.debugRegistersChanged();
    CpuMode.update(guest);
  }

  private void savePaging() {
    guest.cr3 = port.vmread(VmcsField.GUEST_CR3);
    guest.efer = port.vmread(VmcsField.GUEST_EFER);
    if (PageWalker.usesPdptes(guest)) {
      for (int n = 0; n < 4; n++) {
        guest.mmu.walker.pdpte[n] = port.vmread(VmcsField.nth(VmcsField.GUEST_PDPTE0, n));
      }
    }
  }

  private Segment segment(int n) {
    return n < 6 ? guest.seg[n] : n == 6 ? guest.ldtr : guest.tr;
  }

  private void saveMsrs() {
    long adjust = guest.msr.tscAdjust;
    guest.msr.copyFrom(host.msr);
    guest.msr.tscAdjust = adjust;
    guest.msr.pat = port.vmread(VmcsField.GUEST_PAT);
    guest.msr.sysenterCs = port.vmread(VmcsField.GUEST_SYSENTER_CS);
    guest.msr.sysenterEsp = port.vmread(VmcsField.GUEST_SYSENTER_ESP);
    guest.msr.sysenterEip = port.vmread(VmcsField.GUEST_SYSENTER_EIP);
  }

  // ---- into the hardware

  private void put() {
    System.arraycopy(guest.gpr, 0, host.gpr, 0, 16);
    port.vmwrite(VmcsField.GUEST_RSP, guest.gpr[Reg.RSP]);
    port.vmwrite(VmcsField.GUEST_RIP, guest.rip);
    port.vmwrite(VmcsField.GUEST_RFLAGS, guest.rflags() & 0xffffffffL);
    for (int n = 0; n < 8; n++) {
      Segment s = segment(n);
      port.vmwrite(VmcsField.nth(VmcsField.GUEST_ES_SELECTOR, n), s.selector);
      port.vmwrite(VmcsField.nth(VmcsField.GUEST_ES_BASE, n), s.base);
      port.vmwrite(VmcsField.nth(VmcsField.GUEST_ES_LIMIT, n), s.limit);
      port.vmwrite(VmcsField.nth(VmcsField.GUEST_ES_ACCESS_RIGHTS, n), rights(s, n));
    }
    port.vmwrite(VmcsField.GUEST_GDTR_BASE, guest.gdtBase);
    port.vmwrite(VmcsField.GUEST_GDTR_LIMIT, guest.gdtLimit);
    port.vmwrite(VmcsField.GUEST_IDTR_BASE, guest.idtBase);
    port.vmwrite(VmcsField.GUEST_IDTR_LIMIT, guest.idtLimit);
    controlRegister0(guest.cr0);
    host.cr2 = guest.cr2;
    port.vmwrite(VmcsField.GUEST_CR3, shadow == null ? guest.cr3 : shadow.root());
    port.vmwrite(VmcsField.GUEST_CR4, hardwareCr4());
    port.vmwrite(VmcsField.CR4_SHADOW, guest.cr4);
    port.vmwrite(VmcsField.CR4_MASK, ~cr4Guest);
    putEfer();
    System.arraycopy(guest.dr, 0, host.dr, 0, 7);
    port.vmwrite(VmcsField.GUEST_DR7, guest.dr[7]);
    putMsrs();
    host.xcr0 = guest.xcr0;
    host.pkru = guest.pkru;
    if (fpuLoaded) {
      copyFpu(guest, host);
    }
    putEvents();
    if (shadow == null && PageWalker.usesPdptes(guest)) {
      for (int n = 0; n < 4; n++) {
        port.vmwrite(VmcsField.nth(VmcsField.GUEST_PDPTE0, n), guest.mmu.walker.pdpte[n]);
      }
    }
  }

  private long hardwareCr4() {
    long cr4 = guest.cr4 & guest.writable.cr4() | Cr.CR4_VMXE;
    if (shadow == null) {
      return cr4;
    }
    // All that shadow tables map is the user's where the guest does without paging.
    long off = (guest.cr0 & Cr.CR0_PG) == 0 ? Cr.CR4_SMEP | Cr.CR4_SMAP : 0;
    return cr4 & ~(off | Cr.CR4_PCIDE) | Cr.CR4_PAE;
  }

  /** Access rights as VM entry accepts them: SDM vol. 3C, 27.3.1.2. */
  private int rights(Segment s, int n) {
    if (n < 6 && guest.v86()) {
      return V86_RIGHTS;
    }
    int rights = s.attr & RIGHTS;
    if (n == 7) {
      // Real-mode code has never loaded TR; in IA-32e mode a 16-bit TSS may still be there.
      boolean narrow = s.type() == BUSY_TSS16 && (guest.efer & Cr.EFER_LMA) == 0;
      rights = rights & ~(Segment.TYPE | Segment.S) | (narrow ? BUSY_TSS16 : BUSY_TSS32);
      return granularity(s, rights | Segment.P);
    }
    if (!s.usable) {
      return rights | UNUSABLE;
    }
    return n < 6 ? granularity(s, rights | Segment.ACCESSED) : rights;
  }

  /** The granularity bit that the limit in bytes allows for. */
  private static int granularity(Segment s, int rights) {
    if ((s.limit & 0xfff) != 0xfff) {
      return rights & ~Segment.G;
    }
    return s.limit >>> 20 != 0 ? rights | Segment.G : rights;
  }

  private void putEfer() {
    long efer = guest.efer & guest.writable.efer();
    if (shadow != null && (efer & Cr.EFER_LMA) == 0) {
      efer &= ~Cr.EFER_LME; // the hardware has paging on already
    }
    port.vmwrite(VmcsField.GUEST_EFER, efer);
    int entry = port.vmread32(VmcsField.ENTRY_CONTROLS) & ~Controls.ENTRY_IA32E;
    boolean wide = (guest.efer & Cr.EFER_LMA) != 0;
    port.vmwrite(VmcsField.ENTRY_CONTROLS, wide ? entry | Controls.ENTRY_IA32E : entry);
  }

  private void putMsrs() {
    host.msr.copyFrom(guest.msr);
    // RDTSC adds the offset; what the guest knows as IA32_TSC_ADJUST is no business of the host's.
    host.msr.tscAdjust = 0;
    port.vmwrite(VmcsField.TSC_OFFSET, guest.msr.tscAdjust);
    port.vmwrite(VmcsField.GUEST_PAT, guest.msr.pat);
    port.vmwrite(VmcsField.GUEST_SYSENTER_CS, guest.msr.sysenterCs);
    port.vmwrite(VmcsField.GUEST_SYSENTER_ESP, guest.msr.sysenterEsp);
    port.vmwrite(VmcsField.GUEST_SYSENTER_EIP, guest.msr.sysenterEip);
  }

  private void putEvents() {
    int blocked =
        switch (guest.shadow) {
          // VM entry refuses it where nothing is held back.
          case Cpu.Shadow.STI -> (guest.eflags & RFlags.IF) != 0 ? BY_STI : 0;
          case Cpu.Shadow.MOV_SS -> BY_MOV_SS;
          default -> 0;
        };
    long debug = guest.pendingDebug & PENDING_CAUSES;
    if (blocked != 0) {
      // Under a shadow VM entry wants BS to say what TF does.
      debug = (guest.eflags & RFlags.TF) != 0 ? debug | PENDING_BS : debug & ~PENDING_BS;
    }
    port.vmwrite(
        VmcsField.GUEST_PENDING_DEBUG, (debug & 15) != 0 ? debug | PENDING_BREAKPOINT : debug);
    port.vmwrite(VmcsField.GUEST_INTERRUPTIBILITY, blocked | (guest.nmiBlocked ? BY_NMI : 0));
    guest.pendingDebug = 0;
  }
}
