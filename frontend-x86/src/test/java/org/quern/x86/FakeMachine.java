package org.quern.x86;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.Binding;
import org.quern.x86.semantics.Interrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A processor with {@value #RAM} bytes of RAM and a stepping loop without caches: the reference way
 * to run single instructions in tests of the frontend.
 *
 * <p>The modes share one layout: GDT at {@link #GDT}, IDT at {@link #IDT}, TSS at {@link #TSS},
 * code at {@link #CODE}, the handler of vector v at {@link #HANDLERS} + 16 v.
 */
public final class FakeMachine {
  /** So large that the host gives untouched pages: a machine costs only what a test touches. */
  public static final int RAM = 64 << 20;

  public static final int GDT = 0x1000;
  public static final int GDT_ENTRIES = 64;
  public static final int IDT = 0x2000;
  public static final int TSS = 0x3000;
  public static final int STACK0 = 0x8000;
  public static final int STACK3 = 0xa000;
  public static final int CODE = 0x10000;
  public static final int HANDLERS = 0x20000;
  public static final int PAGE_TABLES = 0x100000;

  // Selectors of the GDT that every protected mode starts with.
  public static final int CODE32 = 0x08;
  public static final int DATA = 0x10;
  public static final int USER_CODE32 = 0x1b;
  public static final int USER_DATA = 0x23;
  public static final int CODE64 = 0x28;
  public static final int USER_CODE64 = 0x33;
  public static final int TSS_SELECTOR = 0x38;

  /** First GDT slot that a test may use for its own descriptors. */
  public static final int FREE = 0x50;

  public final FakeBus bus = new FakeBus(RAM);
  public final FakeInterrupts interrupts = new FakeInterrupts();
  public final FakeTime time = new FakeTime();
  public final Cpu cpu;

  /** What {@link #step} delivered, as {@link #describe} writes it. */
  public final List<String> delivered = new ArrayList<>();

  private final Decoder[] decoders = {new Decoder(16), new Decoder(32), new Decoder(64)};

  public FakeMachine() {
    this(CpuModel.max());
  }

  public FakeMachine(CpuModel model) {
    cpu = new Cpu(0, model, bus, interrupts, time);
    cpu.single = true;
  }

  // ---- modes

  /** Real mode: CS:IP = 0x1000:0, other segments 0, SP = 0x8000, handlers reached by the IVT. */
  public static FakeMachine real() {
    return real(CpuModel.max());
  }

  public static FakeMachine real(CpuModel model) {
    FakeMachine m = new FakeMachine(model);
    Cpu c = m.cpu;
    c.seg[Reg.CS].selector = CODE >> 4;
    c.seg[Reg.CS].base = CODE;
    c.rip = 0;
    c.gpr[Reg.RSP] = STACK0;
    c.idtBase = 0;
    c.idtLimit = 0x3ff;
    for (int v = 0; v < 256; v++) {
      m.bus.write(4L * v, 2, 16L * v);
      m.bus.write(4L * v + 2, 2, HANDLERS >> 4);
    }
    return m;
  }

  /** Flat 32-bit protected mode at CPL 0 without paging. */
  public static FakeMachine protected32() {
    return protected32(CpuModel.max());
  }

  public static FakeMachine protected32(CpuModel model) {
    FakeMachine m = new FakeMachine(model);
    m.tables();
    Cpu c = m.cpu;
    c.cr0 = Cr.CR0_PE | Cr.CR0_ET | Cr.CR0_NE;
    m.segments(CODE32, DATA);
    c.tr.set(TSS_SELECTOR, TSS, 0x2067, Segment.P | 11, true);
    m.bus.write(TSS + 4, 4, STACK0);
    m.bus.write(TSS + 8, 2, DATA);
    m.bus.write(TSS + 0x66, 2, 0x68);
    for (int v = 0; v < 256; v++) {
      m.gate(v, 0x8e, CODE32, HANDLERS + 16 * v);
    }
    c.rip = CODE;
    c.gpr[Reg.RSP] = STACK0;
    return m;
  }

  /** 64-bit mode at CPL 0; the first 1 GiB is mapped to itself for everybody. */
  public static FakeMachine long64() {
    return long64(CpuModel.max());
  }

  public static FakeMachine long64(CpuModel model) {
    FakeMachine m = new FakeMachine(model);
    m.tables();
    m.bus.write(PAGE_TABLES, 8, PAGE_TABLES + 0x1000 | 7);
    m.bus.write(PAGE_TABLES + 0x1000, 8, PAGE_TABLES + 0x2000 | 7);
    for (int n = 0; n < 512; n++) {
      m.bus.write(PAGE_TABLES + 0x2000 + 8L * n, 8, (long) n << 21 | 0xe7);
    }
    Cpu c = m.cpu;
    c.cr0 = Cr.CR0_PE | Cr.CR0_ET | Cr.CR0_NE | Cr.CR0_WP | Cr.CR0_PG;
    c.cr3 = PAGE_TABLES;
    c.cr4 = Cr.CR4_PAE | Cr.CR4_PGE | Cr.CR4_OSFXSR | Cr.CR4_OSXMMEXCPT;
    c.efer = Cr.EFER_LME | Cr.EFER_LMA | Cr.EFER_NXE | Cr.EFER_SCE;
    m.segments(CODE64, DATA);
    c.tr.set(TSS_SELECTOR, TSS, 0x2067, Segment.P | 11, true);
    m.bus.write(TSS + 4, 8, STACK0);
    for (int v = 0; v < 256; v++) {
      m.gate64(v, 0x8e, CODE64, HANDLERS + 16L * v, 0);
    }
    c.rip = CODE;
    c.gpr[Reg.RSP] = STACK0;
    return m;
  }

  private void tables() {
    descriptor(CODE32, 0, 0xfffff, 0xc09b);
    descriptor(DATA, 0, 0xfffff, 0xc093);
    descriptor(USER_CODE32, 0, 0xfffff, 0xc0fb);
    descriptor(USER_DATA, 0, 0xfffff, 0xc0f3);
    descriptor(CODE64, 0, 0xfffff, 0xa09b);
    descriptor(USER_CODE64, 0, 0xfffff, 0xa0fb);
    descriptor(TSS_SELECTOR, TSS, 0x2067, 0x8b);
    cpu.gdtBase = GDT;
    cpu.gdtLimit = GDT_ENTRIES * 8 - 1;
    cpu.idtBase = IDT;
    cpu.idtLimit = 0xfff;
    cpu.ldtr.set(0, 0, 0, 0, false);
  }

  private void segments(int code, int data) {
    for (int s = 0; s < 6; s++) {
      load(s, s == Reg.CS ? code : data);
    }
    cpu.setCpl(code & 3);
    cpu.mmu.flushAll();
    CpuMode.update(cpu);
  }

  /** Continues at CPL 3 with the user segments of the current mode and its own stack. */
  public FakeMachine user() {
    segments(cpu.longMode ? USER_CODE64 : USER_CODE32, USER_DATA);
    cpu.gpr[Reg.RSP] = STACK3;
    return this;
  }

  /** From {@link #protected32}: virtual-8086 mode, segments as in {@link #real}. */
  public FakeMachine v86(int iopl) {
    int attr = Segment.P | Segment.S | Segment.DPL | Segment.WRITABLE | Segment.ACCESSED;
    for (Segment s : cpu.seg) {
      s.set(0, 0, 0xffff, attr, true);
    }
    cpu.seg[Reg.CS].set(CODE >> 4, CODE, 0xffff, attr, true);
    cpu.rip = 0;
    cpu.gpr[Reg.RSP] = STACK3;
    cpu.setCpl(3);
    cpu.setRflags(RFlags.VM | iopl << RFlags.IOPL_SHIFT);
    return this;
  }

  /** Loads a segment register from the GDT or LDT without any check. */
  public void load(int s, int selector) {
    long table = (selector & 4) != 0 ? cpu.ldtr.base : cpu.gdtBase;
    long d = bus.read(table + (selector & 0xfff8), 8);
    long base = d >>> 16 & 0xffffff | d >>> 32 & 0xff000000L;
    int raw = (int) (d & 0xffff | d >>> 32 & 0xf0000);
    int attr = (int) (d >>> 40) & 0xf0ff;
    int limit = (attr & Segment.G) != 0 ? raw << 12 | 0xfff : raw;
    cpu.seg[s].set(selector, base, limit, attr, true);
    CpuMode.update(cpu);
  }

  // ---- tables

  /**
   * Writes a segment descriptor into the GDT.
   *
   * @param limit the raw 20-bit limit
   * @param attr as in {@link Segment#attr}
   */
  public void descriptor(int selector, long base, int limit, int attr) {
    bus.write(GDT + (selector & 0xfff8), 8, encode(base, limit, attr));
  }

  /** A segment descriptor as eight bytes. */
  public static long encode(long base, int limit, int attr) {
    return limit & 0xffff
        | (base & 0xffffff) << 16
        | (long) (attr & 0xf0ff) << 40
        | (long) (limit & 0xf0000) << 32
        | (base & 0xff000000L) << 32;
  }

  /** A call, task, interrupt or trap gate as eight bytes. */
  public static long encodeGate(int access, int selector, long offset, int count) {
    return offset & 0xffff
        | (long) selector << 16
        | (long) count << 32
        | (long) access << 40
        | (offset & 0xffff0000L) << 32;
  }

  /** An IDT gate of protected mode; {@code access} is P, DPL and type. */
  public void gate(int vector, int access, int selector, int offset) {
    bus.write(IDT + 8L * vector, 8, encodeGate(access, selector, offset & 0xffffffffL, 0));
  }

  /** An IDT gate of long mode. */
  public void gate64(int vector, int access, int selector, long offset, int ist) {
    bus.write(IDT + 16L * vector, 8, encodeGate(access, selector, offset, ist));
    bus.write(IDT + 16L * vector + 8, 8, offset >>> 32);
  }

  // ---- running

  /** Places code at CS:RIP. */
  public FakeMachine code(String hex) {
    bytes(linearRip(), hex);
    return this;
  }

  /** Places bytes at a physical address. */
  public void bytes(long physical, String hex) {
    bus.write(physical, HexFormat.of().parseHex(hex.replace(" ", "")));
  }

  /** Linear address of the next instruction. */
  public long linearRip() {
    return cpu.longMode ? cpu.rip : cpu.seg[Reg.CS].base + cpu.rip & 0xffffffffL;
  }

  /** Decodes the instruction at CS:RIP; may raise the fault of its fetch. */
  public Insn fetch() {
    byte[] bytes = new byte[Decoder.MAX_LENGTH];
    Decoder decoder = decoders[cpu.codeSize == 64 ? 2 : cpu.codeSize == 32 ? 1 : 0];
    int got = 0;
    Insn insn = null;
    while (got < bytes.length) {
      long la = linearRip() + got;
      if (!cpu.longMode) {
        if (cpu.rip + got > (cpu.seg[Reg.CS].limit & 0xffffffffL)) {
          throw cpu.gp(0);
        }
        la &= 0xffffffffL;
      }
      bytes[got++] = (byte) cpu.mmu.readPhysical(cpu.mmu.fetchAddress(la), 1);
      insn = decoder.decode(bytes, 0, got);
      if (insn.mnemonic != Mnemonic.TRUNCATED) {
        break;
      }
    }
    return insn;
  }

  /** Runs one instruction; a fault propagates with RIP at its start, as the engine has it. */
  public void stepRaw() {
    Cpu c = cpu;
    long start = c.rip;
    try {
      Insn i = fetch();
      if (i.mnemonic == Mnemonic.TOO_LONG) {
        throw c.gp(0);
      }
      Mnemonic mnemonic = i.form.nameOn(c.model);
      if (mnemonic == null || mnemonic == Mnemonic.INVALID) {
        throw c.ud();
      }
      c.shadow = Cpu.Shadow.NONE;
      c.stepDecided = false;
      c.rip = next(start + i.length);
      Binding.of(mnemonic).exec(c, i);
      c.instructions++;
    } catch (GuestFault f) {
      if (!f.trap) {
        c.rip = start;
      }
      throw f;
    }
  }

  private long next(long rip) {
    return switch (cpu.codeSize) {
      case 64 -> rip;
      case 32 -> rip & 0xffffffffL;
      default -> rip & 0xffff;
    };
  }

  /** Runs one instruction; a fault is delivered to the guest. */
  public void step() {
    try {
      stepRaw();
    } catch (GuestFault f) {
      delivered.add(describe(f));
      Interrupts.deliverFault(cpu, f);
    }
  }

  /** Runs {@code n} instructions. */
  public void run(int n) {
    for (int k = 0; k < n && cpu.activity == Cpu.Activity.ACTIVE; k++) {
      step();
    }
  }

  /** Places one instruction at CS:RIP and runs it as {@link #step} does. */
  public FakeMachine exec(String hex) {
    code(hex);
    step();
    return this;
  }

  /** Places one instruction and runs it without delivery: what it raises, or "-". */
  public String outcome(String hex) {
    code(hex);
    try {
      stepRaw();
      return "-";
    } catch (GuestFault f) {
      return describe(f);
    }
  }

  /** A fault in the manual's words: {@code #GP(8)}, {@code #UD}, {@code #PF(2)@1000}. */
  public static String describe(GuestFault f) {
    String name =
        switch (f.vector) {
          case Vector.DE -> "#DE";
          case Vector.DB -> "#DB";
          case Vector.BR -> "#BR";
          case Vector.UD -> "#UD";
          case Vector.NM -> "#NM";
          case Vector.DF -> "#DF";
          case Vector.TS -> "#TS";
          case Vector.NP -> "#NP";
          case Vector.SS -> "#SS";
          case Vector.GP -> "#GP";
          case Vector.PF -> "#PF";
          case Vector.MF -> "#MF";
          case Vector.AC -> "#AC";
          case Vector.XM -> "#XM";
          default -> "#" + f.vector;
        };
    if (!Vector.hasErrorCode(f.vector)) {
      return name;
    }
    String code = name + "(" + Integer.toHexString(f.errorCode) + ")";
    return f.vector == Vector.PF ? code + "@" + Long.toHexString(f.cr2) : code;
  }

  /** The vector whose standard handler RIP points to, or -1. */
  public int handler() {
    long at = linearRip() - HANDLERS;
    return at >= 0 && at < 4096 && (at & 15) == 0 ? (int) at >> 4 : -1;
  }

  /** Reads the stack of the current mode: {@code bytes} at {@code offset} above its top. */
  public long stack(int offset, int bytes) {
    long sp = cpu.gpr[Reg.RSP] & cpu.stackMask;
    long base = cpu.longMode ? 0 : cpu.seg[Reg.SS].base;
    return bus.read(base + sp + offset, bytes);
  }
}
