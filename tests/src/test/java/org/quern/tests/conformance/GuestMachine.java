package org.quern.tests.conformance;

import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.api.VmExit;
import org.quern.x86.asm.Assembler;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A processor, RAM and tables that run one small program in one mode under any accelerator.
 *
 * <p>Layout: GDT at 0x500, IDT (or IVT) at 0x0 in real mode and 0x4000 else, TSS at 0x5000, code at
 * {@link #CODE}, ring-0 stack below {@link #STACK}, page tables at 0x10000 mapping the 16 MiB of
 * RAM one to one for user and supervisor. Vector {@code v} leads to a HLT at {@code HANDLERS + 16 *
 * v}, so a program ends either by its own HLT or in the handler of an exception.
 */
public final class GuestMachine {
  public static final long CODE = 0x8000;
  public static final long HANDLERS = 0x2000;
  public static final long STACK = 0x80000;
  public static final long DATA = 0x100000;

  // Selectors of the GDT.
  public static final int CODE32 = 0x08;
  public static final int DATA32 = 0x10;
  public static final int CODE64 = 0x18;
  public static final int CODE16 = 0x20;
  public static final int DATA16 = 0x28;
  public static final int USER_CODE32 = 0x30 | 3;
  public static final int USER_DATA32 = 0x38 | 3;
  public static final int USER_CODE64 = 0x40 | 3;
  public static final int TSS = 0x48;

  private static final long GDT = 0x500;
  private static final long IDT = 0x4000;
  private static final long TSS_BASE = 0x5000;
  private static final long TABLES = 0x10000;
  private static final int MAX_RUNS = 1000;

  /** Ends machines that no test refers to any more: some hold descriptors of the host. */
  private static final Cleaner CLEANER = Cleaner.create();

  public final TestBus bus = new TestBus();
  public final CpuState start = new CpuState();
  private final Mode mode;
  private final Vm vm;

  public GuestMachine(Accelerator accelerator, Mode mode) throws AcceleratorException {
    this(accelerator, mode, 1);
  }

  /**
   * A machine of several processors that start in the same state, but for RSP and the index in RDI.
   */
  public GuestMachine(Accelerator accelerator, Mode mode, int cpus) throws AcceleratorException {
    this(accelerator, mode, cpus, CpuModel.max());
  }

  GuestMachine(Accelerator accelerator, Mode mode, int cpus, CpuModel model)
      throws AcceleratorException {
    this.mode = mode;
    List<GuestBus> buses = Collections.nCopies(cpus, bus);
    List<LocalInterrupts> interrupts = new ArrayList<>();
    for (int i = 0; i < cpus; i++) {
      interrupts.add(new NoInterrupts());
    }
    vm = accelerator.createVm(new VmConfig(model, buses, interrupts, new FixedTime()));
    CLEANER.register(this, vm::close);
    tables();
    registers();
  }

  public GuestMachine reg(int r, long v) {
    start.gpr[r] = v;
    return this;
  }

  GuestMachine flags(long rflags) {
    start.rflags = rflags;
    return this;
  }

  /** Assembles the program to {@link #CODE}; a HLT is added behind it. */
  public GuestMachine code(String source) {
    bus.write(CODE, Assembler.assemble(source + "\nhlt\n", mode.codeSize, CODE).bytes());
    return this;
  }

  /** Puts raw code bytes to {@link #CODE}; no HLT is added. */
  public GuestMachine bytes(int... code) {
    byte[] b = new byte[code.length];
    for (int i = 0; i < b.length; i++) {
      b[i] = (byte) code[i];
    }
    bus.write(CODE, b);
    return this;
  }

  public Vm vm() {
    return vm;
  }

  /** Runs until HLT or shutdown. */
  public GuestResult run() {
    Vcpu vcpu = vm.vcpu(0);
    vcpu.state(start);
    for (int n = 0; n < MAX_RUNS; n++) {
      VmExit exit = vcpu.run();
      if (exit.kind != VmExit.Kind.KICKED) {
        return new GuestResult(exit.kind, exit.message, vcpu.state(), bus);
      }
    }
    throw new AssertionError("the program does not end");
  }

  /** Runs all processors at once, each on a thread of its own, until all have halted. */
  public void runAll() throws InterruptedException {
    List<Thread> threads = new ArrayList<>();
    List<String> bad = Collections.synchronizedList(new ArrayList<>());
    for (int i = 0; i < vm.cpus(); i++) {
      Vcpu vcpu = vm.vcpu(i);
      start.gpr[Reg.RDI] = i;
      start.gpr[Reg.RSP] = STACK - 0x1000L * (i + 1);
      vcpu.state(start);
      Thread t =
          new Thread(
              () -> {
                VmExit exit = vcpu.run();
                while (exit.kind == VmExit.Kind.KICKED) {
                  exit = vcpu.run();
                }
                long rip = vcpu.state().rip;
                if (exit.kind != VmExit.Kind.HLT || rip < CODE) {
                  bad.add(exit.kind + " at " + Long.toHexString(rip));
                }
              });
      threads.add(t);
    }
    threads.forEach(Thread::start);
    for (Thread t : threads) {
      t.join();
    }
    if (!bad.isEmpty()) {
      throw new AssertionError("processors ended by " + bad);
    }
  }

  // ---- tables

  private void tables() {
    long[] gdt = {
      0,
      descriptor(0x9b, 0xc),
      descriptor(0x93, 0xc),
      descriptor(0x9b, 0xa),
      descriptor(0x9b, 0x8) & ~(1L << 55),
      descriptor(0x93, 0x8) & ~(1L << 55),
      descriptor(0xfb, 0xc),
      descriptor(0xf3, 0xc),
      descriptor(0xfb, 0xa),
      0x0000890000000067L | (TSS_BASE & 0xffffff) << 16,
      0
    };
    for (int i = 0; i < gdt.length; i++) {
      bus.write64(GDT + 8L * i, gdt[i]);
    }
    for (int v = 0; v < 256; v++) {
      long handler = HANDLERS + 16L * v;
      bus.write(handler, new byte[] {(byte) 0xf4});
      switch (mode) {
        case REAL16 -> bus.write(4L * v, new byte[] {(byte) handler, (byte) (handler >> 8), 0, 0});
        case PROTECTED16, PROTECTED32 -> bus.write64(IDT + 8L * v, gate(handler, CODE32));
        default -> {
          bus.write64(IDT + 16L * v, gate(handler, CODE64));
          bus.write64(IDT + 16L * v + 8, 0);
        }
      }
    }
    bus.write64(TABLES, TABLES + 0x1000 | 7);
    bus.write64(TABLES + 0x1000, TABLES + 0x2000 | 7);
    for (int i = 0; i < TestBus.RAM_BYTES >> 21; i++) {
      bus.write64(TABLES + 0x2000 + 8L * i, (long) i << 21 | 0x87);
    }
    if (mode == Mode.LONG64 || mode == Mode.COMPATIBILITY32) {
      bus.write64(TSS_BASE + 4, STACK);
    } else {
      bus.write64(TSS_BASE + 4, (long) DATA32 << 32 | STACK);
    }
  }

  /** A flat descriptor: base 0, limit 4 GiB. */
  private static long descriptor(int access, int flags) {
    return 0xffffL | (long) access << 40 | 0xfL << 48 | (long) flags << 52;
  }

  /** A present 32-bit (or 64-bit) interrupt gate of DPL 3. */
  private static long gate(long offset, int selector) {
    return offset & 0xffff | (long) selector << 16 | 0xeeL << 40 | (offset >> 16) << 48;
  }

  private void registers() {
    start.rip = CODE;
    start.gpr[Reg.RSP] = mode.codeSize == 16 ? 0x7000 : STACK - 0x1000;
    start.cr0 = Cr.CR0_ET | Cr.CR0_NE | Cr.CR0_MP;
    start.cr4 = Cr.CR4_OSFXSR | Cr.CR4_OSXMMEXCPT;
    start.fpu.init();
    start.tr.set(TSS, TSS_BASE, 0x67, 0x8b, true);
    start.ldtr.set(0, 0, 0, 0x82, false);
    start.gdtBase = GDT;
    start.gdtLimit = 0x57;
    start.idtBase = IDT;
    start.idtLimit = 0xfff;
    start.dr[6] = 0xffff0ff0L;
    start.dr[7] = 0x400;
    int code = Segment.P | Segment.S | Segment.CODE | Segment.READABLE | Segment.ACCESSED;
    int data = Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED;
    switch (mode) {
      case REAL16 -> {
        start.idtBase = 0;
        start.idtLimit = 0x3ff;
        segments(0, 0xffff, code, 0, data);
      }
      case PROTECTED16 -> {
        start.cr0 |= Cr.CR0_PE;
        segments(CODE16, -1, code | Segment.G, DATA16, data | Segment.G);
      }
      case PROTECTED32 -> {
        start.cr0 |= Cr.CR0_PE;
        int db = Segment.G | Segment.DB;
        segments(CODE32, -1, code | db, DATA32, data | db);
      }
      case LONG64, COMPATIBILITY32 -> {
        start.cr0 |= Cr.CR0_PE | Cr.CR0_PG | Cr.CR0_WP;
        start.cr4 |= Cr.CR4_PAE;
        start.cr3 = TABLES;
        start.efer = Cr.EFER_LME | Cr.EFER_LMA | Cr.EFER_SCE | Cr.EFER_NXE;
        int db = Segment.G | Segment.DB;
        boolean wide = mode == Mode.LONG64;
        segments(
            wide ? CODE64 : CODE32,
            -1,
            wide ? code | Segment.G | Segment.L : code | db,
            DATA32,
            data | db);
      }
    }
  }

  private void segments(int cs, int limit, int codeAttr, int ds, int dataAttr) {
    for (int i = 0; i < 6; i++) {
      start.seg[i].set(ds, 0, limit, dataAttr, true);
    }
    start.seg[Reg.CS].set(cs, 0, limit, codeAttr, true);
  }

  private static final class NoInterrupts implements LocalInterrupts {
    private int tpr;

    @Override
    public int acknowledge() {
      return -1;
    }

    @Override
    public int taskPriority() {
      return tpr;
    }

    @Override
    public void taskPriority(int priorityClass) {
      tpr = priorityClass;
    }

    @Override
    public long readMsr(int msr) throws InvalidMsrAccess {
      throw InvalidMsrAccess.INSTANCE;
    }

    @Override
    public void writeMsr(int msr, long value) throws InvalidMsrAccess {
      throw InvalidMsrAccess.INSTANCE;
    }
  }

  private static final class FixedTime implements TimeSource {
    private long now;

    @Override
    public long tsc() {
      return now += 100;
    }

    @Override
    public long tscFrequency() {
      return 1_000_000_000;
    }
  }
}
