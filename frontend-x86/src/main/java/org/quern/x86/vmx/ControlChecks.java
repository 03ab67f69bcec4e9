package org.quern.x86.vmx;

import java.util.List;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cr;

/** The checks on controls and host state. Source: SDM vol. 3C, 27.2.1 to 27.2.4. */
final class ControlChecks {
  private static final int EVENT_RESERVED = 0x7ffff000;

  /** Failure is VMfailValid with error 7. */
  static final List<EntryCheck> CONTROLS =
      List.of(
          new EntryCheck("pin-based controls are allowed", e -> allowed(e, 0x48d, e.pin)),
          new EntryCheck("primary controls are allowed", e -> allowed(e, 0x48e, e.primary)),
          new EntryCheck("secondary controls are allowed", e -> allowed(e, 0x48b, e.secondary)),
          new EntryCheck(
              "at most 4 CR3 targets",
              e -> e.get(VmcsField.CR3_TARGET_COUNT) <= Capabilities.CR3_TARGETS),
          new EntryCheck(
              "I/O bitmaps are pages",
              e ->
                  (e.primary & Controls.IO_BITMAPS) == 0
                      || (page(e, VmcsField.IO_BITMAP_A) && page(e, VmcsField.IO_BITMAP_B))),
          new EntryCheck(
              "MSR bitmap is a page",
              e -> (e.primary & Controls.MSR_BITMAPS) == 0 || page(e, VmcsField.MSR_BITMAP)),
          new EntryCheck(
              "virtual NMIs need NMI exiting",
              e -> (e.pin & Controls.PIN_VIRTUAL_NMIS) == 0 || (e.pin & Controls.PIN_NMI) != 0),
          new EntryCheck(
              "NMI-window exiting needs virtual NMIs",
              e ->
                  (e.primary & Controls.NMI_WINDOW) == 0
                      || (e.pin & Controls.PIN_VIRTUAL_NMIS) != 0),
          new EntryCheck(
              "VPID is not 0",
              e -> (e.secondary & Controls.VPID) == 0 || e.get(VmcsField.VPID) != 0),
          new EntryCheck(
              "virtual-APIC page is a page",
              e -> !e.primary(Controls.TPR_SHADOW) || page(e, VmcsField.VIRTUAL_APIC_ADDRESS)),
          new EntryCheck(
              "x2APIC, APIC registers and virtual interrupts need a TPR shadow",
              e ->
                  e.primary(Controls.TPR_SHADOW)
                      || !e.secondary(
                          Controls.X2APIC | Controls.APIC_REGISTERS | Controls.VIRTUAL_INTERRUPTS)),
          new EntryCheck(
              "APIC-access page is a page",
              e -> !e.secondary(Controls.APIC_ACCESSES) || page(e, VmcsField.APIC_ACCESS_ADDRESS)),
          new EntryCheck(
              "either APIC accesses or the x2APIC are virtualized",
              e -> !e.secondary(Controls.APIC_ACCESSES) || !e.secondary(Controls.X2APIC)),
          new EntryCheck(
              "virtual interrupts need external-interrupt exiting",
              e ->
                  !e.secondary(Controls.VIRTUAL_INTERRUPTS)
                      || (e.pin & Controls.PIN_EXTERNAL_INTERRUPT) != 0),
          new EntryCheck("posted interrupts", ControlChecks::postedInterrupts),
          new EntryCheck(
              "saving the preemption timer needs the timer",
              e ->
                  (e.exit & Controls.EXIT_SAVE_PREEMPTION_TIMER) == 0
                      || (e.pin & Controls.PIN_PREEMPTION_TIMER) != 0),
          new EntryCheck(
              "execution by mode needs EPT",
              e -> !e.secondary(Controls.EXECUTE_BY_MODE) || e.secondary(Controls.EPT)),
          new EntryCheck("VM functions", ControlChecks::functions),
          new EntryCheck(
              "bitmaps of VMCS shadowing are pages",
              e ->
                  !e.secondary(Controls.VMCS_SHADOWING)
                      || (page(e, VmcsField.VMREAD_BITMAP) && page(e, VmcsField.VMWRITE_BITMAP))),
          new EntryCheck(
              "page-modification log is a page and needs EPT",
              e ->
                  !e.secondary(Controls.MODIFICATION_LOG)
                      || (e.secondary(Controls.EPT) && page(e, VmcsField.PML_ADDRESS))),
          new EntryCheck(
              "virtualization-exception information is a page",
              e ->
                  !e.secondary(Controls.VIRTUALIZATION_EXCEPTION)
                      || page(e, VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS)),
          new EntryCheck(
              "TSC multiplier is not 0",
              e -> !e.secondary(Controls.TSC_SCALING) || e.get(VmcsField.TSC_MULTIPLIER) != 0),
          new EntryCheck(
              "EPT pointer is valid",
              e ->
                  (e.secondary & Controls.EPT) == 0
                      || Ept.validPointer(e.v, e.get(VmcsField.EPT_POINTER))),
          new EntryCheck(
              "unrestricted guest needs EPT",
              e -> !e.unrestricted() || (e.secondary & Controls.EPT) != 0),
          new EntryCheck("VM-exit controls are allowed", e -> allowed(e, 0x48f, e.exit)),
          new EntryCheck(
              "VM-exit MSR-store area",
              e -> e.msrArea(VmcsField.EXIT_MSR_STORE_COUNT, VmcsField.EXIT_MSR_STORE_ADDRESS)),
          new EntryCheck(
              "VM-exit MSR-load area",
              e -> e.msrArea(VmcsField.EXIT_MSR_LOAD_COUNT, VmcsField.EXIT_MSR_LOAD_ADDRESS)),
          new EntryCheck("VM-entry controls are allowed", e -> allowed(e, 0x490, e.entry)),
          new EntryCheck(
              "VM-entry MSR-load area",
              e -> e.msrArea(VmcsField.ENTRY_MSR_LOAD_COUNT, VmcsField.ENTRY_MSR_LOAD_ADDRESS)));

