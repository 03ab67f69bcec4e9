package org.quern.cli.holes;

import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Trap and emulate as before there was hardware for it: the kernel runs in an outer ring of the
 * software processor, and a monitor in ring 0, of which a HLT for each vector is guest code and the
 * rest is {@link Monitor}. What does not trap is executed as it is. Source: Popek and Goldberg,
 * "Formal Requirements for Virtualizable Third Generation Architectures", CACM 1974.
 *
 * <p>The kernel's segments are given the outer ring as DPL and end before the monitor; its gates
 * and system segments are not in the real GDT. Interrupts are really on, CR0.TS is really set, and
 * the real processor is another model than the kernel's.
 */
final class Classical implements Way {
  /** The processor the monitor runs on. */
  static final CpuModel HOST = CpuModel.max();

  private final int ring;
  private final boolean umip;

  /**
   * The ring the kernel runs in.
   *
   * @param ring 1, or 3 as on processors that protect pages from ring 3 only
   * @param umip whether CR4.UMIP is set, so that five of the instructions trap
   */
  Classical(int ring, boolean umip) {
    this.ring = ring;
    this.umip = umip;
  }

  @Override
  public String name() {
    return "ring" + ring + (umip ? "-umip" : "");
  }

  @Override
  public Run prepare(GuestKernel kernel) throws AcceleratorException {
    Memory memory = new Memory();
    kernel.load(memory, 0);
    tables(memory);
    Vm vm = new SoftwareAccelerator(Tiering.INTERPRET).createVm(BareMachine.config(HOST, memory));
    return new Run() {
      @Override
      public Outcome run(int count) {
        GuestKernel.restart(memory, count);
        VirtualCpu cpu = new VirtualCpu(memory, GuestKernel.start(), ring);
        return execute(vm.vcpu(0), cpu, kernel.probe());
      }

      @Override
      public void close() {
        vm.close();
      }
    };
  }

  private Outcome execute(Vcpu vcpu, VirtualCpu cpu, int probe) {
    Memory m = cpu.memory;
    cpu.shadowTable();
    CpuState s = outerRing(cpu);
    Monitor monitor = new Monitor(cpu);
    String message = null;
    long traps = 0;
    long exits = 0;
    while (message == null) {
      vcpu.state(s);
      message = BareMachine.runToHlt(vcpu);
      if (message != null) {
        break;
      }
      exits++;
      s = vcpu.state();
      Trap trap = Trap.take(s, m);
      traps += trap.rip() == probe ? 1 : 0;
      if (!monitor.handle(s, trap)) {
        break;
      }
      s.halted = false;
    }
    if (message == null) {
      message = monitor.message();
    }
    return new Outcome(m.read32(Layout.RESULT), m.read32(Layout.RESULT + 4), traps, exits, message);
  }

  /** The kernel's own state as it is loaded into the real processor. */
  private CpuState outerRing(VirtualCpu cpu) {
    CpuState s = GuestKernel.start();
    for (int n = 0; n < s.seg.length; n++) {
      int selector = n == Reg.CS || n == Reg.SS ? s.seg[n].selector | ring : s.seg[n].selector;
      cpu.loadReal(s.seg[n], selector);
    }
    s.ldtr.set(0, 0, 0, 0, false);
    s.tr.set(Layout.MONITOR_TASK, Layout.MONITOR_TSS, Layout.TSS_LIMIT, 0x8b, true);
    s.gdtBase = Layout.MONITOR_GDT;
    s.gdtLimit = Layout.MONITOR_GDT_LIMIT;
    s.idtBase = Layout.MONITOR_IDT;
    s.cr0 = Layout.MONITOR_CR0;
    s.cr4 = umip ? Cr.CR4_UMIP : 0;
    s.rflags = 2 | RFlags.IF;
    return s;
  }

  private static void tables(Memory m) {
    long code = GuestKernel.descriptor(0, -1, 0xc09b);
    long data = GuestKernel.descriptor(0, -1, 0xc093);
    m.write64(Layout.MONITOR_GDT + Layout.MONITOR_CODE, code);
    m.write64(Layout.MONITOR_GDT + Layout.MONITOR_DATA, data);
    m.write64(
        Layout.MONITOR_GDT + Layout.MONITOR_TASK,
        GuestKernel.descriptor(Layout.MONITOR_TSS, Layout.TSS_LIMIT, Segment.P | 0xb));
    m.write32(Layout.MONITOR_TSS + 4, Layout.MONITOR_STACK);
    m.write32(Layout.MONITOR_TSS + 8, Layout.MONITOR_DATA);
    // No I/O permission bitmap: every port traps.
    m.write16(Layout.MONITOR_TSS + 0x66, 0xffff);
    for (int v = 0; v < 256; v++) {
      int handler = Layout.MONITOR_HANDLERS + Layout.HANDLER_BYTES * v;
      m.write(handler, new byte[] {(byte) 0xf4});
      long high = handler & 0xffff0000 | 0x8e00;
      m.write64(
          Layout.MONITOR_IDT + 8 * v,
          high << 32 | (long) Layout.MONITOR_CODE << 16 | handler & 0xffff);
    }
  }
}
