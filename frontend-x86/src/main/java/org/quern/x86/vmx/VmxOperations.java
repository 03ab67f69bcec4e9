package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;

/**
 * What the VMX instructions do behind their checks of mode and privilege: for the instructions
 * themselves, and for {@link VmxPort}. Each returns how it ended: {@link #SUCCEED}, {@link
 * #FAIL_INVALID}, or the VM-instruction error number of VMfailValid, which is then in the current
 * VMCS too. Source: SDM vol. 3C, chapter 31.
 */
final class VmxOperations {
  static final int SUCCEED = 0;
  static final int FAIL_INVALID = -1;

  private final Vmx v;

  VmxOperations(Vmx v) {
    this.v = v;
  }

  /** VMXON; everything but the operand has been checked. */
  int vmxon(long p) {
    Vmcs region = v.goodAddress(p, Vmcs.BYTES) ? Vmcs.in(v.c.bus, p) : null;
    if (region == null || region.revision() != Vmcs.REVISION) {
      return FAIL_INVALID;
    }
    v.enable(p);
    return SUCCEED;
  }

  // ---- VMCS pointers

  int vmclear(long p) {
    if (!v.goodAddress(p, Vmcs.BYTES)) {
      return fail(InstructionError.VMCLEAR_ADDRESS);
    }
    if (p == v.vmxonPointer) {
      return fail(InstructionError.VMCLEAR_VMXON_POINTER);
    }
    Vmcs s = Vmcs.in(v.c.bus, p);
    if (s != null) {
      s.clear();
    }
    if (v.current != null && v.current.address() == p) {
      v.current = null;
    }
    return SUCCEED;
  }

  int vmptrld(long p) {
    if (!v.goodAddress(p, Vmcs.BYTES)) {
      return fail(InstructionError.VMPTRLD_ADDRESS);
    }
    if (p == v.vmxonPointer) {
      return fail(InstructionError.VMPTRLD_VMXON_POINTER);
    }
    Vmcs s = Vmcs.in(v.c.bus, p);
    if (s == null || (s.revision() & ~Vmcs.SHADOW) != Vmcs.REVISION) {
      return fail(InstructionError.VMPTRLD_REVISION);
    }
    v.current = s;
    return SUCCEED;
  }

  // ---- VM entry

  /**
   * VMLAUNCH or VMRESUME. On success the processor is in non-root operation now, or a VM exit has
   * been made.
   */
  int enter(boolean launch) {
    Vmcs s = v.current;
    if (s == null || s.revision() < 0) {
      return FAIL_INVALID;
    }
    if (v.host == null && v.c.shadowNow == Cpu.Shadow.MOV_SS) {
      return fail(InstructionError.ENTRY_BLOCKED_BY_MOV_SS);
    }
    if (launch && s.launched()) {
      return fail(InstructionError.VMLAUNCH_NOT_CLEAR);
    }
    if (!launch && !s.launched()) {
      return fail(InstructionError.VMRESUME_NOT_LAUNCHED);
    }
    int error = VmEntry.enter(v, launch);
    return error == 0 ? SUCCEED : fail(error);
  }

  /** VMfailValid with that error if there is a current VMCS, else VMfailInvalid. */
  int fail(int error) {
    if (v.current == null) {
      return FAIL_INVALID;
    }
    v.current.put(VmcsField.VM_INSTRUCTION_ERROR, error);
    return error;
  }
}
