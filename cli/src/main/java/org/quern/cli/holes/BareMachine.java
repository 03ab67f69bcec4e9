package org.quern.cli.holes;

import java.util.List;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmConfig;
import org.quern.accel.api.VmExit;
import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.state.CpuModel;

/** A machine of one processor and memory: no interrupts, and time that stands still. */
final class BareMachine {
  /** How often a processor may return before its end. */
  private static final int RETURNS = 1000;

  private BareMachine() {}

  static VmConfig config(CpuModel model, Memory memory) {
    return new VmConfig(model, List.of(memory), List.of(new NoInterrupts()), new StoppedTime());
  }

  /**
   * Runs to a HLT.
   *
   * @return null, or a sentence if the processor ended otherwise
   */
  static String runToHlt(Vcpu vcpu) {
    VmExit exit = vcpu.run();
    for (int n = 0; n < RETURNS && exit.kind == VmExit.Kind.KICKED; n++) {
      exit = vcpu.run();
    }
    return exit.kind == VmExit.Kind.HLT ? null : exit.kind + ": " + exit.message;
  }
}
