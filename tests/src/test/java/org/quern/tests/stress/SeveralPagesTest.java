package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.accel.api.VmExit;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.Reg;

/** Code that lies in several pages, one of which changes or lies differently. */
@Timeout(120)
class SeveralPagesTest {
  private static final long DIRECTORY = 0x1_2000;
  private static final long TABLE = 0x2_0000;

  /** Linear address of the 2 MiB that {@link #TABLE} maps. */
  private static final long AREA = 0x80_0000;

  private static final long FRAMES = 0x30_0000;

  /** A machine with pages of the area mapped to frames of the same numbers. */
  private static GuestMachine machine(Engine engine, int[][] mapped) throws Exception {
    GuestMachine m = engine.machine();
    m.bus.write64(DIRECTORY + 8 * (AREA >> 21), TABLE | 7);
    for (int[] pageAndFrame : mapped) {
      m.bus.write64(TABLE + 8L * pageAndFrame[0], FRAMES + 4096L * pageAndFrame[1] | 7);
    }
    return m;
  }

  private static void place(GuestMachine m, long frameOffset, String source) throws Exception {
    byte[] code = Assembler.assemble(source, 64, AREA + frameOffset).bytes();
    m.bus.write(FRAMES + frameOffset, code);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("one page at two addresses, with other code behind it at each")
  void neighboursDiffer(Engine engine) throws Exception {
    GuestMachine m = machine(engine, new int[][] {{0, 0}, {1, 1}, {16, 0}, {17, 2}});
    place(m, 0, "call 0x801000\nadd eax, 10\nret");
    place(m, 0x1000, "mov eax, 1\nret");
    place(m, 0x2000, "mov eax, 2\nret");
    GuestResult r =
        m.code(
                engine.fill(
                    """
                    xor edx, edx
                    mov r12d, ROUNDS
                    round:
                    mov r14d, CALLS
                    first: call 0x800000
                    cmp eax, 11
                    setne al
                    movzx eax, al
                    add edx, eax
                    dec r14d
                    jnz first
                    mov r14d, CALLS
                    second: call 0x810000
                    cmp eax, 12
                    setne al
                    movzx eax, al
                    add edx, eax
                    dec r14d
                    jnz second
                    dec r12d
                    jnz round
                    """))
            .run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).as("exception").isEqualTo(-1);
    assertThat(r.reg(Reg.RDX)).as("wrong answers").isZero();
  }

  /**
   * A loop with an ADD that has its last two bytes in another page; the guest changes one byte of
   * it to 1 and to 2 in turn.
   */
  private static void crossing(Engine engine, int changed, int unit) throws Exception {
    GuestMachine m = machine(engine, new int[][] {{0, 0}, {1, 1}});
    // 05 imm32: ADD EAX.
    place(m, 0xffd - 7, "xor eax, eax\nmov ecx, 3\ndb 5, 0, 0, 0, 0\ndec ecx\njnz 0x800ffd\nret");
    GuestResult r =
        m.code(
                engine.fill(
                    """
                    xor edx, edx
                    mov r12d, ROUNDS
                    round:
                    mov r13d, 1
                    change:
                    mov [CHANGED], r13b
                    mov r15d, r13d
                    imul r15d, r15d, UNIT
                    mov r14d, CALLS
                    again: call 0x800ff6
                    cmp eax, r15d
                    setne al
                    movzx eax, al
                    add edx, eax
                    dec r14d
                    jnz again
                    inc r13d
                    cmp r13d, 2
                    jbe change
                    dec r12d
                    jnz round
                    """
                        .replace("CHANGED", "" + changed)
                        .replace("UNIT", "" + unit)))
            .run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.vector()).as("exception").isEqualTo(-1);
    assertThat(r.reg(Reg.RDX)).as("wrong sums").isZero();
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("an instruction that spans two pages, changed in the first")
  void changesFirstPart(Engine engine) throws Exception {
    crossing(engine, 0x800ffe, 3);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("an instruction that spans two pages, changed in the second")
  void changesSecondPart(Engine engine) throws Exception {
    crossing(engine, 0x801000, 3 << 16);
  }

  @ParameterizedTest
  @EnumSource
  @DisplayName("the second of two pages gets lost while a loop over both is hot: #PF there")
  void secondPageUnmapped(Engine engine) throws Exception {
    GuestMachine m = machine(engine, new int[][] {{0, 0}, {1, 1}});
    place(m, 0, "inc ebx\njmp 0x801000");
    place(m, 0x1000, "dec r14d\njnz 0x800000\nret");
    GuestResult r =
        m.code(
                engine.fill(
                    """
                    mov r12d, ROUNDS
                    warm:
                    xor ebx, ebx
                    mov r14d, CALLS
                    call 0x800000
                    dec r12d
                    jnz warm
                    mov dword [0x20008], 0
                    invlpg [0x801000]
                    mov r14d, CALLS
                    call 0x800000
                    """))
            .run();
    assertThat(r.vector()).isEqualTo(14);
    assertThat(r.state().cr2).isEqualTo(AREA + 0x1000);
    assertThat(r.reg(Reg.RBX)).isEqualTo(engine.calls + 1);
  }
}
