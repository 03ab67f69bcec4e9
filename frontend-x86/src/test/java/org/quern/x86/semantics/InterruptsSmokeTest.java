package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Reg;

class InterruptsSmokeTest {
  @Test
  void int_21h_in_real_mode_pushes_flags_cs_ip() {
    FakeMachine m = FakeMachine.real().exec("cd 21");
    assertThat(m.handler()).isEqualTo(0x21);
    assertThat(m.stack(0, 2)).isEqualTo(2);
    assertThat(m.stack(2, 2)).isEqualTo(0x1000);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 6);
  }

  @Test
  void ud2_in_protected_mode_pushes_its_own_address() {
    FakeMachine m = FakeMachine.protected32().user().exec("0f 0b");
    assertThat(m.handler()).isEqualTo(6);
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE);
    assertThat(m.cpu.cpl).isZero();
  }

  @Test
  void int_80h_in_64_bit_mode_switches_stacks_and_iretq_returns() {
    FakeMachine m = FakeMachine.long64().user();
    m.gate64(0x80, 0xee, FakeMachine.CODE64, FakeMachine.HANDLERS + 0x800, 0);
    m.bytes(FakeMachine.HANDLERS + 0x800, "48 cf");
    m.exec("cd 80");
    assertThat(m.handler()).isEqualTo(0x80);
    assertThat(m.stack(0, 8)).isEqualTo(FakeMachine.CODE + 2);
    assertThat(m.stack(32, 8)).isEqualTo(FakeMachine.USER_DATA);
    m.step();
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE + 2);
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK3);
  }
}
