package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.Mode;

/**
 * Two processors rewrite each other's code, in turn, while the other executes it. After the
 * handshake of SDM vol. 3A, 9.1.3 (write the code, set a flag; the other waits for the flag and
 * executes a serializing instruction) nothing old may be executed. Without it, the value before is
 * allowed as well, but nothing else: the writes are single bytes.
 */
@Timeout(240)
class CrossModifyingTest {
  private static final long TURN = 0x100000;
  private static final long STALE = 0x100040;
  private static final long GARBAGE = 0x100080;
  private static final long LOOKS = 0x1000c0;

  /**
   * EDI is the processor. Round n (from ROUNDS down to 1) belongs to processor n &amp; 1: it
   * writes, the other executes all the time. [TURN] is 2 * n while round n is being written, 2 * n
   * - 1 once it is written; the executing processor sets it to 2 * (n - 1).
   */
  private static final String SOURCE =
      """
      mov r12d, ROUNDS
      mov r13d, edi
      next:
      mov eax, r12d
      and eax, 1
      cmp eax, r13d
      je writer

      ; ---- executes: while the other writes, both values will do
      reader:
      lea r14d, [r12 * 2 - 1]
      unsynchronized:
      call all
      mov eax, [0x100000]
      cmp eax, r14d
      jne unsynchronized
      xor eax, eax
      cpuid
      ; synchronized: only the new value
      mov r15d, CALLS
      strictly:
      call exact
      dec r15d
      jnz strictly
      mov eax, CALLS
      lock add [0x1000c0], eax
      lea eax, [r12 * 2 - 2]
      mov [0x100000], eax
      dec r12d
      jnz next
      hlt

      ; ---- writes, when the other has executed the round before
      writer:
      lea r14d, [r12 * 2]
      wait_turn:
      pause
      mov eax, [0x100000]
      cmp eax, r14d
      jne wait_turn
      mov r15d, 200
      linger:
      dec r15d
      jnz linger
      mov [own_page + 1], r12b
      mov [next_page + 1], r12b
      mov [others_page + 1], r12b
      lea eax, [r12 * 2 - 1]
      mov [0x100000], eax
      dec r12d
      jnz next
      hlt

      align 64
      own_page:
      mov al, 0
      ret

      align 0x1000
      times 100 nop
      next_page:
      mov al, 0
      ret

      align 0x1000
      ; ---- the page with the code that the executing processor runs
      exact:
      call own_page
      cmp al, r12b
      jne stale
      call next_page
      cmp al, r12b
      jne stale
      call others_page
      cmp al, r12b
      jne stale
      ret
      stale:
      lock inc dword [0x100040]
      ret

      all:
      call own_page
      call either
      call next_page
      call either
      call others_page
      call either
      ret
      either:
      mov ecx, r12d
      cmp al, cl
      je fine
      inc ecx
      cmp al, cl
      je fine
      lock inc dword [0x100080]
      fine: ret

      align 64
      others_page:
      mov al, 0
      ret
      """;

  @ParameterizedTest
  @EnumSource
  @DisplayName("after the handshake no stale instruction is executed")
  void handshake(Engine engine) throws Exception {
    GuestMachine m = engine.machine(Mode.LONG64, 2);
    String source = engine.fill(SOURCE);
    // What is there before the first round is the value before it.
    source = source.replace("mov al, 0", "mov al, " + (engine.rounds + 1 & 0xff));
    m.code(source);
    m.bus.write64(TURN, 2L * engine.rounds);
    m.runAll();
    assertThat(m.bus.read64(STALE)).as("stale").isZero();
    assertThat(m.bus.read64(GARBAGE)).as("neither old nor new").isZero();
    assertThat(m.bus.read64(LOOKS)).isEqualTo((long) engine.rounds * engine.calls);
    assertThat(m.bus.read64(TURN)).isZero();
  }

  /**
   * Processor 0 stores in a hot loop, so that its translation keeps the page at hand; then the
   * other begins to execute from that page. [GO] tells it to. EAX must never go back: stores become
   * visible in order.
   */
  private static final String HOT_STORES =
      """
      mov ebp, 0x100000
      test edi, edi
      jnz executes
      mov ecx, WARM
      mov r13d, 1
      store:
      mov [page + 1], r13d
      inc r13d
      add [rbp + 0x200], r13
      dec ecx
      jnz store
      mov ecx, FEW
      cmp dword [rbp], 0
      mov dword [rbp], 1
      je store
      mov dword [page + 1], LAST
      mov dword [rbp], 2
      hlt
      executes:
      pause
      cmp dword [rbp], 0
      je executes
      xor r12d, r12d
      look:
      mov esi, [rbp]
      xor eax, eax
      cpuid
      call page
      cmp eax, r12d
      jb back
      mov r12d, eax
      cmp esi, 2
      jne look
      cmp eax, LAST
      jne stale
      hlt
      back:
      inc qword [rbp + 0x80]
      hlt
      stale:
      inc qword [rbp + 0x40]
      hlt
      align 0x1000
      times 0x1003 nop
      page:
      mov eax, 0
      ret
      """;

  @ParameterizedTest
  @EnumSource
  @DisplayName("a hot loop stores to a page that another processor begins to execute")
  void hotStores(Engine engine) throws Exception {
    for (int n = 0; n < 4; n++) {
      GuestMachine m = engine.machine(Mode.LONG64, 2);
      m.code(
          HOT_STORES
              .replace("WARM", "400000")
              .replace("FEW", "3000")
              .replace("LAST", "0x7fffffff"));
      m.runAll();
      assertThat(m.bus.read64(STALE)).as("stale at the end").isZero();
      assertThat(m.bus.read64(GARBAGE)).as("an older value after a newer one").isZero();
    }
  }
}
