package org.quern.accel.kvm;

import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.vmx.NonRoot;

/**
 * An event that KVM has accepted and not delivered when the processor was stopped.
 *
 * @param event type and vector as VM entry would inject them
 * @param length of the instruction it comes from, if it is a software event
 */
record KvmUnderWay(int event, boolean hasError, int error, int length) {
  private static final int INT_N_BYTES = 2;

  /** The event in a {@code struct kvm_vcpu_events}; there must be one. */
  static KvmUnderWay of(long events) {
    if (KvmEvents.exception(events)) {
      int vector = KvmEvents.exceptionVector(events);
      boolean software = vector == Vector.BP || vector == Vector.OF;
      int type = software ? NonRoot.SOFTWARE_EXCEPTION : NonRoot.HARDWARE_EXCEPTION;
      return new KvmUnderWay(
          type | vector,
          KvmEvents.exceptionHasError(events),
          KvmEvents.exceptionError(events),
          software ? 1 : 0);
    }
    if (KvmEvents.interrupt(events)) {
      boolean software = KvmEvents.interruptIsSoft(events);
      int type = software ? NonRoot.SOFTWARE_INTERRUPT : NonRoot.EXTERNAL;
      int length = software ? INT_N_BYTES : 0;
      return new KvmUnderWay(type | KvmEvents.interruptVector(events), false, 0, length);
    }
    return new KvmUnderWay(NonRoot.NMI | Vector.NMI, false, 0, 0);
  }

  /** Delivers it as hardware would have. */
  void deliver(Cpu c) {
    Interrupts.inject(c, event, hasError, error, length);
  }
}
