package org.quern.accel.kvm;

import org.quern.accel.api.CpuState;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;

/** Between {@link CpuState} and {@code struct kvm_vcpu_events}. */
final class KvmEvents {
  private KvmEvents() {}

  static void put(CpuState from, long to) {
    HostMemory.fill(to, KvmAbi.EVENTS_BYTES, (byte) 0);
    int flags = KvmAbi.EVENT_VALID_NMI_PENDING | KvmAbi.EVENT_VALID_SHADOW;
    HostMemory.putInt(to + KvmAbi.EVENTS_FLAGS, flags);
    int shadow =
        switch (from.shadow) {
          case Cpu.Shadow.STI -> KvmAbi.SHADOW_STI;
          case Cpu.Shadow.MOV_SS -> KvmAbi.SHADOW_MOV_SS;
          default -> 0;
        };
    HostMemory.putByte(to + KvmAbi.EVENTS_INTERRUPT_SHADOW, (byte) shadow);
    HostMemory.putByte(to + KvmAbi.EVENTS_NMI_MASKED, (byte) (from.nmiBlocked ? 1 : 0));
  }

  static void get(long from, CpuState to) {
    int shadow = HostMemory.getByte(from + KvmAbi.EVENTS_INTERRUPT_SHADOW);
    to.shadow =
        (shadow & KvmAbi.SHADOW_MOV_SS) != 0
            ? Cpu.Shadow.MOV_SS
            : (shadow & KvmAbi.SHADOW_STI) != 0 ? Cpu.Shadow.STI : Cpu.Shadow.NONE;
    to.nmiBlocked = nmiMasked(from);
    to.pendingNmis = HostMemory.getByte(from + KvmAbi.EVENTS_NMI_PENDING) & 3;
  }

  static boolean nmiMasked(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_NMI_MASKED) != 0;
  }

  /** Whether an event has been accepted and not delivered: neither guest nor state has it. */
  static boolean underWay(long events) {
    return exception(events) || interrupt(events) || nmi(events);
  }

  static boolean exception(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_EXCEPTION_INJECTED) != 0;
  }

  static int exceptionVector(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_EXCEPTION_NR) & 0xff;
  }

  static boolean exceptionHasError(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_EXCEPTION_HAS_ERROR) != 0;
  }

  static int exceptionError(long events) {
    return HostMemory.getInt(events + KvmAbi.EVENTS_EXCEPTION_ERROR);
  }

  static boolean interrupt(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_INTERRUPT_INJECTED) != 0;
  }

  static boolean interruptIsSoft(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_INTERRUPT_SOFT) != 0;
  }

  static int interruptVector(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_INTERRUPT_NR) & 0xff;
  }

  static boolean nmi(long events) {
    return HostMemory.getByte(events + KvmAbi.EVENTS_NMI_INJECTED) != 0;
  }
}
