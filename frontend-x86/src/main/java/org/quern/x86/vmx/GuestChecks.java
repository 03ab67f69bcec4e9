package org.quern.x86.vmx;

import java.util.List;
import java.util.stream.Stream;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * The checks on the guest-state area. Failure is a VM-entry failure with exit reason 33. Source:
 * SDM vol. 3C, 27.3.1.
 */
final class GuestChecks {
  private static final int LDTR = 6;
  private static final int TR = 7;

  /** Access rights that must be 0. */
  private static final int RIGHTS_RESERVED = 0xfffe0f00;

  private static final int V86_RIGHTS = 0xf3;
  private static final long FLAGS_RESERVED = ~0x3fffffL | 1 << 15 | 1 << 5 | 1 << 3;

  /** LBR and BTF, as WRMSR has it. */
  private static final long DEBUGCTL_DEFINED = 3;

  // Pending debug exceptions: SDM vol. 3C, table 25-4.
  private static final long DEBUG_RESERVED = ~0x1500fL;
  private static final int DEBUG_BS = 1 << 14;

  private static final List<EntryCheck> REGISTERS =
      List.of(
          new EntryCheck("CR0", e -> Vmx.cr0Allowed(e.get(VmcsField.GUEST_CR0), e.unrestricted())),
          new EntryCheck("paging needs protection", e -> !e.guestPaging() || e.guestProtected()),
          new EntryCheck("CR4", e -> Vmx.cr4Allowed(e.c, e.get(VmcsField.GUEST_CR4))),
          new EntryCheck(
              "IA32_DEBUGCTL",
              e ->
                  (e.entry & Controls.ENTRY_LOAD_DEBUG) == 0
                      || (e.get(VmcsField.GUEST_DEBUGCTL) & ~DEBUGCTL_DEFINED) == 0),
          new EntryCheck(
              "IA-32e mode needs PAE paging",
              e ->
                  !e.ia32e()
                      || (e.guestPaging() && (e.get(VmcsField.GUEST_CR4) & Cr.CR4_PAE) != 0)),
          new EntryCheck(
              "PCIDs need IA-32e mode",
              e -> e.ia32e() || (e.get(VmcsField.GUEST_CR4) & Cr.CR4_PCIDE) == 0),
          new EntryCheck("CR3", e -> e.v.goodAddress(e.get(VmcsField.GUEST_CR3), 1)),
          new EntryCheck(
              "DR7",
              e ->
                  (e.entry & Controls.ENTRY_LOAD_DEBUG) == 0
                      || e.get(VmcsField.GUEST_DR7) >>> 32 == 0),
          new EntryCheck("SYSENTER_ESP", e -> e.canonical(VmcsField.GUEST_SYSENTER_ESP)),
          new EntryCheck("SYSENTER_EIP", e -> e.canonical(VmcsField.GUEST_SYSENTER_EIP)),
          new EntryCheck(
              "PAT",
              e ->
                  (e.entry & Controls.ENTRY_LOAD_PAT) == 0
                      || EntryState.pat(e.get(VmcsField.GUEST_PAT))),
          new EntryCheck(
              "PKRS",
              e ->
                  (e.entry & Controls.ENTRY_LOAD_PKRS) == 0
                      || e.get(VmcsField.GUEST_PKRS) >>> 32 == 0),
          new EntryCheck("EFER", GuestChecks::efer),
          new EntryCheck("GDTR base", e -> e.canonical(VmcsField.GUEST_GDTR_BASE)),
          new EntryCheck("IDTR base", e -> e.canonical(VmcsField.GUEST_IDTR_BASE)),
          new EntryCheck("GDTR limit", e -> e.get(VmcsField.GUEST_GDTR_LIMIT) >>> 16 == 0),
          new EntryCheck("IDTR limit", e -> e.get(VmcsField.GUEST_IDTR_LIMIT) >>> 16 == 0));

  private static final List<EntryCheck> SEGMENTS =
      List.of(
          new EntryCheck("TR is in the GDT", e -> (e.selector(TR) & 4) == 0),
          new EntryCheck("LDTR is in the GDT", e -> !e.usable(LDTR) || (e.selector(LDTR) & 4) == 0),
          new EntryCheck(
              "SS has the RPL of CS",
              e ->
                  e.v86()
                      || e.unrestricted()
                      || (e.selector(Reg.SS) & 3) == (e.selector(Reg.CS) & 3)),
          new EntryCheck("bases", GuestChecks::bases),
          new EntryCheck("segments of virtual-8086 mode", GuestChecks::v86Segments),
          new EntryCheck("CS type", GuestChecks::codeType),
          new EntryCheck(
              "SS type",
              e -> e.v86() || !e.usable(Reg.SS) || e.type(Reg.SS) == 3 || e.type(Reg.SS) == 7),
          new EntryCheck("data segment types", GuestChecks::dataTypes),
          new EntryCheck("CS DPL", GuestChecks::codeDpl),
          new EntryCheck("SS DPL", GuestChecks::stackDpl),
          new EntryCheck("data segment DPLs", GuestChecks::dataDpl),
          new EntryCheck("segments are present, limits fit granularity", GuestChecks::present),
          new EntryCheck(
              "64-bit CS has D clear",
              e ->
                  e.v86()
                      || !e.ia32e()
                      || (e.rights(Reg.CS) & (Segment.L | Segment.DB)) != (Segment.L | Segment.DB)),
          new EntryCheck("TR", GuestChecks::task),
          new EntryCheck("LDTR", e -> !e.usable(LDTR) || system(e, LDTR, 2, 2)));

