package org.quern.tests.stress;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.accel.api.VmExit;
import org.quern.tests.conformance.GuestMachine;
import org.quern.tests.conformance.GuestResult;
import org.quern.tests.conformance.Mode;
import org.quern.x86.asm.Assembler;
import org.quern.x86.state.Reg;

/**
 * 32-bit code that runs on from the last byte below 4 GiB to linear address 0, and calls and jumps
 * across that border.
 */
@Timeout(300)
class WrappedCodeTest {
  private static final int ROUNDS = 400_000;

  /** Linear address of the code at the top, mapped to {@link #TOP_PHYSICAL}. */
  private static final long TOP = 0xffffff80L;

  private static final long TOP_PHYSICAL = 0x110f80;
  private static final long TABLES = 0x120000;

  @ParameterizedTest
  @EnumSource
  @DisplayName("code at both ends of the 32-bit address space")
  void wraps(Engine engine) throws Exception {
    GuestMachine m = engine.machine(Mode.COMPATIBILITY32, 1);
    map(m);
    // CALL of 0x100; what is left of the page does nothing.
    String top =
        "add eax, ecx\ndb 0xe8\ndd 0x179\nimul eax, eax, 3\nadd [esi], eax\nadd eax, edx\n";
    int rest = 0x80 - Assembler.assemble(top, 32, 0).bytes().length;
    place(m, TOP_PHYSICAL, top + "nop\n".repeat(rest));
    // JNZ back to the top.
    place(m, 0, "dec ecx\ndb 0x0f, 0x85\ndd 0xffffff79\nhlt");
    place(m, 0x100, "xor eax, 0x1234567\npush eax\nmov edx, [esi]\npop ebx\nret");
    m.start.rip = TOP;
    int rounds = engine == Engine.DEFAULT ? ROUNDS : 2_000;
    m.reg(Reg.RCX, rounds).reg(Reg.RSI, GuestMachine.DATA).reg(Reg.RAX, 5);
    GuestResult r = m.run();
    assertThat(r.kind()).isEqualTo(VmExit.Kind.HLT);
    assertThat(r.state().rip).isEqualTo(8);
    assertThat((int) r.state().gpr[Reg.RAX]).isEqualTo(expected(rounds));
  }

  private static int expected(int rounds) {
    int memory = 0;
    int eax = 5;
    for (int n = rounds; n > 0; n--) {
      int edx = memory;
      eax = (eax + n ^ 0x1234567) * 3;
      memory += eax;
      eax += edx;
    }
    return eax;
  }

  private static void place(GuestMachine m, long physical, String source) {
    m.bus.write(physical, Assembler.assemble(source, 32, physical).bytes());
  }

  /** Maps the last page below 4 GiB; the machine's own tables have the rest. */
  private static void map(GuestMachine m) {
    long pdpt = m.bus.read64(m.start.cr3) & -4096;
    m.bus.write64(pdpt + 24, TABLES | 7);
    m.bus.write64(TABLES + 0xff8, TABLES + 0x1000 | 7);
    m.bus.write64(TABLES + 0x1ff8, TOP_PHYSICAL & -4096 | 7);
  }
}