  /** The injected event and the TPR threshold, checked each time: VMfailValid with error 7. */
  static final List<EntryCheck> EVENT =
      List.of(
          new EntryCheck("TPR threshold", ControlChecks::threshold),
          new EntryCheck("injected event: type and vector", ControlChecks::eventType),
          new EntryCheck("injected event: error code", ControlChecks::eventError),
          new EntryCheck(
              "injected event: reserved bits",
              e -> !e.injects() || (e.event & EVENT_RESERVED) == 0),
          new EntryCheck("injected event: instruction length", ControlChecks::eventLength));

  /** Failure is VMfailValid with error 8. */
  static final List<EntryCheck> HOST =
      List.of(
          new EntryCheck("host CR0", e -> Vmx.cr0Allowed(e.get(VmcsField.HOST_CR0), false)),
          new EntryCheck("host CR4", e -> Vmx.cr4Allowed(e.c, e.get(VmcsField.HOST_CR4))),
          new EntryCheck("host CR3", e -> e.v.goodAddress(e.get(VmcsField.HOST_CR3), 1)),
          new EntryCheck("host SYSENTER_ESP", e -> e.canonical(VmcsField.HOST_SYSENTER_ESP)),
          new EntryCheck("host SYSENTER_EIP", e -> e.canonical(VmcsField.HOST_SYSENTER_EIP)),
          new EntryCheck(
              "host PAT",
              e ->
                  (e.exit & Controls.EXIT_LOAD_PAT) == 0
                      || EntryState.pat(e.get(VmcsField.HOST_PAT))),
          new EntryCheck(
              "host PKRS",
              e ->
                  (e.exit & Controls.EXIT_LOAD_PKRS) == 0
                      || e.get(VmcsField.HOST_PKRS) >>> 32 == 0),
          new EntryCheck("host EFER", ControlChecks::hostEfer),
          new EntryCheck("host selectors have TI and RPL 0", ControlChecks::hostSelectors),
          new EntryCheck("host CS is not null", e -> e.get(VmcsField.HOST_CS_SELECTOR) != 0),
          new EntryCheck("host TR is not null", e -> e.get(VmcsField.HOST_TR_SELECTOR) != 0),
          new EntryCheck(
              "host SS is not null outside 64-bit mode",
              e -> e.host64() || e.get(VmcsField.HOST_SS_SELECTOR) != 0),
          new EntryCheck("host FS base", e -> e.canonical(VmcsField.HOST_FS_BASE)),
          new EntryCheck("host GS base", e -> e.canonical(VmcsField.HOST_GS_BASE)),
          new EntryCheck("host GDTR base", e -> e.canonical(VmcsField.HOST_GDTR_BASE)),
          new EntryCheck("host IDTR base", e -> e.canonical(VmcsField.HOST_IDTR_BASE)),
          new EntryCheck("host TR base", e -> e.canonical(VmcsField.HOST_TR_BASE)),
          new EntryCheck("no IA-32e guest of a 32-bit host", e -> e.host64() || !e.ia32e()),
          new EntryCheck("host CR4 and RIP fit its mode", ControlChecks::hostMode));

