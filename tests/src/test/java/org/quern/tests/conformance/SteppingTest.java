package org.quern.tests.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.Reg;

/** Bounded runs: they stop where they should, and the count of instructions says where that is. */
class SteppingTest {
  /** 3 instructions, then 1000 times 3, then 1 and the HLT. */
  private static final String LOOP =
      """
      xor eax, eax
      xor ebx, ebx
      mov ecx, 1000
      again: add eax, ecx
      dec ecx
      jnz again
      inc ebx
      """;

  private static final long LOOP_TOTAL = 3 + 3 * 1000 + 1 + 1;

  /** The interpreter for 0, else translation to the fast form after so many executions. */
  private static SoftwareAccelerator accelerator(int threshold) {
    return new SoftwareAccelerator(
        threshold == 0 ? Tiering.INTERPRET : new Tiering(threshold, 0, false, true));
  }

  private static Vcpu start(int threshold, Mode mode, String source) throws Exception {
    GuestMachine m = new GuestMachine(accelerator(threshold), mode).code(source);
    byte[] divideError = Assembler.assemble("mov ebx, 5\niretq", 64, GuestMachine.HANDLERS).bytes();
    m.bus.write(GuestMachine.HANDLERS, divideError);
    Vcpu cpu = m.vm().vcpu(0);
    cpu.state(m.start);
    return cpu;
  }

  @Test
  @DisplayName("the interpreter stops after exactly so many instructions")
  void interpIsExact() throws Exception {
    Vcpu cpu = start(0, Mode.LONG64, LOOP);
    Stepping stepping = (Stepping) cpu;
    for (long n = 1; n + 7 <= LOOP_TOTAL; n += 7) {
      assertThat(cpu.instructions()).isEqualTo(n - 1);
      assertThat(stepping.run(7).kind).isEqualTo(VmExit.Kind.KICKED);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50})
  @DisplayName("the count is the same whatever ran the program")
  void totals(int threshold) throws Exception {
    Vcpu cpu = start(threshold, Mode.LONG64, LOOP);
    Stepping stepping = (Stepping) cpu;
    while (stepping.run(1).kind == VmExit.Kind.KICKED) {
      assertThat(cpu.instructions()).isLessThanOrEqualTo(LOOP_TOTAL);
    }
    assertThat(cpu.instructions()).isEqualTo(LOOP_TOTAL);
    assertThat(cpu.state().gpr[Reg.RBX]).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @DisplayName("stopSoon leaves a loop at its next poll, and only once")
  void stopSoon(int threshold) throws Exception {
    Vcpu cpu = start(threshold, Mode.LONG64, LOOP);
    Stepping stepping = (Stepping) cpu;
    for (int i = 0; i < 100; i++) {
      long before = cpu.instructions();
      stepping.stopSoon();
      assertThat(stepping.run(1_000_000).kind).isEqualTo(VmExit.Kind.KICKED);
      assertThat(cpu.instructions() - before).isBetween(1L, 6L);
    }
    assertThat(stepping.run(1_000_000).kind).isEqualTo(VmExit.Kind.HLT);
  }

  @Test
  @DisplayName("an unbounded run takes no notice of stopSoon")
  void unboundedIgnoresStopSoon() throws Exception {
    Vcpu cpu = start(0, Mode.LONG64, LOOP);
    ((Stepping) cpu).stopSoon();
    assertThat(cpu.run().kind).isEqualTo(VmExit.Kind.HLT);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  @DisplayName("rep stosb counts once and is not stopped in")
  void repeatedInstruction(int threshold) throws Exception {
    Vcpu cpu =
        start(threshold, Mode.LONG64, "mov edi, 0x100000\nmov ecx, 100000\nrep stosb\nmov ebx, 1");
    Stepping stepping = (Stepping) cpu;
    List<Long> rcx = new ArrayList<>();
    do {
      stepping.stopSoon();
      rcx.add(cpu.state().gpr[Reg.RCX]);
    } while (stepping.run(1).kind == VmExit.Kind.KICKED);
    assertThat(rcx).isSubsetOf(0L, 100000L);
    assertThat(cpu.instructions()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  @DisplayName("interp and jit are in the same state at every stop: calls, faults, traps, strings")
  void sameAtEveryStop(int threshold) throws Exception {
    String source =
        """
        mov r12d, 40
        mov r15d, 0x8000
        round: mov ecx, 20
        call sum
        push r12
        popfq
        mov edi, 0x100000
        mov ecx, 33
        rep stosw
        lea rsi, [r15 + rax]
        mov eax, [rsi]
        sti
        nop
        xor edx, edx
        xor ebx, ebx
        add eax, 3
        div ebx
        inc r13d
        mov r14d, 12
        divide: xor ebx, ebx
        xor edx, edx
        sar rsi, 1
        imul rax, rsi
        lahf
        div ebx
        inc r13d
        push r13
        pop rsi
        dec r14d
        jnz divide
        dec r12d
        jnz round
        mov rax, 0x8000000000000000
        mov ebx, 7
        mov rdx, [rax]
        sum: add eax, ecx
        xor edx, edx
        dec ecx
        jnz sum
        inc qword [0x100100]
        inc r9d
        cmp r9d, 7
        sub dword [0x100108], 5
        inc r9d
        test r9d, r9d
        shl dword [0x100100], 1
        add r9, 77
        imul di
        and r9, 0xffff
        add r9d, 3
        ret
        """;
    Vcpu jit = start(threshold, Mode.LONG64, source);
    Vcpu interp = start(0, Mode.LONG64, source);
    CpuState a = new CpuState();
    CpuState b = new CpuState();
    int stops = 0;
    VmExit.Kind kind = VmExit.Kind.KICKED;
    while (kind == VmExit.Kind.KICKED) {
      if (stops++ % 3 == 0) {
        ((Stepping) jit).stopSoon();
      }
      kind = ((Stepping) jit).run(1).kind;
      long due = jit.instructions() - interp.instructions();
      VmExit.Kind other = due > 0 ? ((Stepping) interp).run(due).kind : VmExit.Kind.KICKED;
      if (kind != VmExit.Kind.KICKED) {
        other = interp.run().kind;
      }
      ((Stepping) jit).copyState(a);
      ((Stepping) interp).copyState(b);
      String where = "stop " + stops + " at " + Long.toHexString(a.rip);
      assertThat(interp.instructions()).as(where).isEqualTo(jit.instructions());
      assertThat(b.rip).as(where).isEqualTo(a.rip);
      assertThat(b.gpr).as(where).isEqualTo(a.gpr);
      assertThat(b.rflags).as(where).isEqualTo(a.rflags);
      assertThat(b.shadow).as(where).isEqualTo(a.shadow);
      assertThat(other).as(where).isEqualTo(kind);
    }
    assertThat(kind).isEqualTo(VmExit.Kind.HLT);
    assertThat(stops).isGreaterThan(100);
  }
}
