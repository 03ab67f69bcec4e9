package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.quern.x86.state.Reg.RAX;
import static org.quern.x86.state.Reg.RBX;
import static org.quern.x86.state.Reg.RCX;
import static org.quern.x86.state.Reg.RDI;
import static org.quern.x86.state.Reg.RDX;
import static org.quern.x86.state.Reg.RSI;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * What every accelerator must do alike: small programs in each processor mode, run to their HLT or
 * into an exception handler. Subclass it with the accelerator to test.
 */
abstract class AcceleratorConformance {
  private static final long PAGE = 4096;

  abstract Accelerator accelerator();

  private GuestMachine machine(Mode mode) throws Exception {
    return new GuestMachine(accelerator(), mode);
  }

  private GuestResult run(Mode mode, String source) throws Exception {
    return machine(mode).code(source).run();
  }

  // ---- every mode

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("arithmetic, a loop and memory work in every mode")
  void sumLoop(Mode mode) throws Exception {
    GuestResult r =
        run(
            mode,
            """
            xor eax, eax
            mov ecx, 100
            again: add eax, ecx
            mov [0x3000], eax
            dec ecx
            jnz again
            mov ebx, [0x3000]
            """);
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(5050);
    assertThat(r.reg(RBX)).isEqualTo(5050);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("call, ret, push and pop nest in every mode")
  void calls(Mode mode) throws Exception {
    String counter = mode == Mode.LONG64 ? "rcx" : mode.codeSize == 16 ? "cx" : "ecx";
    String source =
        """
        mov eax, 1
        mov COUNTER, 10
        call f
        jmp out
        f: push COUNTER
        add eax, eax
        dec COUNTER
        jz done
        call f
        done: pop COUNTER
        ret
        out: nop
        """
            .replace("COUNTER", counter);
    GuestResult r = run(mode, source);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RAX)).isEqualTo(1024);
    assertThat(r.reg(RCX) & 0xffff).isEqualTo(10);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("ud2 is #UD with RIP at the instruction")
  void undefined(Mode mode) throws Exception {
    GuestResult r = run(mode, "nop\nud2");
    assertThat(r.vector()).isEqualTo(Vector.UD);
    int rip = mode.codeSize == 16 ? (int) r.stack32(0) & 0xffff : (int) r.stack32(0);
    // A 16-bit protected-mode fault goes through a 32-bit gate like all others here.
    assertThat(rip).isEqualTo((int) GuestMachine.CODE + 1);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("div ecx by zero is #DE and changes no register")
  void divideError(Mode mode) throws Exception {
    GuestResult r = machine(mode).reg(RAX, 7).reg(RDX, 1).reg(RCX, 0).code("div ecx").run();
    assertThat(r.vector()).isEqualTo(Vector.DE);
    assertThat(r.reg(RAX)).isEqualTo(7);
    assertThat(r.reg(RDX)).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("rep movsb copies and leaves the registers behind the end")
  void repMovsb(Mode mode) throws Exception {
    GuestMachine m = machine(mode);
    m.bus.write(0x3000, "0123456789abcdef".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    GuestResult r = m.reg(RSI, 0x3000).reg(RDI, 0x3800).reg(RCX, 16).code("cld\nrep movsb").run();
    assertThat(r.bus().read(0x3800, 16)).isEqualTo(r.bus().read(0x3000, 16));
    assertThat(r.reg(RCX)).isZero();
    assertThat(r.reg(RSI)).isEqualTo(0x3010);
    assertThat(r.reg(RDI)).isEqualTo(0x3810);
  }

  // ---- x87

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("x87 code computes in every mode")
  void x87(Mode mode) throws Exception {
    GuestResult r =
        run(
            mode,
            """
            fninit
            fldz
            mov ecx, 1000
            mov dword [0x3000], 0
            again: inc dword [0x3000]
            fild dword [0x3000]
            fmul st0, st0
            fld1
            fdivrp st1, st0
            faddp st1, st0
            dec ecx
            jnz again
            fstp qword [0x3008]
            """);
    assertThat(r.vector()).isEqualTo(-1);
    double sum = 0;
    for (int n = 1; n <= 1000; n++) {
      sum += 1.0 / ((double) n * n);
    }
    assertThat(Double.longBitsToDouble(r.bus().read64(0x3008))).isCloseTo(sum, within(1e-14));
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  @DisplayName("an unmasked x87 exception is #MF at the next waiting instruction")
  void x87Exception(Mode mode) throws Exception {
    GuestResult r =
        run(
            mode,
            """
            fninit
            mov word [0x3000], 0x37b
            fldcw [0x3000]
            fldz
            fld1
            division: fdivrp st1, st0
            mov eax, division
            mov ebx, waits
            fnstenv [0x3010]
            mov word [0x3000], 0x37b
            fldcw [0x3000]
            waits: fld1
            """);
    assertThat(r.vector()).isEqualTo(Vector.MF);
    int rip = mode.codeSize == 16 ? (int) r.stack32(0) & 0xffff : (int) r.stack32(0);
    assertThat(rip).isEqualTo((int) r.reg(RBX));
    // FIP is 16 bits wide at the same place in all layouts with this operand size.
    int fip = (int) r.bus().read64(mode.codeSize == 16 ? 0x3016 : 0x301c) & 0xffff;
    assertThat(fip).isEqualTo((int) r.reg(RAX));
  }

  // ---- self-modifying code

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"PROTECTED32", "LONG64", "REAL16"})
  @DisplayName("a store into the next instruction is seen at once")
  void modifiesNext(Mode mode) throws Exception {
    // mov byte [target + 1], 2 ; target: mov al, 1
    GuestResult r = run(mode, "mov byte [target+1], 2\ntarget: mov al, 1");
    assertThat(r.reg(RAX) & 0xff).isEqualTo(2);
  }

  @ParameterizedTest
  @EnumSource(
      value = Mode.class,
      names = {"PROTECTED32", "LONG64", "REAL16"})
  @DisplayName("code rewritten in a loop runs in its newest form each time")
  void modifiesLoop(Mode mode) throws Exception {
    GuestResult r =
        run(
            mode,
            """
            xor ebx, ebx
            mov ecx, 20
            again: mov [target+1], cl
            target: mov al, 0
            movzx eax, al
            add ebx, eax
            dec ecx
            jnz again
            """);
    assertThat(r.reg(RBX)).isEqualTo(210);
  }

  @Test
  @DisplayName("a function on another page is replaced between two calls")
  void modifiesOtherPage() throws Exception {
    GuestResult r =
        run(
            Mode.LONG64,
            """
            mov edi, 0x9000
            mov dword [rdi], 0xc301b0
            xor eax, eax
            call rdi
            mov ebx, eax
            mov byte [rdi+1], 7
            call rdi
            """);
    assertThat(r.reg(RBX)).isEqualTo(1);
    assertThat(r.reg(RAX)).isEqualTo(7);
  }

  @Test
  @DisplayName("an instruction that spans two pages is read anew when either page changes")
  void modifiesCrossingInstruction() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    // mov eax, 0x11111111 ; ret, two bytes before the end of a page
    m.bus.write(0x9ffe, new byte[] {(byte) 0xb8, 0x11, 0x11, 0x11, 0x11, (byte) 0xc3});
    GuestResult r =
        m.code(
                """
                mov edi, 0x9ffe
                call rdi
                mov ebx, eax
                mov byte [0xa002], 0x22
                call rdi
                mov ecx, eax
                mov byte [0x9fff], 0x33
                call rdi
                """)
            .run();
    assertThat(r.reg(RBX)).isEqualTo(0x11111111);
    assertThat(r.reg(RCX)).isEqualTo(0x22111111 & 0xffffffffL);
    assertThat(r.reg(RAX)).isEqualTo(0x22111133);
  }

  @Test
  @DisplayName("a page that is remapped executes its new frame")
  void remapsCode() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.bus.write(0x400000, new byte[] {(byte) 0xb0, 1, (byte) 0xc3});
    m.bus.write(0x600000, new byte[] {(byte) 0xb0, 2, (byte) 0xc3});
    // The page directory at 0x12000 maps 2 MiB pages: entry 2 is 0x400000, entry 3 is 0x600000.
    GuestResult r =
        m.code(
                """
                xor eax, eax
                mov edi, 0x400000
                call rdi
                mov ebx, eax
                mov rax, [0x12018]
                mov [0x12010], rax
                invlpg [rdi]
                xor eax, eax
                call rdi
                """)
            .run();
    assertThat(r.reg(RBX)).isEqualTo(1);
    assertThat(r.reg(RAX)).isEqualTo(2);
  }

