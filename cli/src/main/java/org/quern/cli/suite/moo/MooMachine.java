package org.quern.cli.suite.moo;

import java.util.List;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.RamBus;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Generation;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A processor in real mode with nothing but RAM, which executes one case after the other.
 *
 * <p>A case ends at a HLT. Those of the 80286 and later bring theirs along; for those of the 8086,
 * which do not, one stands where the processor is expected next. One thread.
 */
final class MooMachine implements AutoCloseable {
  private static final int RAM_BYTES = 16 << 20;
  private static final byte HLT = (byte) 0xf4;
  private static final byte NOP = (byte) 0x90;

  /** The instruction, and the HLT behind it. */
  private static final int INSTRUCTIONS = 2;

  /** How often the processor may return before its end: repeated instructions do now and then. */
  private static final int RUNS = 16;

  /**
   * EFLAGS bits a processor of 16 bits keeps from what is loaded in real mode, and a 32-bit one.
   */
  private static final int FLAGS_16 = 0xfd7;

  private static final int FLAGS_32 = 0x7fd7;

  private final long ram = HostMemory.allocate(RAM_BYTES);
  private final CpuModel model;
  private final boolean bits32;
  private final Vm vm;
  private final Vcpu vcpu;
  private final CpuState state;

  /** CR0 after RESET: a case may leave real mode. */
  private final long cr0;

  /** Where a HLT was put that the case does not bring along, or -1. */
  private int planted = -1;

  /**
   * A machine.
   *
   * @param model the processor
   * @param tiering whether and when code is translated
   */
  MooMachine(CpuModel model, Tiering tiering) throws AcceleratorException {
    this.model = model;
    bits32 = !model.generation().before(Generation.I386);
    vm =
        new SoftwareAccelerator(tiering)
            .createVm(
                new VmConfig(
                    model,
                    List.of(new RamBus(ram, RAM_BYTES)),
                    List.of(new NoInterrupts()),
                    new StoppedTime()));
    vcpu = vm.vcpu(0);
    vcpu.reset();
    state = vcpu.state();
    cr0 = state.cr0;
    // Where there is a coprocessor, it must not object to what the cases feed it.
    state.fpu.init();
  }

  /** What is left of a physical address. */
  int addressMask() {
    return (int) ((1L << model.generation().addressLines()) - 1);
  }

  CpuModel model() {
    return model;
  }

  /**
   * Executes a case.
   *
   * @param plant whether to put a HLT where the case is expected to end
   * @return the registers behind it; reused by the next call
   */
  CpuState execute(MooCase c, boolean plant) {
    fill(c.initial());
    planted = -1;
    boolean halts = !plant || plant(c);
    load(c.initial());
    vcpu.state(state);
    Stepping stepping = (Stepping) vcpu;
    VmExit.Kind end = VmExit.Kind.KICKED;
    int instructions = halts ? INSTRUCTIONS : 1;
    long last = vcpu.instructions() + instructions;
    for (int n = 0; n < RUNS && end == VmExit.Kind.KICKED && vcpu.instructions() < last; n++) {
      end = stepping.run(last - vcpu.instructions()).kind;
    }
    stepping.copyState(state);
    return state;
  }

  /** A byte of memory. */
  int at(int address) {
    return HostMemory.getByte(ram + (address & RAM_BYTES - 1)) & 0xff;
  }

  /** Where the HLT stands that does not belong to the case, or -1. */
  int planted() {
    return planted;
  }

  /** Takes away what the case has put into memory. */
  void clean(MooCase c) {
    wipe(c.initial().addresses());
    wipe(c.result().addresses());
    if (planted >= 0) {
      put(planted, (byte) 0);
    }
  }

  private void wipe(int[] addresses) {
    for (int a : addresses) {
      put(a, (byte) 0);
    }
  }

  private void put(int address, byte v) {
    int a = address & RAM_BYTES - 1;
    HostMemory.putByte(ram + a, v);
    vm.memoryWritten(a, 1);
  }

  private void fill(MooState s) {
    for (int n = 0; n < s.addresses().length; n++) {
      put(s.addresses()[n], s.bytes()[n]);
    }
  }

  /** Puts a HLT where the next instruction will be, unless the case has use for that byte. */
  private boolean plant(MooCase c) {
    int cs = c.initial().after(MooReg.CS, c.result());
    int ip = c.initial().after(MooReg.EIP, c.result());
    int at = (cs << 4) + ip & 0xfffff;
    if (value(c.initial(), at, NOP) != NOP || value(c.result(), at, NOP) != NOP) {
      return false;
    }
    planted = at;
    put(at, HLT);
    return true;
  }

  private static int value(MooState s, int address, int otherwise) {
    for (int n = 0; n < s.addresses().length; n++) {
      if (s.addresses()[n] == address) {
        return s.bytes()[n];
      }
    }
    return otherwise;
  }

  private void load(MooState s) {
    gpr(Reg.RAX, s.get(MooReg.EAX));
    gpr(Reg.RBX, s.get(MooReg.EBX));
    gpr(Reg.RCX, s.get(MooReg.ECX));
    gpr(Reg.RDX, s.get(MooReg.EDX));
    gpr(Reg.RSI, s.get(MooReg.ESI));
    gpr(Reg.RDI, s.get(MooReg.EDI));
    gpr(Reg.RBP, s.get(MooReg.EBP));
    gpr(Reg.RSP, s.get(MooReg.ESP));
    state.rip = s.get(MooReg.EIP) & 0xffff;
    state.rflags = s.get(MooReg.EFLAGS) & (bits32 ? FLAGS_32 : FLAGS_16) | 2;
    int data = Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED;
    segment(Reg.CS, s.get(MooReg.CS), data | Segment.CODE);
    segment(Reg.SS, s.get(MooReg.SS), data);
    segment(Reg.DS, s.get(MooReg.DS), data);
    segment(Reg.ES, s.get(MooReg.ES), data);
    segment(Reg.FS, s.get(MooReg.FS), data);
    segment(Reg.GS, s.get(MooReg.GS), data);
    state.cr0 = cr0;
    state.idtBase = 0;
    state.idtLimit = 0x3ff;
    state.halted = false;
    state.shadow = 0;
  }

  private void gpr(int r, int v) {
    state.gpr[r] = v & 0xffffffffL;
  }

  private void segment(int s, int selector, int attr) {
    int v = selector & 0xffff;
    state.seg[s].set(v, (long) v << 4, 0xffff, attr, true);
  }

  @Override
  public void close() {
    vm.close();
  }
}
