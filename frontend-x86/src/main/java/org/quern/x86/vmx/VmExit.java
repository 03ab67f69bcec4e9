package org.quern.x86.vmx;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.semantics.Msrs;
import org.quern.x86.state.Cpu;

/** What a VM exit does, in its order. Source: SDM vol. 3C, chapter 28. */
final class VmExit {
  // VMX-abort indicators: SDM vol. 3C, 28.7.
  static final int ABORT_STORE = 1;
  static final int ABORT_PDPTE = 2;
  static final int ABORT_LOAD = 4;

  private VmExit() {}

  /** Leaves non-root operation: information, guest state, MSR lists, host state. */
  static void perform(Vmx v, NonRoot n, int length, int vectoring, int vectoringError) {
    Vmcs s = v.current;
    information(s, n.reason, n.qualification);
    s.put(VmcsField.EXIT_INTERRUPTION_INFORMATION, n.interruption);
    s.put(VmcsField.EXIT_INTERRUPTION_ERROR_CODE, n.interruptionError);
    s.put(VmcsField.IDT_VECTORING_INFORMATION, vectoring);
    s.put(VmcsField.IDT_VECTORING_ERROR_CODE, vectoringError);
    s.put(VmcsField.EXIT_INSTRUCTION_LENGTH, length);
    s.put(VmcsField.EXIT_INSTRUCTION_INFORMATION, n.information);
    s.put(VmcsField.GUEST_LINEAR_ADDRESS, n.linear);
    s.put(VmcsField.GUEST_PHYSICAL_ADDRESS, n.physical);
    if (n.pin(Controls.PIN_PREEMPTION_TIMER)) {
      saveTimer(s, n.timer);
    }
    int injected = s.get32(VmcsField.ENTRY_INTERRUPTION_INFORMATION);
    s.put(VmcsField.ENTRY_INTERRUPTION_INFORMATION, injected & ~NonRoot.VALID);
    GuestState.save(v.c, s);
    // With virtual NMIs, what the guest has blocked was those.
    v.c.nmiBlocked = n.hostNmiBlocked || (v.c.nmiBlocked && !n.pin(Controls.PIN_VIRTUAL_NMIS));
    n.left();
    v.leaveNonRoot();
    if (!storeMsrs(v, s)) {
      abort(v, ABORT_STORE);
      return;
    }
    host(v);
  }

  private static void saveTimer(Vmcs s, PreemptionTimer timer) {
    if ((s.get32(VmcsField.EXIT_CONTROLS) & Controls.EXIT_SAVE_PREEMPTION_TIMER) != 0) {
      s.put(VmcsField.PREEMPTION_TIMER_VALUE, timer.value());
    }
    timer.stop();
  }

  /** A VM entry that fails behind the checks of controls and host state. */
  static void entryFailure(Vmx v, int reason, long qualification) {
    information(v.current, reason | ExitReason.ENTRY_FAILURE, qualification);
    v.leaveNonRoot();
    host(v);
  }

  private static void information(Vmcs s, int reason, long qualification) {
    s.put(VmcsField.EXIT_REASON, reason);
    s.put(VmcsField.EXIT_QUALIFICATION, qualification);
  }

  private static void host(Vmx v) {
    if (v.host != null) {
      v.c.mmu.banks.enterHost();
    } else if (!HostState.load(v.c, v.current)) {
      abort(v, ABORT_PDPTE);
      return;
    }
    Vmcs s = v.current;
    int count = s.get32(VmcsField.EXIT_MSR_LOAD_COUNT);
    if (loadMsrs(v, s.get(VmcsField.EXIT_MSR_LOAD_ADDRESS), count) != 0) {
      abort(v, ABORT_LOAD);
      return;
    }
    v.c.activity = Cpu.Activity.ACTIVE;
    v.c.request(Cpu.REQ_INTR | Cpu.REQ_STEP);
    if (v.host != null) {
      v.exitToHost();
    }
  }

  private static void abort(Vmx v, int why) {
    v.current.abort(why);
    v.c.activity = Cpu.Activity.SHUTDOWN;
    v.c.shutdownReason = "VMX abort " + why;
  }

  // ---- MSR areas: SDM vol. 3C, 25.7.2, 27.4, 28.4

  private static boolean storeMsrs(Vmx v, Vmcs s) {
    int count = s.get32(VmcsField.EXIT_MSR_STORE_COUNT);
    long at = s.get(VmcsField.EXIT_MSR_STORE_ADDRESS);
    for (int n = 0; n < count; n++, at += 16) {
      int msr = (int) v.c.mmu.readPhysical(at, 4);
      if (v.c.mmu.readPhysical(at + 4, 4) != 0 || msr >>> 8 == 8) {
        return false;
      }
      try {
        v.c.mmu.writePhysical(at + 8, 8, Msrs.read(v.c, msr));
      } catch (GuestFault f) {
        return false;
      }
    }
    return true;
  }

  /** Loads an MSR area; returns 0, or the number (from 1) of the first bad entry. */
  static int loadMsrs(Vmx v, long area, int count) {
    long at = area;
    for (int n = 1; Integer.compareUnsigned(n, count) <= 0; n++, at += 16) {
      if (n > Capabilities.MSR_LIST_MAX) {
        return n;
      }
      int msr = (int) v.c.mmu.readPhysical(at, 4);
      boolean bases = msr == 0xc0000100 || msr == 0xc0000101;
      if (v.c.mmu.readPhysical(at + 4, 4) != 0 || msr >>> 8 == 8 || bases) {
        return n;
      }
      try {
        Msrs.write(v.c, msr, v.c.mmu.readPhysical(at + 8, 8));
      } catch (GuestFault f) {
        return n;
      }
    }
    return 0;
  }
}
