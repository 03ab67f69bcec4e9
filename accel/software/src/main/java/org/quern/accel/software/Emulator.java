package org.quern.accel.software;

import org.quern.x86.mmu.FlushListener;
import org.quern.x86.state.Cpu;

/**
 * Executes single instructions on the state of a guest's processor. No mapping is taken for granted
 * from one call to the next.
 */
public final class Emulator {
  private final SoftwareVcpu vcpu;
  private FlushListener listener = FlushListener.NONE;
  private boolean executing;

  Emulator(SoftwareVcpu vcpu) {
    this.vcpu = vcpu;
    vcpu.cpu.mmu.setFlushListener(
        (kind, la) -> {
          if (executing) {
            listener.flushed(kind, la);
          }
        });
  }

  /** The state that instructions are executed on. */
  public Cpu cpu() {
    return vcpu.cpu;
  }

  /** Sets who is told of what an emulated instruction does to the guest's TLB. */
  public void onFlush(FlushListener newListener) {
    listener = newListener;
  }

  /**
   * Executes the instruction at RIP or delivers the exception that it raises, on which the
   * processor may have shut down. A repeated string instruction may be left with elements to do. No
   * interrupt is taken, and a debug trap is left pending.
   */
  public void step() {
    vcpu.cpu.mmu.flushAll();
    executing = true;
    vcpu.core.single();
    executing = false;
  }

  /**
   * Executes so many instructions, or fewer if the processor halts or shuts down, with the events
   * that wait between them.
   */
  public void run(long instructions) {
    vcpu.cpu.mmu.flushAll();
    executing = true;
    vcpu.core.run(instructions);
    executing = false;
  }
}
