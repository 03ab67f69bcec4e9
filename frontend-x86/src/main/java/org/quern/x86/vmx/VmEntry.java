package org.quern.x86.vmx;

import java.util.List;
import org.quern.x86.mmu.PageWalker;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;

/** VMLAUNCH and VMRESUME behind their own checks. Source: SDM vol. 3C, chapter 27. */
final class VmEntry {
  // Exit qualifications of invalid guest state: SDM vol. 3C, 27.8.
  private static final int BAD_PDPTE = 2;
  private static final int BAD_LINK_POINTER = 4;

  private static final long PDPTE_RESERVED = 0xfff00000000001e6L;

  private VmEntry() {}

  /**
   * Makes the tables of checks, once. That takes the JVM tens of milliseconds, which a guest
   * notices less in VMXON than in its first VM entry.
   */
  static void prepare() {
    if (ControlChecks.CONTROLS.isEmpty() || GuestChecks.STATE.isEmpty()) {
      throw new IllegalStateException("no checks");
    }
  }

  /** Returns 0, or the VM-instruction error; a failure behind those checks is a VM exit. */
  static int enter(Vmx v, boolean launch) {
    EntryState e = v.entry.read();
    if (!passes(e, Vmcs.Group.CONTROLS, ControlChecks.CONTROLS)
        || !passes(e, 0, ControlChecks.EVENT)) {
      return InstructionError.ENTRY_CONTROLS;
    }
    if (v.host == null
        && (!passes(e, Vmcs.Group.HOST, ControlChecks.HOST)
            || !passes(e, 0, ControlChecks.ADDRESS_SPACE))) {
      return InstructionError.ENTRY_HOST_STATE;
    }
    complete(v, e, launch);
    return 0;
  }

  /** Makes checks unless they have been passed and nothing has changed since; 0: always. */
  private static boolean passes(EntryState e, int group, List<EntryCheck> checks) {
    if (group != 0 && e.s.passed(group)) {
      return true;
    }
    boolean good = EntryCheck.firstFailure(checks, e) == null;
    if (good) {
      e.s.pass(group);
    }
    return good;
  }

  private static void complete(Vmx v, EntryState e, boolean launch) {
    if (!passes(e, Vmcs.Group.GUEST, GuestChecks.STATE) || !passes(e, 0, GuestChecks.RUNNING)) {
      VmExit.entryFailure(v, ExitReason.INVALID_GUEST_STATE, 0);
      return;
    }
    if (!linkPointer(e)) {
      VmExit.entryFailure(v, ExitReason.INVALID_GUEST_STATE, BAD_LINK_POINTER);
      return;
    }
    Cpu c = v.c;
    GuestState.load(c, e.s, e.entry, e.vpid(), e.eptRoot());
    if (!pdptes(e)) {
      VmExit.entryFailure(v, ExitReason.INVALID_GUEST_STATE, BAD_PDPTE);
      return;
    }
    int count = e.get32(VmcsField.ENTRY_MSR_LOAD_COUNT);
    int bad = count == 0 ? 0 : VmExit.loadMsrs(v, e.get(VmcsField.ENTRY_MSR_LOAD_ADDRESS), count);
    if (bad != 0) {
      VmExit.entryFailure(v, ExitReason.MSR_LOADING, bad);
      return;
    }
    if (launch) {
      e.s.launched(true);
    }
    v.guest().begin();
    v.releaseInit();
    c.request(Cpu.REQ_STEP | Cpu.REQ_INTR);
    if (e.injects()) {
      inject(e);
    }
  }

  private static boolean linkPointer(EntryState e) {
    long p = e.get(VmcsField.VMCS_LINK_POINTER);
    return p == Vmx.NOWHERE
        || (e.v.goodAddress(p, Vmcs.BYTES)
            && p != e.s.address()
            && revision(e, p)
                == (e.secondary(Controls.VMCS_SHADOWING)
                    ? Vmcs.REVISION | Vmcs.SHADOW
                    : Vmcs.REVISION));
  }

  private static int revision(EntryState e, long p) {
    Vmcs s = Vmcs.in(e.c.bus, p);
    return s == null ? -1 : s.revision();
  }

  /** Checks and loads the PDPTEs of a guest with PAE paging. */
  private static boolean pdptes(EntryState e) {
    Cpu c = e.c;
    if (!PageWalker.usesPdptes(c)) {
      return true;
    }
    if ((e.secondary & Controls.EPT) == 0) {
      return c.mmu.walker.loadPdptes(c.cr3);
    }
    for (int n = 0; n < 4; n++) {
      long p = e.get(VmcsField.GUEST_PDPTE0, n);
      boolean high = (p & 0x000ffffffffff000L) >>> c.model.physicalBits() != 0;
      if ((p & 1) != 0 && ((p & PDPTE_RESERVED) != 0 || high)) {
        return false;
      }
      c.mmu.walker.pdpte[n] = p;
    }
    return true;
  }

  private static void inject(EntryState e) {
    Cpu c = e.c;
    if (e.eventType() == 7 << 8) {
      e.v.guest().armMonitorTrap(true);
      return;
    }
    c.activity = Cpu.Activity.ACTIVE;
    int length =
        e.eventType() >= NonRoot.SOFTWARE_INTERRUPT
            ? e.get32(VmcsField.ENTRY_INSTRUCTION_LENGTH)
            : 0;
    Interrupts.inject(
        c,
        e.event & (NonRoot.TYPE | 0xff),
        (e.event & NonRoot.HAS_ERROR) != 0,
        e.get32(VmcsField.ENTRY_EXCEPTION_ERROR_CODE),
        length);
    if (c.nonRoot != null) {
      c.nonRoot.injected();
    }
  }
}
