package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.quern.x86.state.Reg.RAX;
import static org.quern.x86.state.Reg.RBX;
import static org.quern.x86.state.Reg.RCX;
import static org.quern.x86.state.Reg.RDX;
import static org.quern.x86.state.Reg.RSP;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.VmExit;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.RFlags;

/**
 * Changes of privilege, task and mode as programs see them, under every accelerator. What each
 * descriptor and selector may do is tested beside the semantics; here it is that the engine
 * follows.
 */
abstract class PrivilegeConformance {
  private static final long GDT = 0x500;
  private static final long IDT = 0x4000;
  private static final long TSS = 0x5000;

  /** First selector and a TSS that these programs add. */
  private static final int FREE = 0x58;

  private static final long NEW_TSS = 0x5800;

  /** Offset of what a gate or a task starts at, in the program and from 0. */
  private static final String AT_TARGET = "times 0x200-($-$$) db 0x90\n";

  private static final long TARGET = GuestMachine.CODE + 0x200;

  private static final String TO_RING_3 =
      """
      push 0x3b
      push 0x60000
      push 0x202
      push 0x33
      push user
      iretd
      """;

  abstract Accelerator accelerator();

  private GuestMachine machine(Mode mode) throws Exception {
    GuestMachine m = new GuestMachine(accelerator(), mode);
    m.start.gdtLimit = 0xff;
    return m;
  }

  private static long gate(int access, int selector, long offset, int count) {
    return offset & 0xffff
        | (long) selector << 16
        | (long) count << 32
        | (long) access << 40
        | (offset >> 16) << 48;
  }

  private static void bytes(GuestMachine m, long at, long value, int n) {
    byte[] b = new byte[n];
    for (int i = 0; i < n; i++) {
      b[i] = (byte) (value >> 8 * i);
    }
    m.bus.write(at, b);
  }

  /** A 32-bit TSS at {@link #NEW_TSS}, selector {@link #FREE}, that starts at {@link #TARGET}. */
  private static void task(GuestMachine m) {
    m.bus.write64(GDT + FREE, 0x0000890000000067L | NEW_TSS << 16);
    // The current task's descriptor must say busy, or nothing returns to it.
    bytes(m, GDT + GuestMachine.TSS + 5, 0x8b, 1);
    bytes(m, NEW_TSS + 32, TARGET, 4);
    bytes(m, NEW_TSS + 36, 2, 4);
    bytes(m, NEW_TSS + 56, 0x50000, 4);
    for (int s = 0; s < 6; s++) {
      bytes(m, NEW_TSS + 72 + 4L * s, s == 1 ? GuestMachine.CODE32 : GuestMachine.DATA32, 4);
    }
  }

  @Test
  @DisplayName("a call gate from ring 3 copies its parameters, and retf returns behind it")
  void callGate() throws Exception {
    GuestMachine m = machine(Mode.PROTECTED32);
    m.bus.write64(GDT + FREE, gate(0xec, GuestMachine.CODE32, TARGET, 2));
    GuestResult r =
        m.code(
                TO_RING_3
                    + """
                    user: push 0x1111
                    push 0x2222
                    call 0x5b:0
                    mov ebx, esp
                    hlt
                    """
                    + AT_TARGET
                    + """
                    mov eax, [esp + 8]
                    mov edx, [esp + 12]
                    mov ecx, ss
                    retf 8
                    """)
            .run();
    assertThat(r.vector()).as("hlt in ring 3").isEqualTo(Vector.GP);
    assertThat(r.reg(RAX)).isEqualTo(0x2222);
    assertThat(r.reg(RDX)).isEqualTo(0x1111);
    assertThat(r.reg(RCX)).isEqualTo(GuestMachine.DATA32);
    assertThat(r.reg(RBX)).isEqualTo(0x60000);
  }

  @Test
  @DisplayName("iretd enters virtual-8086 mode, an interrupt leaves it")
  void virtual8086() throws Exception {
    GuestResult r =
        machine(Mode.PROTECTED32)
            .code(
                """
                push 0x5000
                push 0x4000
                push 0x1000
                push 0x2000
                push 0x3000
                push 0x100
                push 0x23002
                push 0x800
                push v86 - 0x8000
                iretd
                .code16
                v86: mov ax, ds
                mov [0x10], ax
                push ax
                mov ebx, 0x12345678
                int 0x42
                """)
            .run();
    assertThat(r.vector()).isEqualTo(0x42);
    assertThat(r.bus().read64(0x10010) & 0xffff).isEqualTo(0x1000);
    assertThat(r.bus().read64(0x300fe) & 0xffff).as("pushed at SS:SP").isEqualTo(0x1000);
    assertThat(r.reg(RBX)).isEqualTo(0x12345678);
    assertThat(r.stack32(1)).as("CS").isEqualTo(0x800);
    assertThat(r.stack32(2) & RFlags.VM).isEqualTo(RFlags.VM);
    assertThat(r.stack32(3)).as("SP").isEqualTo(0xfe);
    assertThat(r.stack32(8)).as("GS").isEqualTo(0x5000);
    assertThat(r.state().rflags & RFlags.VM).isZero();
    assertThat(r.state().seg[3].selector).as("DS").isZero();
  }

