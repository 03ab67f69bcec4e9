package org.quern.x86.vmx;

/**
 * What a processor keeps for VMX besides its registers and its VMCSs, which are in guest memory: to
 * stop a guest that uses VMX and to continue it elsewhere. A plain mutable holder.
 */
public final class VmxState {
  /** In VMX operation. */
  public boolean on;

  /** In VMX non-root operation. */
  public boolean nonRoot;

  /** VMXON pointer, or -1. */
  public long vmxonPointer = Vmx.NOWHERE;

  /** Current-VMCS pointer, or -1. */
  public long vmcsPointer = Vmx.NOWHERE;

  /** IA32_FEATURE_CONTROL. */
  public long featureControl;

  /** An INIT waits for the end of VMX root operation. */
  public boolean initBlocked;

  /** In non-root operation: a VM exit by the monitor trap flag is due. */
  public boolean monitorTrap;

  /** In non-root operation: what the preemption timer has come down to. */
  public int preemptionTimer;

  /** As of a processor that has never used VMX. */
  public void clear() {
    copyFrom(new VmxState());
  }

  public void copyFrom(VmxState o) {
    on = o.on;
    nonRoot = o.nonRoot;
    vmxonPointer = o.vmxonPointer;
    vmcsPointer = o.vmcsPointer;
    featureControl = o.featureControl;
    initBlocked = o.initBlocked;
    monitorTrap = o.monitorTrap;
    preemptionTimer = o.preemptionTimer;
  }
}
