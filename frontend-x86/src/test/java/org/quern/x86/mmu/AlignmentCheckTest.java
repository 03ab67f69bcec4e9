package org.quern.x86.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** #AC: CR0.AM, EFLAGS.AC and CPL 3 together. Source: SDM vol. 3A, 6.15, interrupt 17. */
class AlignmentCheckTest {
  @ParameterizedTest
  @CsvSource({
    // CPL, AM, AC, address, instruction, outcome
    "3, true, true, 5001, 8b 01, #AC(0)", // mov eax, [rcx]
    "3, true, true, 5002, 8b 01, #AC(0)",
    "3, true, true, 5004, 8b 01, -",
    "3, true, true, 5001, 89 01, #AC(0)", // mov [rcx], eax
    "3, true, true, 5001, 66 8b 01, #AC(0)",
    "3, true, true, 5002, 66 8b 01, -",
    "3, true, true, 5004, 48 8b 01, #AC(0)",
    "3, true, true, 5001, 8a 01, -", // a byte
    "3, true, true, 5fff, 8b 01, #AC(0)", // over a page boundary
    "3, true, false, 5001, 8b 01, -",
    "3, false, true, 5001, 8b 01, -",
    "0, true, true, 5001, 8b 01, -",
    "3, true, true, 5001, f0 01 01, #AC(0)", // lock add [rcx], eax
    "3, true, true, 40000001, 8b 01, #AC(0)" // before the page fault
  })
  void alignment(int cpl, boolean am, boolean ac, String address, String code, String expected) {
    FakeMachine m = FakeMachine.long64();
    if (cpl == 3) {
      m.user();
    }
    if (am) {
      m.cpu.cr0 |= Cr.CR0_AM;
    }
    m.cpu.setRflags(ac ? RFlags.AC : 0);
    m.cpu.mmu.selectContext();
    m.cpu.gpr[Reg.RCX] = Long.parseLong(address, 16);
    assertThat(m.outcome(code)).isEqualTo(expected);
    assertThat(m.outcome(code)).as("again").isEqualTo(expected);
  }
}
