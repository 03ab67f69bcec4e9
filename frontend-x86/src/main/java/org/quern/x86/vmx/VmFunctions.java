package org.quern.x86.vmx;

import org.quern.x86.decode.Insn;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** VMX instructions that a guest may execute without a VM exit: VMREAD, VMWRITE and VMFUNC. */
final class VmFunctions {
  private final NonRoot guest;
  private final Vmx v;
  private final Cpu c;

  VmFunctions(NonRoot guest, Vmx v) {
    this.guest = guest;
    this.v = v;
    this.c = v.c;
  }

  // ---- VMCS shadowing: SDM vol. 3C, 25.6.15

  /** Whether VMREAD or VMWRITE of a field is a VM exit. */
  boolean fieldExits(long encoding, boolean write) {
    if (!guest.secondary(Controls.VMCS_SHADOWING) || encoding >>> 15 != 0) {
      return true;
    }
    long bitmap = v.current.get(write ? VmcsField.VMWRITE_BITMAP : VmcsField.VMREAD_BITMAP);
    return (c.mmu.readPhysical(bitmap + (encoding >> 3), 1) >>> (encoding & 7) & 1) != 0;
  }

  /** The VMCS that the link pointer names, or null. */
  Vmcs shadowVmcs() {
    long p = v.current.get(VmcsField.VMCS_LINK_POINTER);
    return p == Vmx.NOWHERE ? null : Vmcs.in(c.bus, p);
  }

  // ---- VM functions: SDM vol. 3C, 26.5.6

  /** VMFUNC: EPTP switching, or a VM exit. */
  void function(Insn i) {
    int leaf = (int) c.gpr[Reg.RAX];
    if (!guest.secondary(Controls.VM_FUNCTIONS) || (leaf & ~63) != 0) {
      throw c.ud();
    }
    long index = c.gpr[Reg.RCX] & 0xffffffffL;
    boolean enabled = (v.current.get(VmcsField.VM_FUNCTION_CONTROLS) >>> leaf & 1) != 0;
    if (!enabled || index > 511) {
      throw guest.exit(i, ExitReason.VMFUNC);
    }
    long list = v.current.get(VmcsField.EPTP_LIST_ADDRESS);
    long pointer = c.mmu.readPhysical(list + 8 * index, 8);
    if (!Ept.validPointer(v, pointer)) {
      throw guest.exit(i, ExitReason.VMFUNC);
    }
    v.current.put(VmcsField.EPT_POINTER, pointer);
    if (guest.secondary(Controls.VIRTUALIZATION_EXCEPTION)) {
      v.current.put(VmcsField.EPTP_INDEX, index);
    }
    guest.eptOf(v.current);
    c.mmu.banks.switchEpt(Ept.root(pointer));
    c.request(Cpu.REQ_CODE);
  }
}
