package org.quern.x86.vmx;

import org.quern.x86.state.Cpu;

/**
 * The VMX instructions as a VMM calls them that is not guest code. Each does what the instruction
 * does in VMX root operation at CPL 0, with its operand; VM entry and VM exit are those that guest
 * code gets. Belongs to the processor's thread.
 *
 * <p>Such a VMM either has a VMXON region and VMCSs in guest memory and finds the host state of a
 * VM exit loaded, or it is a {@link VmxHost} with VMCSs of its own: {@link #attach}.
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

  /**
   * Puts the processor into VMX root operation for a VMM in Java. VM exits then go to it instead of
   * loading the host-state area, which VM entry does not check either; everything else is as with
   * guest code as VMM, the MSR areas among it.
   */
  public void attach(VmxHost host) {
    v.enable(Vmx.NOWHERE);
    v.host = host;
  }

  public Outcome vmxon(long region) {
    return outcome(v.operations.vmxon(region));
  }

  public Outcome vmclear(long vmcs) {
    return outcome(v.operations.vmclear(vmcs));
  }

  /** VMCLEAR of one of {@link Vmcs#allocate}. */
  public void vmclear(Vmcs s) {
    s.clear();
    if (v.current == s) {
      v.current = null;
    }
  }

  public Outcome vmptrld(long vmcs) {
    return outcome(v.operations.vmptrld(vmcs));
  }

  /** VMPTRLD of one of {@link Vmcs#allocate}. */
  public void vmptrld(Vmcs s) {
    v.current = s;
  }

  /** The current VMCS, or null. */
  public Vmcs current() {
    return v.current;
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

  /** INVVPID of everything, global or not, that a VPID has cached. */
  public void invvpid(int vpid) {
    v.c.mmu.banks.invalidateVpid(vpid, false);
  }

  /** INVVPID of one linear address. */
  public void invvpid(int vpid, long linear) {
    v.c.mmu.banks.invalidateAddress(vpid, linear);
  }

  /**
   * VMLAUNCH. The processor may be in root operation again when this returns: by a VM-entry
   * failure, or by a VM exit while an event was injected. A {@link VmxHost} is told of those as of
   * any VM exit.
   */
  public Outcome vmlaunch() {
    return outcome(v.operations.enter(true));
  }

  /** As {@link #vmlaunch} for VMRESUME. */
  public Outcome vmresume() {
    return outcome(v.operations.enter(false));
  }

  private static Outcome outcome(int of) {
    return switch (of) {
      case VmxOperations.SUCCEED -> Outcome.SUCCEED;
      case VmxOperations.FAIL_INVALID -> Outcome.FAIL_INVALID;
      default -> Outcome.FAIL_VALID;
    };
  }
}
