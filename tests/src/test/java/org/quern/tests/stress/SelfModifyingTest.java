package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.accel.api.VmExit;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.x86.state.Reg;

/**
 * One processor writes code and executes it. It sees its own writes with the very next instruction,
 * without a branch or a serializing instruction. Source: SDM vol. 3A, 11.6: processors check
 * whether a write may modify an instruction that was prefetched.
 *
 * <p>Every program counts in EDX how often it executed an old instruction, and in EBX how often it
 * looked.
 */
@Timeout(120)
class SelfModifyingTest {
  /** Each stores the low byte or more of R12 over the immediate operand of the next instruction. */
  private static final List<String> STORES =
      List.of(
          "mov [patch + 1], r12b",
          "mov [patch + 1], r12w",
          "mov [patch + 1], r12d",
          "mov qword [patch + 1], r12",
          "xchg [patch + 1], r11d",
          "lock xchg [patch + 1], r11d",
          "mov edi, patch + 1\nmov eax, r12d\nstosd",
          "mov edi, patch + 1\nmov eax, r12d\nmov ecx, 1\nrep stosd",
          "mov [0x100000], r12d\nmov esi, 0x100000\nmov edi, patch + 1\nmov ecx, 4\nrep movsb",
          "movd xmm0, r12d\nmovd [patch + 1], xmm0",
          "mov rbp, rsp\nmov esp, patch + 9\npush r12\nmov rsp, rbp",
          "mov eax, [patch + 1]\nlock cmpxchg [patch + 1], r12d",
          "mov eax, r12d\nsub eax, [patch + 1]\nlock xadd [patch + 1], eax",
          "mov eax, r12d\nsub eax, [patch + 1]\nadd [patch + 1], eax",
          "mov dword [patch + 1], 0\nor [patch + 1], r12d");

  static Stream<Arguments> stores() {
    List<Arguments> all = new ArrayList<>();
    for (Engine e : Engine.values()) {
      for (String store : STORES) {
        all.add(Arguments.of(e, store));
      }
    }
    return all.stream();
  }

  private static void check(Engine engine, String source, int looks) throws Exception {
    GuestMachine m = engine.machine();
    GuestResult r = m.code(engine.fill(source)).run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).as("exception").isEqualTo(-1);
    assertThat(r.reg(Reg.RDX)).as("old code seen").isZero();
    assertThat(r.reg(Reg.RBX)).isEqualTo(looks);
  }

  @ParameterizedTest(name = "{0}: {1}")
  @MethodSource("stores")
  @DisplayName("a store is seen by the next instruction, of the same basic block")
  // The 8-byte stores write zeros behind the operand, so zeros are there: add [rax], al, twice. RAX
  // is the number of the round, an address that is mapped and holds no code.
  void nextInstruction(Engine engine, String store) throws Exception {
    String source =
        """
        xor edx, edx
        xor ebx, ebx
        mov r12d, 0x100000 + ROUNDS
        round:
        mov r11, r12
        STORE
        patch: mov eax, 0x100000
        db 0, 0, 0, 0
        cmp COMPARE
        je same
        inc edx
        same: inc ebx
        dec r12
        cmp r12, 0x100000
        jne round
        """
            .replace("STORE", store)
            .replace("COMPARE", store.endsWith("r12b") ? "al, r12b" : "eax, r12d");
    check(engine, source, engine.rounds);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("code that was hot is rewritten behind a branch: same page, next page, across both")
  void hotCode(Engine engine) throws Exception {
    String source =
        """
        xor edx, edx
        xor ebx, ebx
        mov r12d, ROUNDS
        round:
        mov [near_patch + 1], r12d
        mov [far_patch + 1], r12d
        mov [across + 1], r12d
        mov r14d, CALLS
        call_all:
        call near_patch
        cmp eax, r12d
        je ok1
        inc edx
        ok1: call far_patch
        cmp eax, r12d
        je ok2
        inc edx
        ok2: call across
        cmp eax, r12d
        je ok3
        inc edx
        ok3: dec r14d
        jnz call_all
        inc ebx
        dec r12d
        jnz round
        hlt
        align 64
        near_patch: mov eax, 0
        ret
        align 0x1000
        times 2048 nop
        far_patch: mov eax, 0
        ret
        align 0x1000
        times 4093 nop
        across: mov eax, 0
        ret
        """;
    check(engine, source, engine.rounds);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a loop rewrites its own body while it runs")
  void loopRewritesItself(Engine engine) throws Exception {
    String source =
        """
        xor edx, edx
        xor ebx, ebx
        mov r12d, ROUNDS
        round:
        mov r14d, CALLS
        xor r15d, r15d
        body:
        add r15d, 1
        dec r14d
        jnz body
        ; add r15d, imm8: 41 83 C7 ib
        inc byte [body + 3]
        mov r14d, CALLS
        jmp $ + 2
        again:
        db 0xeb, 0
        dec r14d
        jnz again
        movzx eax, byte [body + 3]
        cmp eax, 100
        jb keep
        mov byte [body + 3], 1
        keep:
        mov eax, CALLS
        imul eax, r13d
        test r13d, r13d
        jz first
        cmp eax, r15d
        je first
        inc edx
        first: movzx r13d, byte [body + 3]
        inc ebx
        dec r12d
        jnz round
        """;
    check(engine, source, engine.rounds);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("a store that begins in a data page and ends in a code page")
  void storeAcrossIntoCode(Engine engine) throws Exception {
    String source =
        """
        xor edx, edx
        xor ebx, ebx
        mov r12d, ROUNDS
        round:
        mov eax, r12d
        shl rax, 40
        mov rcx, 0xb8aabbccdd
        or rax, rcx
        ; The last three bytes of the page before, then B8 and the low half of the operand.
        mov rcx, 0xb8000000
        mov eax, r12d
        shl rax, 32
        or rax, rcx
        mov [page - 3], rax
        mov r14d, CALLS
        look: call page
        cmp eax, r12d
        je same
        inc edx
        same: dec r14d
        jnz look
        inc ebx
        dec r12d
        jnz round
        hlt
        align 0x1000
        times 0x1000 db 0
        page: mov eax, 0
        ret
        """;
    check(engine, source, engine.rounds);
  }
}
