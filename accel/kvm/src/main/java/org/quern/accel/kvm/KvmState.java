package org.quern.accel.kvm;

import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.semantics.MsrIndex;

/**
 * Moves the whole architectural state of a processor between {@link CpuState} and KVM. HLT, waiting
 * for a start-up IPI, NMIs that wait and debug traps that are due are not KVM's but {@link
 * KvmProcessor}'s. FCS and FDS of the x87 unit are lost, as on every processor that runs in 64-bit
 * mode.
 */
final class KvmState {
  private final KvmVcpu vcpu;
  private final KvmMsrs msrs;
  private final LocalInterrupts interrupts;
  private final TimeSource time;

  KvmState(KvmVcpu vcpu, KvmMsrs msrs, LocalInterrupts interrupts, TimeSource time) {
    this.vcpu = vcpu;
    this.msrs = msrs;
    this.interrupts = interrupts;
    this.time = time;
  }

  void put(CpuState s) throws AcceleratorException {
    interrupts.taskPriority((int) s.cr8);
    vcpu.systemRegisters(s);
    vcpu.vectors(s);
    vcpu.registers(s);
    // The counter before the adjustment, which then leaves it alone.
    vcpu.msr(MsrIndex.TSC, time.tsc() + s.msr.tscAdjust);
    msrs.put(s.msr, vcpu);
    vcpu.debugRegisters(s);
    vcpu.events(s);
  }

  CpuState get() throws AcceleratorException {
    CpuState s = new CpuState();
    vcpu.copyRegisters(s);
    vcpu.copySystemRegisters(s);
    vcpu.copyVectors(s);
    msrs.get(vcpu, s.msr);
    vcpu.copyDebugRegisters(s);
    vcpu.copyEvents(s);
    s.cr8 = interrupts.taskPriority();
    return s;
  }
}
