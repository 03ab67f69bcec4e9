package org.quern.x86.vmx;

import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.RamBus;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuModel;

/** What the VMX capability MSRs of a model say, for those who have no processor. */
public final class VmxOffer {
  private static final int PROCBASED2 = 0x48b;
  private static final int TRUE_PINBASED = 0x48d;
  private static final int TRUE_ENTRY = 0x490;

  private final Cpu cpu;

  public VmxOffer(CpuModel model) {
    cpu = new Cpu(0, model, new RamBus(0, 0), new NoInterrupts(), new StoppedTime());
  }

  /** Whether a control may be 1, or whether a bit of another capability MSR is 1. */
  public boolean has(int msr, int bit) {
    return msr <= Capabilities.LAST_MSR
        && ((controls(msr) ? may(msr) : value(msr)) >>> bit & 1) != 0;
  }

  /** Whether a control that used to be always 1 may be 0. */
  public boolean mayBeZero(int msr, int bit) {
    return (value(msr) >>> bit & 1) == 0;
  }

  private static boolean controls(int msr) {
    return msr == PROCBASED2 || (msr >= TRUE_PINBASED && msr <= TRUE_ENTRY);
  }

  private long may(int msr) {
    return value(msr) >>> 32;
  }

  private long value(int msr) {
    return Capabilities.read(cpu, msr);
  }
}
