package org.quern.accel.vtx;

import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.vmx.Controls;
import org.quern.x86.vmx.Vmcs;
import org.quern.x86.vmx.VmcsField;
import org.quern.x86.vmx.VmxPort;

/**
 * Sets up VMX operation on a host processor and everything in its VMCS that is not guest state:
 * which events exit, and how. There is no host state: nothing is executed where VM exits lead.
 * Source: SDM vol. 3C, 25.6 to 25.8, appendix A.
 */
final class VmcsControls {
  // Capability MSRs: SDM vol. 3D, appendix A.
  private static final int TRUE_PIN = 0x48d;
  private static final int TRUE_PRIMARY = 0x48e;
  private static final int SECONDARY = 0x48b;
  private static final int TRUE_EXIT = 0x48f;
  private static final int TRUE_ENTRY = 0x490;

  private final Cpu host;
  private final VmxPort port;

  VmcsControls(Cpu host, VmxPort port) {
    this.host = host;
    this.port = port;
  }

  /** Enters VMX operation for a VMM in Java and makes a new VMCS current. */
  void turnOn() {
    // Each VM exit ends the run of the processor; the loop of the virtual one handles it.
    port.attach(c -> false);
    port.vmptrld(Vmcs.allocate());
  }

  /** What leaves a guest, and how. */
  void controls(VtxOptions options, Bitmaps bitmaps, long eptPointer) {
    int pin = Controls.PIN_EXTERNAL_INTERRUPT | Controls.PIN_NMI | Controls.PIN_VIRTUAL_NMIS;
    int primary =
        Controls.HLT
            | Controls.CR8_LOAD
            | Controls.CR8_STORE
            | Controls.UNCONDITIONAL_IO
            | Controls.MSR_BITMAPS
            | Controls.TSC_OFFSETTING
            | Controls.SECONDARY;
    int secondary = Controls.VPID;
    if (options.ept()) {
      secondary |= Controls.EPT | (options.unrestricted() ? Controls.UNRESTRICTED_GUEST : 0);
    } else {
      primary |= Controls.CR3_LOAD | Controls.CR3_STORE | Controls.INVLPG;
    }
    if (options.pleGap() != 0) {
      secondary |= Controls.PAUSE_LOOP;
      port.vmwrite(VmcsField.PLE_GAP, options.pleGap());
      port.vmwrite(VmcsField.PLE_WINDOW, options.pleWindow());
    }
    // Instructions that the guest has because its processor model has them.
    secondary |= offered(Controls.RDTSCP | Controls.INVPCID | Controls.XSAVES);
    int exit = Controls.EXIT_SAVE_DEBUG | Controls.EXIT_SAVE_PAT | Controls.EXIT_SAVE_EFER;
    int entry = Controls.ENTRY_LOAD_DEBUG | Controls.ENTRY_LOAD_PAT | Controls.ENTRY_LOAD_EFER;
    set(VmcsField.PIN_CONTROLS, TRUE_PIN, pin);
    set(VmcsField.PRIMARY_CONTROLS, TRUE_PRIMARY, primary);
    set(VmcsField.SECONDARY_CONTROLS, SECONDARY, secondary);
    set(VmcsField.EXIT_CONTROLS, TRUE_EXIT, exit);
    set(VmcsField.ENTRY_CONTROLS, TRUE_ENTRY, entry);
    int exceptions =
        (options.ept() ? 0 : 1 << Vector.PF) | (options.lazyFpu() ? 1 << Vector.NM : 0);
    port.vmwrite(VmcsField.EXCEPTION_BITMAP, exceptions);
    port.vmwrite(VmcsField.MSR_BITMAP, bitmaps.msrs());
    port.vmwrite(VmcsField.EPT_POINTER, eptPointer);
    port.vmwrite(VmcsField.VPID, vpid(host));
    port.vmwrite(VmcsField.VMCS_LINK_POINTER, -1);
  }

  /** The identifier of a processor's guest. */
  static int vpid(Cpu host) {
    return host.index + 1;
  }

  /** Those of some secondary controls that the processor has. */
  private int offered(int controls) {
    return (int) (host.vmx.capability(SECONDARY) >>> 32) & controls;
  }

  /** Writes controls, with those bits that must be 1. */
  private void set(VmcsField f, int capabilityMsr, int wanted) {
    long caps = host.vmx.capability(capabilityMsr);
    int may = (int) (caps >>> 32);
    if ((wanted & ~may) != 0) {
      throw new IllegalStateException(
          String.format("%s: the processor does not offer bits %08x", f, wanted & ~may));
    }
    port.vmwrite(f, wanted | (int) caps);
  }
}
