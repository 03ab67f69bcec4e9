package org.quern.accel.software;

import org.quern.x86.state.Cpu;

/** Executes single instructions on the state of a guest's processor. */
public final class Emulator {
  private final SoftwareVcpu vcpu;

  Emulator(SoftwareVcpu vcpu) {
    this.vcpu = vcpu;
  }

  /** The state that instructions are executed on. */
  public Cpu cpu() {
    return vcpu.cpu;
  }

  /**
   * Executes the instruction at RIP or delivers the exception that it raises, on which the
   * processor may have shut down. A repeated string instruction may be left with elements to do. No
   * interrupt is taken, and a debug trap is left pending.
   */
  public void step() {
    vcpu.core.single();
  }
}
