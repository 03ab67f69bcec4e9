package org.quern.cli.holes;

import org.quern.accel.api.CpuState;
import org.quern.x86.asm.Assembler;
import org.quern.x86.asm.Assembly;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.NamedModels;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * A kernel of a few instructions in 32-bit protected mode, written for ring 0: its tables, the code
 * of one probe in a loop, and handlers. It ends by HLT.
 */
final class GuestKernel {
  private static final int SERVICE_VECTOR = 0x30;
  private static final int BACK_VECTOR = 0x31;
  private static final int INT3_VECTOR = 3;
  private static final int INTERRUPT_GATE = 0x8e00;
  private static final int USER_GATE = 0xee00;
  private static final int FLAT_CODE = 0xc09b;
  private static final int FLAT_DATA = 0xc093;
  private static final int DPL3 = Segment.DPL;

  /** The processor it believes to run on: a Pentium III, which has no UMIP. */
  static final CpuModel MODEL = NamedModels.usable(NamedModels.find("pentium3").orElseThrow());

  private static final String FRAME =
      """
      loop_start:
        mov esp, STACK
        %s
      next:
        dec dword [COUNT]
        jnz loop_start
        hlt
      unexpected:
        hlt
      service:                      ; INT 30h and INT3: which CS was pushed?
        mov eax, [esp + 4]
        mov [RESULT], eax
        iretd
      gate:                         ; far CALL through a gate: likewise
        mov eax, [esp + 4]
        mov [RESULT], eax
        retf
      user:                         ; behind a return to ring 3
        mov eax, esp
        mov [es:RESULT], eax
        mov eax, ss
        mov [es:RESULT + 4], eax
        int 0x31
      back:                         ; INT 31h ends user code
        mov ax, 0x10
        mov ds, ax
        jmp next
      """;

  private final Assembly code;

  GuestKernel(Probe p) {
    String equ =
        String.format(
            "RESULT equ %#x\nCOUNT equ %#x\nSTACK equ %#x\nUSER_STACK equ %#x\n",
            Layout.RESULT, Layout.COUNT, Layout.STACK, Layout.USER_STACK);
    code = Assembler.assemble(equ + String.format(FRAME, p.body()), 32, Layout.CODE);
  }

  /** Where the probed instruction is. */
  int probe() {
    return (int) code.symbol("probe");
  }

  /** Fills the memory; the probe will run {@code count} times. */
  void load(Memory m, int count) {
    long[] gdt = {
      0,
      descriptor(0, -1, FLAT_CODE),
      descriptor(0, -1, FLAT_DATA),
      gate(Layout.KERNEL_CODE, "gate", 0x8c00),
      descriptor(Layout.TSS, Layout.TSS_LIMIT, 0x8b),
      descriptor(Layout.LDT, 7, 0x82),
      descriptor(0, -1, FLAT_CODE | DPL3),
      descriptor(0, -1, FLAT_DATA | DPL3),
      descriptor(Layout.TSS + 0x400, Layout.TSS_LIMIT, 0x89)
    };
    for (int n = 0; n < gdt.length; n++) {
      m.write64(Layout.GDT + 8 * n, gdt[n]);
    }
    for (int v = 0; v < 256; v++) {
      m.write64(Layout.IDT + 8 * v, gate(Layout.KERNEL_CODE, "unexpected", INTERRUPT_GATE));
    }
    m.write64(Layout.IDT + 8 * INT3_VECTOR, gate(Layout.KERNEL_CODE, "service", INTERRUPT_GATE));
    m.write64(Layout.IDT + 8 * SERVICE_VECTOR, gate(Layout.KERNEL_CODE, "service", INTERRUPT_GATE));
    m.write64(Layout.IDT + 8 * BACK_VECTOR, gate(Layout.KERNEL_CODE, "back", USER_GATE));
    m.write32(Layout.TSS + 4, Layout.STACK0);
    m.write32(Layout.TSS + 8, Layout.KERNEL_DATA);
    m.write(Layout.CODE, code.bytes());
    restart(m, count);
  }

  /** Readies the memory for another run. */
  static void restart(Memory m, int count) {
    m.write64(Layout.RESULT, 0);
    m.write32(Layout.COUNT, count);
  }

  /** The processor at its first instruction, in ring 0. */
  static CpuState start() {
    CpuState s = new CpuState();
    for (Segment seg : s.seg) {
      seg.set(Layout.KERNEL_DATA, 0, -1, FLAT_DATA, true);
    }
    s.seg[Reg.CS].set(Layout.KERNEL_CODE, 0, -1, FLAT_CODE, true);
    s.ldtr.set(Layout.LOCAL, Layout.LDT, 7, 0x82, true);
    s.tr.set(Layout.TASK, Layout.TSS, Layout.TSS_LIMIT, 0x8b, true);
    s.gdtBase = Layout.GDT;
    s.gdtLimit = Layout.GDT_LIMIT;
    s.idtBase = Layout.IDT;
    s.idtLimit = Layout.IDT_LIMIT;
    s.cr0 = Layout.CR0;
    s.dr[6] = 0xffff0ff0L;
    s.dr[7] = 0x400;
    s.fpu.init();
    s.gpr[Reg.RSP] = Layout.STACK;
    s.rip = Layout.CODE;
    return s;
  }

  /** A descriptor of a segment; {@code attributes} as in {@link Segment#attr}. */
  static long descriptor(int base, int limit, int attributes) {
    int field = (attributes & Segment.G) != 0 ? limit >>> 12 : limit;
    int high =
        base & 0xff000000
            | base >>> 16 & 0xff
            | (attributes & 0xf000) << 8
            | field & 0xf0000
            | (attributes & 0xff) << 8;
    return (long) high << 32 | (long) base << 16 & 0xffff0000L | field & 0xffff;
  }

  private long gate(int selector, String label, int attributes) {
    int offset = (int) code.symbol(label);
    int high = offset & 0xffff0000 | attributes;
    return (long) high << 32 | (long) selector << 16 | offset & 0xffff;
  }
}
