package org.quern.cli.holes;

import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.ExitCounts;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;

/** In ring 0, under an accelerator. */
final class Direct implements Way {
  private final Accelerator accelerator;

  Direct(Accelerator accelerator) {
    this.accelerator = accelerator;
  }

  @Override
  public String name() {
    return accelerator.name();
  }

  @Override
  public Run prepare(GuestKernel kernel) throws AcceleratorException {
    Memory memory = new Memory();
    kernel.load(memory, 0);
    Vm vm = accelerator.createVm(BareMachine.config(GuestKernel.MODEL, memory));
    vm.memoryWritten(0, Layout.RAM_BYTES);
    return new Run() {
      @Override
      public Outcome run(int count) {
        GuestKernel.restart(memory, count);
        Vcpu vcpu = vm.vcpu(0);
        long before = exits(vm);
        vcpu.state(GuestKernel.start());
        String message = BareMachine.runToHlt(vcpu);
        int first = memory.read32(Layout.RESULT);
        int second = memory.read32(Layout.RESULT + 4);
        return new Outcome(first, second, Outcome.AS_EXITS, exits(vm) - before, message);
      }

      @Override
      public void close() {
        vm.close();
      }
    };
  }

  private static long exits(Vm vm) {
    if (vm instanceof ExitCounts counts) {
      return counts.exits().stream().mapToLong(ExitCounts.Exit::count).sum();
    }
    return 0;
  }
}
