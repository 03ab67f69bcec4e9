package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Segment;

/** A VMCS as the checks of VM entry look at it; each processor has one. */
final class EntryState {
  final Vmx v;
  final Cpu c;
  Vmcs s;
  int pin;
  int primary;
  int secondary;
  int exit;
  int entry;
  int event;

  EntryState(Vmx v) {
    this.v = v;
    this.c = v.c;
  }

  /** Reads the controls of the current VMCS. */
  EntryState read() {
    s = v.current;
    pin = s.get32(VmcsField.PIN_CONTROLS);
    primary = s.get32(VmcsField.PRIMARY_CONTROLS);
    secondary = primary < 0 ? s.get32(VmcsField.SECONDARY_CONTROLS) : 0;
    exit = s.get32(VmcsField.EXIT_CONTROLS);
    entry = s.get32(VmcsField.ENTRY_CONTROLS);
    event = s.get32(VmcsField.ENTRY_INTERRUPTION_INFORMATION);
    return this;
  }

  long get(VmcsField f) {
    return s.get(f);
  }

  int get32(VmcsField f) {
    return s.get32(f);
  }

  /** The field of segment {@code n} in the group that begins with {@code first}. */
  long get(VmcsField first, int n) {
    return s.get(first, n);
  }

  boolean primary(int bit) {
    return (primary & bit) != 0;
  }

  /** Whether any of these secondary controls is 1. */
  boolean secondary(int bits) {
    return (secondary & bits) != 0;
  }

  boolean unrestricted() {
    return (secondary & Controls.UNRESTRICTED_GUEST) != 0;
  }

  /** 0 where the guest has none. */
  int vpid() {
    return (secondary & Controls.VPID) != 0 ? get32(VmcsField.VPID) : 0;
  }

  /** Address of the EPT's root, or -1 without EPT. */
  long eptRoot() {
    return (secondary & Controls.EPT) != 0 ? Ept.root(get(VmcsField.EPT_POINTER)) : -1;
  }

  boolean host64() {
    return (exit & Controls.EXIT_HOST_64) != 0;
  }

  boolean ia32e() {
    return (entry & Controls.ENTRY_IA32E) != 0;
  }

  /** Whether a field is canonical for the widest linear address that the model has. */
  boolean canonical(VmcsField f) {
    long a = get(f);
    return a << c.widestShift >> c.widestShift == a;
  }

  boolean injects() {
    return event < 0;
  }

  int eventType() {
    return event & NonRoot.TYPE;
  }

  int eventVector() {
    return event & 0xff;
  }

  // ---- the guest

  boolean guestProtected() {
    return (get(VmcsField.GUEST_CR0) & Cr.CR0_PE) != 0;
  }

  boolean guestPaging() {
    return (get(VmcsField.GUEST_CR0) & Cr.CR0_PG) != 0;
  }

  boolean v86() {
    return (get(VmcsField.GUEST_RFLAGS) & RFlags.VM) != 0;
  }

  int selector(int n) {
    return (int) get(VmcsField.GUEST_ES_SELECTOR, n);
  }

  int rights(int n) {
    return (int) get(VmcsField.GUEST_ES_ACCESS_RIGHTS, n);
  }

  boolean usable(int n) {
    return (rights(n) & GuestState.UNUSABLE) == 0;
  }

  int type(int n) {
    return rights(n) & Segment.TYPE;
  }

  int dpl(int n) {
    return rights(n) >> Segment.DPL_SHIFT & 3;
  }

  // ---- shapes that several fields share

  /** An area of MSRs: 16-byte aligned, all of it within the physical-address width. */
  boolean msrArea(VmcsField count, VmcsField address) {
    long n = get(count);
    long at = get(address);
    return n == 0 || (v.goodAddress(at, 16) && v.goodAddress(at + n * 16 - 16, 16));
  }

  static boolean pat(long v) {
    for (int n = 0; n < 64; n += 8) {
      long type = v >>> n & 0xff;
      if (type > 7 || type == 2 || type == 3) {
        return false;
      }
    }
    return true;
  }
}