  /** What depends on the state that VMMs write rarely. */
  static final List<EntryCheck> STATE =
      Stream.concat(REGISTERS.stream(), SEGMENTS.stream()).toList();

  /** What is checked at each VM entry. */
  static final List<EntryCheck> RUNNING =
      List.of(
          new EntryCheck("RIP", GuestChecks::rip),
          new EntryCheck("RFLAGS", GuestChecks::flags),
          new EntryCheck("activity state", GuestChecks::activity),
          new EntryCheck("interruptibility", GuestChecks::interruptibility),
          new EntryCheck("pending debug exceptions", GuestChecks::pendingDebug));

  private GuestChecks() {}

  private static boolean efer(EntryState e) {
    if ((e.entry & Controls.ENTRY_LOAD_EFER) == 0) {
      return true;
    }
    long v = e.get(VmcsField.GUEST_EFER);
    boolean lma = (v & Cr.EFER_LMA) != 0;
    boolean lme = (v & Cr.EFER_LME) != 0;
    return (v & ~e.c.writable.efer()) == 0 && lma == e.ia32e() && (!e.guestPaging() || lma == lme);
  }

  private static boolean rip(EntryState e) {
    long rip = e.get(VmcsField.GUEST_RIP);
    boolean wide = e.ia32e() && (e.rights(Reg.CS) & Segment.L) != 0;
    return wide ? e.canonical(VmcsField.GUEST_RIP) : rip >>> 32 == 0;
  }

  private static boolean flags(EntryState e) {
    long f = e.get(VmcsField.GUEST_RFLAGS);
    boolean external = e.injects() && e.eventType() == NonRoot.EXTERNAL;
    return (f & FLAGS_RESERVED) == 0
        && (f & RFlags.FIXED) != 0
        && (!e.v86() || (!e.ia32e() && e.guestProtected()))
        && (!external || (f & RFlags.IF) != 0);
  }

  // ---- segments

