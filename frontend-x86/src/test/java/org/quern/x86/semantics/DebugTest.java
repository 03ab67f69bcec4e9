package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** Debug registers and breakpoints. */
class DebugTest {
  @Test
  void dr4_and_dr5_are_dr6_and_dr7_unless_de() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = 0x401;
    m.exec("0f 23 e8");
    assertThat(m.cpu.dr[7]).isEqualTo(0x401);
    m.exec("0f 21 e3");
    assertThat(m.cpu.gpr[Reg.RBX]).isEqualTo(0xffff0ff0L);
    m.cpu.cr4 |= Cr.CR4_DE;
    assertThat(m.outcome("0f 23 e8")).isEqualTo("#UD");
  }

  @ParameterizedTest
  @CsvSource({
    "6, 0, ffff0ff0",
    "6, ffffffff, ffffefff",
    "7, 0, 400",
    "7, ffffffff, ffff27ff",
    "0, ffffffff, ffffffff"
  })
  void fixed_bits(int register, String value, String read) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = Long.parseLong(value, 16);
    m.exec(String.format("0f 23 %02x", 0xc0 | register << 3));
    assertThat(Long.toHexString(m.cpu.dr[register])).isEqualTo(read);
  }

  @Test
  void the_upper_half_of_dr7_must_be_zero() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.gpr[Reg.RAX] = 1L << 32;
    assertThat(m.outcome("0f 23 f8")).isEqualTo("#GP(0)");
    assertThat(m.outcome("0f 23 c0")).as("dr0 has 64 bits").isEqualTo("-");
  }

  @Test
  void general_detect_faults_on_any_access_and_clears_itself() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.dr[7] |= Debug.DR7_GD;
    m.exec("0f 21 c0");
    assertThat(m.handler()).isEqualTo(1);
    assertThat(m.cpu.dr[6] & Debug.DR6_BD).isEqualTo(Debug.DR6_BD);
    assertThat(m.cpu.dr[7] & Debug.DR7_GD).isZero();
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE);
  }

  @ParameterizedTest
  @CsvSource({
    "1, true", // L0
    "2, true", // G0
    "4, false", // L1: another register
    "10001, false", // data write
    "40001, false" // a length other than 0
  })
  void instruction_breakpoints(String dr7, boolean hit) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.dr[0] = FakeMachine.CODE;
    m.cpu.dr[7] = 0x400 | Long.parseLong(dr7, 16);
    assertThat(Debug.instructionBreakpoint(m.cpu, FakeMachine.CODE)).isEqualTo(hit);
    assertThat(Debug.instructionBreakpoint(m.cpu, FakeMachine.CODE + 1)).isFalse();
    if (hit) {
      Interrupts.deliverFault(m.cpu, m.cpu.fault);
      assertThat(m.cpu.dr[6] & 15).isEqualTo(1);
      assertThat(m.stack(8, 4) & RFlags.RF).as("RF is the handler's to set").isZero();
    }
  }

  @Test
  void rf_suppresses_instruction_breakpoints() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.dr[0] = FakeMachine.CODE;
    m.cpu.dr[7] = 0x401;
    m.cpu.setSystemFlags(RFlags.RF);
    assertThat(Debug.instructionBreakpoint(m.cpu, FakeMachine.CODE)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    // R/W and LEN of DR0, address watched, instruction, hit
    "d, 5000, a3 00 50 00 00, true", // dword, write, store
    "d, 5000, a1 00 50 00 00, false", // dword, write, load
    "f, 5000, a1 00 50 00 00, true", // dword, read or write
    "1, 5003, a3 00 50 00 00, true", // one byte inside the access
    "1, 5004, a3 00 50 00 00, false",
    "5, 5001, a3 02 50 00 00, false", // a word is aligned down
    "d, 5000, a2 03 50 00 00, true" // one byte inside the range
  })
  void data_breakpoints(String control, String address, String code, boolean hit) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.dr[0] = Long.parseLong(address, 16);
    m.cpu.gpr[Reg.RAX] = 0x401 | Long.parseLong(control, 16) << 16;
    m.exec("0f 23 f8");
    m.exec(code);
    assertThat(m.cpu.pendingDebug).isEqualTo(hit ? 1 : 0);
    // Again, with the translation perhaps cached.
    m.cpu.pendingDebug = 0;
    m.exec(code);
    assertThat(m.cpu.pendingDebug).isEqualTo(hit ? 1 : 0);
  }

  @Test
  void a_debug_trap_pushes_the_next_instruction_and_sets_dr6() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.dr[6] = 0xffff0ff3L;
    m.cpu.pendingDebug = Debug.DR6_BS | 4;
    Interrupts.deliverDebugTrap(m.cpu);
    assertThat(m.handler()).isEqualTo(1);
    assertThat(m.cpu.dr[6]).isEqualTo(0xffff0ff0L | Debug.DR6_BS | 4);
    assertThat(m.cpu.pendingDebug).isZero();
    assertThat(m.stack(8, 4) & RFlags.RF).isZero();
  }

  @Test
  void int1_takes_a_held_back_breakpoint_with_it() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.pendingDebug = 2;
    m.exec("f1");
    assertThat(m.handler()).isEqualTo(1);
    assertThat(m.cpu.pendingDebug).isZero();
    assertThat(m.cpu.dr[6] & 15).isEqualTo(2);
  }
}