  // ---- faults

  @Test
  @DisplayName("a load from an unmapped page is #PF with error code 0 and CR2, registers unchanged")
  void pageFaultRead() throws Exception {
    GuestResult r =
        machine(Mode.LONG64).reg(RAX, 5).reg(RBX, 0x4000_0000L).code("add rax, [rbx+8]").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.state().cr2).isEqualTo(0x4000_0008L);
    assertThat(r.stack64(0)).isZero();
    assertThat(r.stack64(1)).isEqualTo(GuestMachine.CODE);
    assertThat(r.reg(RAX)).isEqualTo(5);
  }

  @Test
  @DisplayName(
      "a read-modify-write to a read-only page is #PF with the write bit and no flag change")
  void pageFaultReadModifyWrite() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.bus.write64(0x12010, 0x400000 | 0x85);
    GuestResult r = m.reg(RBX, 0x400000).flags(0x2 | RFlags.CF).code("inc dword [rbx]").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.stack64(0)).isEqualTo(3);
    assertThat(r.stack64(3) & RFlags.STATUS).isEqualTo(RFlags.CF);
  }

  @Test
  @DisplayName("a push to an unmapped page leaves RSP as it was")
  void pageFaultPush() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    // Vector 14 on IST1, so that delivery has a stack.
    m.bus.write64(0x5000 + 0x24, GuestMachine.STACK);
    m.bus.write64(0x4000 + 16 * 14, m.bus.read64(0x4000 + 16 * 14) | 1L << 32);
    GuestResult r = m.reg(Reg.RSP, 0x4000_0000L).code("push rax").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.stack64(4)).isEqualTo(0x4000_0000L);
    assertThat(r.state().cr2).isEqualTo(0x4000_0000L - 8);
  }

  @Test
  @DisplayName("a store that crosses into an unmapped page writes nothing")
  void pageFaultCrossing() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    long last = TestBus.RAM_BYTES - 4;
    GuestResult r = m.reg(RBX, last).reg(RAX, -1).code("mov [rbx], rax").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.state().cr2).isEqualTo(TestBus.RAM_BYTES);
    assertThat(r.bus().read(last, 4)).containsOnly(0);
  }

  @Test
  @DisplayName("a fetch from a no-execute page is #PF with P and I, RIP at the target")
  void pageFaultFetch() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.bus.write64(0x12010, 0x400000 | 0x87 | 1L << 63);
    GuestResult r = m.reg(RBX, 0x400000).code("jmp rbx").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.stack64(0)).isEqualTo(0x11);
    assertThat(r.stack64(1)).isEqualTo(0x400000);
  }

  @Test
  @DisplayName("an instruction that runs into an unmapped page is #PF at its start, CR2 behind it")
  void pageFaultFetchCrossing() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.bus.write(TestBus.RAM_BYTES - 2, new byte[] {(byte) 0xb8, 1});
    GuestResult r = m.reg(RBX, TestBus.RAM_BYTES - 2).code("jmp rbx").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.stack64(1)).isEqualTo(TestBus.RAM_BYTES - 2);
    assertThat(r.state().cr2).isEqualTo(TestBus.RAM_BYTES);
  }

  @Test
  @DisplayName("a non-canonical address is #GP(0), through RSP or RBP #SS(0)")
  void nonCanonical() throws Exception {
    long bad = 0x8000_0000_0000L;
    GuestResult gp = machine(Mode.LONG64).reg(RBX, bad).code("mov eax, [rbx]").run();
    GuestResult ss = machine(Mode.LONG64).reg(Reg.RBP, bad).code("mov eax, [rbp]").run();
    assertThat(gp.vector()).isEqualTo(Vector.GP);
    assertThat(ss.vector()).isEqualTo(Vector.SS);
  }

  @Test
  @DisplayName("through RBP #SS(0) too where the instruction lies in two pages")
  void nonCanonicalOverPageBorder() throws Exception {
    // Four bytes, two of them in the next page.
    String source = "mov rbp, 0x8000000000000000\n" + "nop\n".repeat(4084) + "mov rax, [rbp]";
    assertThat(machine(Mode.LONG64).code(source).run().vector()).isEqualTo(Vector.SS);
  }

  @Test
  @DisplayName("a jump to a non-canonical address is #GP(0) at the jump")
  void nonCanonicalJump() throws Exception {
    GuestResult r = machine(Mode.LONG64).reg(RBX, 0x8000_0000_0000L).code("nop\njmp rbx").run();
    assertThat(r.vector()).isEqualTo(Vector.GP);
    assertThat(r.stack64(1)).isEqualTo(GuestMachine.CODE + 1);
  }

  @Test
  @DisplayName("rep stosb that faults in a hot loop leaves the registers of what is left to do")
  void repeatFaultsInLoop() throws Exception {
    long start = TestBus.RAM_BYTES - 200;
    GuestMachine m = machine(Mode.LONG64);
    GuestResult r =
        m.reg(13, start)
            .reg(14, 0x100000)
            .reg(RAX, 0x5a)
            .code(
                """
                mov r12d, 100
                again:
                mov rdi, r14
                cmp r12d, 1
                cmove rdi, r13
                mov ecx, 300
                rep stosb
                dec r12d
                jnz again
                """)
            .run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.reg(RCX)).isEqualTo(100);
    assertThat(r.reg(RDI)).isEqualTo(TestBus.RAM_BYTES);
  }

  @Test
  @DisplayName("rep stosb into an unmapped page stops exactly at the page boundary")
  void pageFaultInString() throws Exception {
    long start = TestBus.RAM_BYTES - 100;
    GuestResult r =
        machine(Mode.LONG64).reg(RDI, start).reg(RCX, 300).reg(RAX, 0x5a).code("rep stosb").run();
    assertThat(r.vector()).isEqualTo(Vector.PF);
    assertThat(r.reg(RCX)).isEqualTo(200);
    assertThat(r.reg(RDI)).isEqualTo(TestBus.RAM_BYTES);
    assertThat(r.stack64(1)).isEqualTo(GuestMachine.CODE);
    assertThat(r.bus().read(start, 100)).containsOnly(0x5a);
  }

  @Test
  @DisplayName("hlt says whether a maskable interrupt can end it")
  void haltWithInterruptsOff() throws Exception {
    assertThat(run(Mode.LONG64, "cli").message()).isEqualTo("halted with interrupts off");
    assertThat(run(Mode.LONG64, "sti\nnop").message()).isNull();
  }

  @ParameterizedTest
  @ValueSource(strings = {"cli", "sti\nnop"})
  @DisplayName("hlt stays where it is when the processor is run again for nothing")
  void haltIsNotLeftForNothing(String interrupts) throws Exception {
    GuestMachine m = machine(Mode.LONG64).code(interrupts + "\nmov eax, 1\nhalt: hlt\nmov eax, 2");
    Vcpu cpu = m.vm().vcpu(0);
    cpu.state(m.start);
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
    long rip = cpu.state().rip;
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
    cpu.kick();
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.KICKED);
    // An interrupt that has gone again when the processor comes to look.
    cpu.setInterruptLine(true);
    cpu.setInterruptLine(false);
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
    assertThat(cpu.state().halted).isTrue();
    assertThat(cpu.state().rip).isEqualTo(rip);
    assertThat(cpu.state().gpr[RAX]).isEqualTo(1);
    cpu.nmi();
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
    assertThat(cpu.state().rip).as("in the handler").isLessThan(GuestMachine.CODE);
  }

  @Test
  @DisplayName("no IDT is a triple fault")
  void tripleFault() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.start.idtLimit = 0;
    assertThat(m.code("ud2").run().kind()).isEqualTo(VmExit.Kind.SHUTDOWN);
  }

  @Test
  @DisplayName("segment limit: an access past it is #GP(0), through SS #SS(0)")
  void segmentLimit() throws Exception {
    GuestMachine m = machine(Mode.PROTECTED32);
    m.start.seg[Reg.DS].limit = 0x2fff;
    assertThat(m.code("mov eax, [0x2ffd]").run().vector()).isEqualTo(Vector.GP);
    GuestMachine s = machine(Mode.PROTECTED32);
    s.start.seg[Reg.SS].limit = 0x7_ffff;
    assertThat(s.reg(Reg.RBP, 0x8_0000).code("mov eax, [ebp]").run().vector()).isEqualTo(Vector.SS);
  }

  // ---- stepping, shadows, software interrupts

  @Test
  @DisplayName("TF traps after the instruction behind popf, with BS in DR6")
  void singleStep() throws Exception {
    GuestResult r = run(Mode.LONG64, "pushfq\nor dword [rsp], 0x100\npopfq\nnop\nnop");
    assertThat(r.vector()).isEqualTo(Vector.DB);
    assertThat(r.state().dr[6] & 0x4000).isEqualTo(0x4000);
    // pushfq 1, or 7, popfq 1, nop 1
    assertThat(r.stack64(0)).isEqualTo(GuestMachine.CODE + 10);
  }

  @Test
  @DisplayName("TF does not trap behind mov ss, nor does its BS reach the int1 there")
  void singleStepBehindMovSs() throws Exception {
    GuestResult r =
        run(Mode.LONG64, "mov ax, ss\npushfq\nor dword [rsp], 0x100\npopfq\nmov ss, ax\nint1");
    assertThat(r.vector()).isEqualTo(Vector.DB);
    assertThat(r.state().dr[6] & 0x4000).isZero();
  }

  @Test
  @DisplayName("int3 and int 0x80 push the next instruction's address")
  void softwareInterrupts() throws Exception {
    GuestResult bp = run(Mode.LONG64, "nop\nint3");
    GuestResult n = run(Mode.PROTECTED32, "int 0x80");
    assertThat(bp.vector()).isEqualTo(Vector.BP);
    assertThat(bp.stack64(0)).isEqualTo(GuestMachine.CODE + 2);
    assertThat(n.vector()).isEqualTo(0x80);
    assertThat(n.stack32(0)).isEqualTo(GuestMachine.CODE + 2);
  }

  @Test
  @DisplayName("an instruction breakpoint is a fault before the instruction")
  void instructionBreakpoint() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.start.dr[0] = GuestMachine.CODE + 1;
    m.start.dr[7] = 0x401;
    GuestResult r = m.code("nop\nmov eax, 1").run();
    assertThat(r.vector()).isEqualTo(Vector.DB);
    assertThat(r.stack64(0)).isEqualTo(GuestMachine.CODE + 1);
    assertThat(r.state().dr[6] & 0xf).isEqualTo(1);
  }

  @Test
  @DisplayName("a data breakpoint is a trap behind the access")
  void dataBreakpoint() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.start.dr[1] = 0x3004;
    m.start.dr[7] = 0x400 | 1 << 2 | 0xdL << 20;
    GuestResult r = m.code("mov dword [0x3000], 1\nmov dword [0x3004], 1\nnop").run();
    assertThat(r.vector()).isEqualTo(Vector.DB);
    assertThat(r.state().dr[6] & 0xf).isEqualTo(2);
    assertThat(r.bus().read64(0x3000)).isEqualTo(0x1_0000_0001L);
  }

  @Test
  @DisplayName("a state with an interrupt shadow keeps it for one instruction")
  void shadowState() throws Exception {
    GuestMachine m = machine(Mode.LONG64);
    m.start.shadow = Cpu.Shadow.STI;
    GuestResult r = m.code("nop").run();
    assertThat(r.state().shadow).isEqualTo(Cpu.Shadow.NONE);
  }

  // ---- mode switches

  @Test
  @DisplayName("real mode switches to protected mode and on to 64-bit mode")
  void realToLong() throws Exception {
    GuestResult r =
        run(
            Mode.REAL16,
            """
            lgdt [gdtr]
            mov eax, cr0
            or al, 1
            mov cr0, eax
            jmp 0x08:protected
            .code32
            protected: mov ax, 0x10
            mov ds, ax
            mov ss, ax
            mov esp, 0x70000
            mov eax, cr4
            or eax, 0x20
            mov cr4, eax
            mov eax, 0x10000
            mov cr3, eax
            mov ecx, 0xc0000080
            rdmsr
            or eax, 0x100
            wrmsr
            mov eax, cr0
            or eax, 0x80000000
            mov cr0, eax
            jmp 0x18:long
            .code64
            long: mov rbx, 0x123456789abcdef0
            hlt
            gdtr: dw 0x57
            dd 0x500
            """);
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.reg(RBX)).isEqualTo(0x123456789abcdef0L);
    assertThat(r.state().efer & 0x500).isEqualTo(0x500);
  }

  @Test
  @DisplayName("iretq to ring 3 and syscall back")
  void userModeAndSyscall() throws Exception {
    GuestResult r =
        run(
            Mode.LONG64,
            """
            mov ecx, 0xc0000081
            xor eax, eax
            mov edx, 0x00300018
            wrmsr
            mov ecx, 0xc0000082
            mov eax, kernel
            xor edx, edx
            wrmsr
            push 0x3b
            push 0x60000
            push 0x202
            push 0x43
            mov rax, user
            push rax
            iretq
            user: mov eax, cs
            mov ebx, eax
            syscall
            ud2
            kernel: mov edx, cs
            hlt
            """);
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).isEqualTo(-1);
    assertThat(r.reg(RBX)).isEqualTo(0x43);
    assertThat(r.reg(RDX)).isEqualTo(0x18);
  }

  @Test
  @DisplayName("a privileged instruction in ring 3 is #GP(0) on the ring-0 stack")
  void privilegedInUser() throws Exception {
    GuestResult r =
        run(
            Mode.LONG64,
            "push 0x3b\npush 0x60000\npush 0x202\npush 0x43\nmov rax, user\npush rax\niretq\nuser: hlt");
    assertThat(r.vector()).isEqualTo(Vector.GP);
    assertThat(r.stack64(0)).isZero();
    assertThat(r.stack64(4)).isEqualTo(0x60000);
    assertThat(r.stack64(5)).isEqualTo(0x3b);
  }

  // ---- real mode

  @Test
  @DisplayName("real mode: an access past 64 KiB is #GP, a word at 0xffff too")
  void realModeLimit() throws Exception {
    GuestResult word = machine(Mode.REAL16).reg(RBX, 0xffff).code("mov ax, [bx]").run();
    GuestResult far = machine(Mode.REAL16).reg(RBX, 0x10000).code("mov al, [ebx]").run();
    assertThat(word.vector()).isEqualTo(Vector.GP);
    assertThat(far.vector()).isEqualTo(Vector.GP);
  }

  @Test
  @DisplayName("real mode: code whose segment is not page-aligned runs across its pages")
  void realModeUnalignedSegment() throws Exception {
    GuestResult r =
        run(
            Mode.REAL16,
            """
            jmp 0x7ff:here-0x7ff0
            here: mov ax, cs
            mov bx, 5
            """);
    assertThat(r.reg(RAX) & 0xffff).isEqualTo(0x7ff);
    assertThat(r.reg(RBX) & 0xffff).isEqualTo(5);
  }

  @Test
  @DisplayName("in and out reach the bus")
  void ports() throws Exception {
    GuestResult r = run(Mode.LONG64, "mov al, 'Q'\nout 0xe9, al\nmov dx, 0x1234\nin eax, dx");
    assertThat(r.bus().output.toString()).isEqualTo("Q");
    assertThat(r.reg(RAX)).isEqualTo((0x12345678 ^ 0x1234) & 0xffffffffL);
  }

  @Test
  @DisplayName("two pages of straight-line code run through their boundary")
  void straightLineAcrossPages() throws Exception {
    int n = (int) (2 * PAGE / 3);
    GuestResult r = run(Mode.LONG64, "add eax, 1\n".repeat(n));
    assertThat(r.reg(RAX)).isEqualTo(n);
  }

  // ---- several processors

  private long counted(String locked) throws Exception {
    GuestMachine m = new GuestMachine(accelerator(), Mode.LONG64, 2);
    m.code("mov ebp, 0x3000\nmov r8d, 20000\nagain:\n" + locked + "\ndec r8d\njnz again");
    m.runAll();
    return m.bus.read64(0x3000);
  }

  @Test
  @DisplayName("lock inc qword [rbp] on two processors loses no increment")
  void lockInc() throws Exception {
    assertThat(counted("lock inc qword [rbp]")).isEqualTo(40000);
  }

  @Test
  @DisplayName("lock xadd word [rbp], ax on two processors loses no increment")
  void lockXadd() throws Exception {
    assertThat(counted("mov eax, 1\nlock xadd word [rbp], ax")).isEqualTo(40000);
  }

  @Test
  @DisplayName("a cmpxchg loop on two processors loses no increment")
  void lockCmpxchg() throws Exception {
    String loop = "retry: mov rax, [rbp]\nlea rbx, [rax+1]\nlock cmpxchg [rbp], rbx\njnz retry";
    assertThat(counted(loop)).isEqualTo(40000);
  }

  @Test
  @DisplayName("lock cmpxchg16b on two processors loses no increment in either half")
  void lockCmpxchg16b() throws Exception {
    String loop =
        """
        mov rax, [rbp]
        mov rdx, [rbp+8]
        retry: mov rbx, rax
        inc rbx
        mov rcx, rdx
        dec rcx
        lock cmpxchg16b [rbp]
        jnz retry
        """;
    GuestMachine m = new GuestMachine(accelerator(), Mode.LONG64, 2);
    m.code("mov ebp, 0x3000\nmov r8d, 2000\nagain:\n" + loop + "\ndec r8d\njnz again");
    m.runAll();
    assertThat(m.bus.read64(0x3000)).isEqualTo(4000);
    assertThat(m.bus.read64(0x3008)).isEqualTo(-4000);
  }

  @Test
  @DisplayName("a locked increment that crosses a cache line loses nothing on two processors")
  void splitLock() throws Exception {
    GuestMachine m = new GuestMachine(accelerator(), Mode.LONG64, 2);
    m.code("mov ebp, 0x303d\nmov r8d, 2000\nagain: lock inc qword [rbp]\ndec r8d\njnz again");
    m.runAll();
    assertThat(m.bus.read64(0x303d)).isEqualTo(4000);
  }

  @Test
  @DisplayName("code written by one processor runs on another after a signal")
  void crossModifyingCode() throws Exception {
    // Processor 1 calls a function over and over; processor 0 rewrites it and then sets a flag.
    GuestMachine m = new GuestMachine(accelerator(), Mode.LONG64, 2);
    m.bus.write(0x9000, new byte[] {(byte) 0xb8, 1, 0, 0, 0, (byte) 0xc3});
    m.code(
        """
        mov ebp, 0x3000
        mov esi, 0x9000
        test edi, edi
        jnz caller
        wait: cmp dword [rbp+8], 1000
        jb wait
        mov byte [rsi+1], 2
        mov dword [rbp], 1
        hlt
        caller: inc dword [rbp+8]
        call rsi
        cmp dword [rbp], 0
        je caller
        call rsi
        mov [rbp+16], eax
        """);
    m.runAll();
    assertThat(m.bus.read64(0x3010)).isEqualTo(2);
  }
}