  private static boolean bases(EntryState e) {
    if (!e.canonical(VmcsField.GUEST_TR_BASE)
        || !e.canonical(VmcsField.GUEST_FS_BASE)
        || !e.canonical(VmcsField.GUEST_GS_BASE)
        || (e.usable(LDTR) && !e.canonical(VmcsField.GUEST_LDTR_BASE))
        || e.get(VmcsField.GUEST_CS_BASE) >>> 32 != 0) {
      return false;
    }
    for (int n : new int[] {Reg.SS, Reg.DS, Reg.ES}) {
      if (e.usable(n) && e.get(VmcsField.GUEST_ES_BASE, n) >>> 32 != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean v86Segments(EntryState e) {
    for (int n = 0; n < 6 && e.v86(); n++) {
      if (e.get(VmcsField.GUEST_ES_BASE, n) != (long) e.selector(n) << 4
          || e.get(VmcsField.GUEST_ES_LIMIT, n) != 0xffff
          || e.rights(n) != V86_RIGHTS) {
        return false;
      }
    }
    return true;
  }

  private static boolean codeType(EntryState e) {
    int type = e.type(Reg.CS);
    return e.v86() || (type & 9) == 9 || (type == 3 && e.unrestricted());
  }

  private static boolean dataTypes(EntryState e) {
    for (int n : new int[] {Reg.DS, Reg.ES, Reg.FS, Reg.GS}) {
      int type = e.type(n);
      boolean unreadable = (type & 10) == 8;
      if (!e.v86() && e.usable(n) && ((type & 1) == 0 || unreadable)) {
        return false;
      }
    }
    return true;
  }

  private static boolean codeDpl(EntryState e) {
    int dpl = e.dpl(Reg.CS);
    return e.v86()
        || switch (e.type(Reg.CS)) {
          case 3 -> dpl == 0;
          case 9, 11 -> dpl == e.dpl(Reg.SS);
          default -> dpl <= e.dpl(Reg.SS);
        };
  }

  private static boolean stackDpl(EntryState e) {
    if (e.v86()) {
      return true;
    }
    boolean zero = e.type(Reg.CS) == 3 || !e.guestProtected();
    return (e.unrestricted() || e.dpl(Reg.SS) == (e.selector(Reg.SS) & 3))
        && (!zero || e.dpl(Reg.SS) == 0);
  }

  private static boolean dataDpl(EntryState e) {
    for (int n : new int[] {Reg.DS, Reg.ES, Reg.FS, Reg.GS}) {
      boolean checked = !e.v86() && !e.unrestricted() && e.usable(n) && e.type(n) <= 11;
      if (checked && e.dpl(n) < (e.selector(n) & 3)) {
        return false;
      }
    }
    return true;
  }

  private static boolean present(EntryState e) {
    for (int n = 0; n < 6 && !e.v86(); n++) {
      boolean checked = n == Reg.CS || e.usable(n);
      boolean good = (e.rights(n) & (Segment.S | Segment.P)) == (Segment.S | Segment.P);
      if (checked && (!good || !shape(e, n))) {
        return false;
      }
    }
    return true;
  }

  /** Reserved bits are 0 and the limit fits the granularity. */
  private static boolean shape(EntryState e, int n) {
    int rights = e.rights(n);
    int limit = (int) e.get(VmcsField.GUEST_ES_LIMIT, n);
    boolean pages = (rights & Segment.G) != 0;
    boolean needsBytes = (limit & 0xfff) != 0xfff;
    boolean needsPages = limit >>> 20 != 0;
    return (rights & RIGHTS_RESERVED) == 0 && !(needsBytes && pages) && !(needsPages && !pages);
  }

  private static boolean task(EntryState e) {
    return e.usable(TR) && system(e, TR, e.ia32e() ? 11 : 3, 11);
  }

  private static boolean system(EntryState e, int n, int type, int otherType) {
    int rights = e.rights(n);
    return (e.type(n) == type || e.type(n) == otherType)
        && (rights & (Segment.S | Segment.P)) == Segment.P
        && shape(e, n);
  }

  // ---- non-register state

  private static int blocking(EntryState e) {
    return e.get32(VmcsField.GUEST_INTERRUPTIBILITY);
  }

  private static boolean activity(EntryState e) {
    int a = e.get32(VmcsField.GUEST_ACTIVITY);
    boolean shadow = (blocking(e) & (GuestState.BY_STI | GuestState.BY_MOV_SS)) != 0;
    return switch (a) {
      case GuestState.ACTIVE -> true;
      case GuestState.HLT -> e.dpl(Reg.SS) == 0 && !shadow && (!e.injects() || wakes(e));
      case GuestState.WAIT_FOR_SIPI -> !shadow && !e.injects();
      default -> false;
    };
  }

  /** Events that may be injected into a halted processor. */
  private static boolean wakes(EntryState e) {
    int vector = e.eventVector();
    return switch (e.eventType() >> 8) {
      case 0, 2 -> true;
      case 3 -> vector == Vector.DB || vector == Vector.MC;
      case 7 -> vector == 0;
      default -> false;
    };
  }

  private static boolean interruptibility(EntryState e) {
    int b = blocking(e);
    boolean sti = (b & GuestState.BY_STI) != 0;
    boolean movSs = (b & GuestState.BY_MOV_SS) != 0;
    boolean external = e.injects() && e.eventType() == NonRoot.EXTERNAL;
    boolean nmi = e.injects() && e.eventType() == NonRoot.NMI;
    boolean virtualNmis = (e.pin & Controls.PIN_VIRTUAL_NMIS) != 0;
    return (b & ~(GuestState.BY_STI | GuestState.BY_MOV_SS | GuestState.BY_NMI)) == 0
        && !(sti && movSs)
        && (!sti || (e.get(VmcsField.GUEST_RFLAGS) & RFlags.IF) != 0)
        && !(external && (sti || movSs))
        && !(nmi && movSs)
        && !(nmi && virtualNmis && (b & GuestState.BY_NMI) != 0);
  }

  private static boolean pendingDebug(EntryState e) {
    long d = e.get(VmcsField.GUEST_PENDING_DEBUG);
    if ((d & DEBUG_RESERVED) != 0 || (d & 1 << 16) != 0) {
      return false;
    }
    boolean held =
        (blocking(e) & (GuestState.BY_STI | GuestState.BY_MOV_SS)) != 0
            || e.get32(VmcsField.GUEST_ACTIVITY) == GuestState.HLT;
    boolean tf = (e.get(VmcsField.GUEST_RFLAGS) & RFlags.TF) != 0;
    boolean btf = (e.get(VmcsField.GUEST_DEBUGCTL) & 2) != 0;
    return !held || ((d & DEBUG_BS) != 0) == (tf && !btf);
  }
}