  @Test
  @DisplayName("a segment limit holds in virtual-8086 mode after flat 32-bit code")
  void virtual8086Limit() throws Exception {
    GuestResult r =
        machine(Mode.PROTECTED32)
            .code(
                """
                mov ecx, 0x10000
                mov eax, [ecx]
                push 0
                push 0
                push 0
                push 0
                push 0x3000
                push 0x100
                push 0x23002
                push 0x800
                push v86 - 0x8000
                iretd
                .code16
                v86: a32 mov eax, [ecx]
                """)
            .run();
    assertThat(r.vector()).isEqualTo(Vector.GP);
    assertThat(r.stack32(2)).as("CS, above the error code and EIP").isEqualTo(0x800);
  }

  @Test
  @DisplayName("call to a TSS nests, iret comes back to the instruction behind")
  void task() throws Exception {
    GuestMachine m = machine(Mode.PROTECTED32);
    task(m);
    GuestResult r =
        m.code(
                """
                mov ecx, 1
                call 0x58:0
                mov ebx, ecx
                hlt
                """
                    + AT_TARGET
                    + """
                    mov ecx, 2
                    pushfd
                    pop dword [0x9000]
                    mov [0x9008], esp
                    iretd
                    """)
            .run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RBX)).as("registers belong to the task").isEqualTo(1);
    assertThat(r.bus().read64(0x9000) & RFlags.NT).isEqualTo(RFlags.NT);
    assertThat(r.bus().read64(0x9008)).isEqualTo(0x50000);
    assertThat(r.bus().read64(NEW_TSS + 44) & 0xffffffffL).as("ECX saved").isEqualTo(2);
  }

  @Test
  @DisplayName("a double fault through a task gate has a stack of its own")
  void doubleFaultTask() throws Exception {
    GuestMachine m = machine(Mode.PROTECTED32);
    task(m);
    m.bus.write64(IDT + 8 * Vector.DF, gate(0x85, FREE, 0, 0));
    m.start.seg[2].limit = 0x100;
    GuestResult r = m.code("push eax\n" + AT_TARGET + "pop eax\nmov ebx, [0x5020]").run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).as("error code").isZero();
    assertThat(r.reg(RBX)).as("EIP of the push, in the old TSS").isEqualTo(GuestMachine.CODE);
    assertThat(r.state().tr.selector).isEqualTo(FREE);
  }

  @Test
  @DisplayName("a fault of the new task's segments belongs to the new task")
  void faultAfterTaskSwitch() throws Exception {
    GuestMachine m = machine(Mode.PROTECTED32);
    task(m);
    bytes(m, NEW_TSS + 72 + 4 * 3, 0x1000, 4);
    GuestResult r = m.code("jmp 0x58:0").run();
    assertThat(r.vector()).isEqualTo(Vector.TS);
    assertThat(r.stack32(0)).isEqualTo(0x1000);
    assertThat(r.stack32(1)).as("EIP of the new task").isEqualTo(TARGET);
    assertThat(r.state().tr.selector).isEqualTo(FREE);
  }

  @Test
  @DisplayName("32-bit code calls 16-bit code and comes back")
  void sixteenBitCode() throws Exception {
    GuestResult r =
        machine(Mode.PROTECTED32)
            .code(
                """
                xor eax, eax
                call 0x20:narrow
                mov ebx, 0x12345678
                hlt
                .code16
                narrow: mov ax, 0x1234
                inc ax
                o32 retf
                .code32
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(0x1235);
    assertThat(r.reg(RBX)).isEqualTo(0x12345678);
  }

  @Test
  @DisplayName("64-bit code calls compatibility mode and comes back")
  void compatibilityCall() throws Exception {
    GuestResult r =
        machine(Mode.LONG64)
            .code(
                """
                mov rax, -1
                db 0xff, 0x1c, 0x25 ; call far [pointer]
                dd pointer
                mov rbx, 0x123456789abcdef0
                hlt
                .code32
                compat: inc eax
                retf
                pointer: dd compat
                dw 0x08
                """)
            .run();
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).as("inc eax clears the upper half").isZero();
    assertThat(r.reg(RBX)).isEqualTo(0x123456789abcdef0L);
  }

  @Test
  @DisplayName("an interrupt with an IST switches stacks inside ring 0")
  void ist() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    bytes(m, IDT + 16 * 0x42 + 4, 1, 1);
    m.bus.write64(TSS + 0x24, 0x70008);
    GuestResult r = m.code("int 0x42").run();
    assertThat(r.vector()).isEqualTo(0x42);
    assertThat(r.reg(RSP)).as("aligned, five slots").isEqualTo(0x70000 - 40);
    assertThat(r.stack64(3)).as("RSP").isEqualTo(GuestMachine.STACK - 0x1000);
  }

  @Test
  @DisplayName("a null data segment faults in compatibility mode and not in 64-bit mode")
  void nullSegment() throws Exception {
    String source = "xor eax, eax\nmov ds, ax\nmov eax, [0x9000]";
    assertThat(machine(Mode.LONG64).code(source).run().vector()).isEqualTo(-1);
    assertThat(machine(Mode.COMPATIBILITY32).code(source).run().vector()).isEqualTo(Vector.GP);
    assertThat(machine(Mode.PROTECTED32).code(source).run().vector()).isEqualTo(Vector.GP);
  }
}
