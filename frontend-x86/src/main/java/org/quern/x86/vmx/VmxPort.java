package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * The VMX instructions as a VMM calls them that is not guest code. Each does what the instruction
 * does in VMX root operation at CPL 0, with its operand; VM entry and VM exit are those that guest
 * code gets. Belongs to the processor's thread.
 */
public final class VmxPort {
  /** Outcomes of an instruction: SDM vol. 3C, 31.2. */
  public enum Outcome {
    /** VMsucceed; of a VM entry, that guest state or the host state of a VM exit is loaded. */
    SUCCEED,
    /** There is no current VMCS, or the operand is no region for one. */
    FAIL_INVALID,
    /** {@link VmcsField#VM_INSTRUCTION_ERROR} says why. */
    FAIL_VALID
  }

  private final Vmx v;

  /**
   * The port of a processor.
   *
   * @throws IllegalArgumentException if it has no VMX
   */
  public VmxPort(Cpu c) {
    if (c.vmx == null) {
      throw new IllegalArgumentException("a processor without VMX");
    }
    this.v = c.vmx;
  }

  /** What to write at the start of a VMXON region or a VMCS. */
  public static int revision() {
    return Vmcs.REVISION;
  }

  public Outcome vmxon(long region) {
    VmxInsns.on(v, region);
    return outcome();
  }

  public Outcome vmclear(long vmcs) {
    VmxInsns.clear(v, vmcs);
    return outcome();
  }

  public Outcome vmptrld(long vmcs) {
    VmxInsns.load(v, vmcs);
    return outcome();
  }

  /** VMREAD of all of a field, of the current VMCS, which must exist. */
  public long vmread(VmcsField f) {
    return v.current.get(f);
  }

  /** VMREAD of a field's low 32 bits. */
  public int vmread32(VmcsField f) {
    return v.current.get32(f);
  }

  /** VMWRITE of all of a field, of the current VMCS, which must exist. */
  public void vmwrite(VmcsField f, long value) {
    v.current.set(f, value);
  }

  /**
   * VMLAUNCH. The processor may be in root operation again when this returns: by a VM-entry
   * failure, or by a VM exit while an event was injected.
   */
  public Outcome vmlaunch() {
    return enter(true);
  }

  /** As {@link #vmlaunch} for VMRESUME. */
  public Outcome vmresume() {
    return enter(false);
  }

  private Outcome enter(boolean launch) {
    v.succeed();
    VmxInsns.enter(v, launch);
    // Where an exit has been made the flags are the host's, which are clear.
    return v.c.nonRoot != null ? Outcome.SUCCEED : outcome();
  }

  private Outcome outcome() {
    int f = v.c.statusFlags();
    return (f & RFlags.CF) != 0
        ? Outcome.FAIL_INVALID
        : (f & RFlags.ZF) != 0 ? Outcome.FAIL_VALID : Outcome.SUCCEED;
  }
}