  /** Also error 8, and depends on the mode of the VMM. */
  static final List<EntryCheck> ADDRESS_SPACE =
      List.of(
          new EntryCheck(
              "host address-space size is the current one",
              e -> e.host64() == ((e.c.efer & Cr.EFER_LMA) != 0)));

  private ControlChecks() {}

  private static boolean allowed(EntryState e, int msr, int v) {
    return Capabilities.allowed(e.c, msr, v);
  }

  private static boolean page(EntryState e, VmcsField f) {
    return e.v.goodAddress(e.get(f), Vmcs.BYTES);
  }

  /** SDM vol. 3C, 27.2.1.1, where the virtual TPR counts, too. */
  private static boolean threshold(EntryState e) {
    if (!e.primary(Controls.TPR_SHADOW) || e.secondary(Controls.VIRTUAL_INTERRUPTS)) {
      return true;
    }
    int threshold = e.get32(VmcsField.TPR_THRESHOLD);
    return (threshold & ~15) == 0
        && (e.secondary(Controls.APIC_ACCESSES) || threshold <= VirtualApic.priorityOf(e.c, e.s));
  }

  private static boolean postedInterrupts(EntryState e) {
    return (e.pin & Controls.PIN_POSTED_INTERRUPTS) == 0
        || (e.secondary(Controls.VIRTUAL_INTERRUPTS)
            && (e.exit & Controls.EXIT_ACKNOWLEDGE) != 0
            && e.get(VmcsField.POSTED_INTERRUPT_VECTOR) <= 255
            && e.v.goodAddress(e.get(VmcsField.POSTED_INTERRUPT_DESCRIPTOR_ADDRESS), 64));
  }

  private static boolean functions(EntryState e) {
    if (!e.secondary(Controls.VM_FUNCTIONS)) {
      return true;
    }
    long functions = e.get(VmcsField.VM_FUNCTION_CONTROLS);
    boolean switches = (functions & Controls.EPTP_SWITCHING) != 0;
    return (functions & ~Controls.EPTP_SWITCHING) == 0
        && (!switches || (e.secondary(Controls.EPT) && page(e, VmcsField.EPTP_LIST_ADDRESS)));
  }

  private static boolean eventType(EntryState e) {
    if (!e.injects()) {
      return true;
    }
    int vector = e.eventVector();
    return switch (e.eventType() >> 8) {
      case 1 -> false;
      case 2 -> vector == Vector.NMI;
      case 3 -> vector <= 31;
      case 7 -> vector == 0;
      default -> true;
    };
  }

  private static boolean eventError(EntryState e) {
    if (!e.injects()) {
      return true;
    }
    boolean exception = e.eventType() == NonRoot.HARDWARE_EXCEPTION;
    boolean wanted =
        exception
            && Vector.hasErrorCode(e.eventVector())
            && (!e.unrestricted() || e.guestProtected());
    boolean given = (e.event & NonRoot.HAS_ERROR) != 0;
    return given == wanted
        && (!given || (e.get(VmcsField.ENTRY_EXCEPTION_ERROR_CODE) & 0xffff8000L) == 0);
  }

  private static boolean eventLength(EntryState e) {
    if (!e.injects() || e.eventType() < NonRoot.SOFTWARE_INTERRUPT || e.eventType() == 7 << 8) {
      return true;
    }
    long n = e.get(VmcsField.ENTRY_INSTRUCTION_LENGTH);
    return n >= 1 && n <= 15;
  }

  private static boolean hostEfer(EntryState e) {
    if ((e.exit & Controls.EXIT_LOAD_EFER) == 0) {
      return true;
    }
    long v = e.get(VmcsField.HOST_EFER);
    return (v & ~e.c.writable.efer()) == 0
        && ((v & Cr.EFER_LMA) != 0) == e.host64()
        && ((v & Cr.EFER_LME) != 0) == e.host64();
  }

  private static boolean hostSelectors(EntryState e) {
    for (int n = 0; n < 7; n++) {
      if ((e.get(VmcsField.HOST_ES_SELECTOR, n) & 7) != 0) {
        return false;
      }
    }
    return true;
  }

  private static boolean canonical(long a, int shift) {
    return a << shift >> shift == a;
  }

  private static boolean hostMode(EntryState e) {
    long cr4 = e.get(VmcsField.HOST_CR4);
    long rip = e.get(VmcsField.HOST_RIP);
    return e.host64()
        ? (cr4 & Cr.CR4_PAE) != 0 && canonical(rip, (cr4 & Cr.CR4_LA57) != 0 ? 7 : 16)
        : (cr4 & Cr.CR4_PCIDE) == 0 && rip >>> 32 == 0;
  }
}
