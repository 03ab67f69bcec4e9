package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** Faults while delivering faults: SDM vol. 3A, tables 6-4 and 6-5. */
class DoubleFaultTest {
  /** Rows: first class; columns: benign, contributory, page fault second. */
  @ParameterizedTest
  @CsvSource({
    "1, false, false, false",
    "3, false, false, false",
    "6, false, false, false",
    "7, false, false, false",
    "16, false, false, false",
    "17, false, false, false",
    "19, false, false, false",
    "0, false, true, false",
    "10, false, true, false",
    "11, false, true, false",
    "12, false, true, false",
    "13, false, true, false",
    "14, false, true, true"
  })
  void classes(int first, boolean benign, boolean contributory, boolean pageFault) {
    for (int second : new int[] {1, 6, 7, 16, 17, 19}) {
      assertThat(Interrupts.doubleFault(first, second)).as("then %d", second).isEqualTo(benign);
    }
    for (int second : new int[] {0, 10, 11, 12, 13}) {
      assertThat(Interrupts.doubleFault(first, second))
          .as("then %d", second)
          .isEqualTo(contributory);
    }
    assertThat(Interrupts.doubleFault(first, 14)).isEqualTo(pageFault);
  }

  private static FakeMachine without(int... vectors) {
    FakeMachine m = FakeMachine.protected32();
    for (int v : vectors) {
      m.gate(v, 0x0e, FakeMachine.CODE32, 0);
    }
    return m;
  }

  @Test
  void a_contributory_fault_on_a_contributory_fault_is_df_with_error_code_0() {
    FakeMachine m = without(Vector.GP);
    m.cpu.gpr[Reg.RAX] = 0x1000;
    m.exec("8e d8");
    assertThat(m.handler()).isEqualTo(Vector.DF);
    assertThat(m.stack(0, 4)).isZero();
  }

  @Test
  void a_fault_on_a_benign_exception_is_delivered_in_its_place() {
    FakeMachine m = without(Vector.UD);
    m.exec("0f 0b");
    assertThat(m.handler()).isEqualTo(Vector.NP);
    assertThat(m.stack(0, 4)).isEqualTo(Vector.UD << 3 | 3);
    assertThat(m.stack(4, 4)).isEqualTo(FakeMachine.CODE);
  }

  @Test
  void a_chain_from_benign_to_contributory_ends_in_df() {
    FakeMachine m = without(Vector.UD, Vector.NP);
    m.exec("0f 0b");
    assertThat(m.handler()).isEqualTo(Vector.DF);
  }

  @Test
  void a_fault_on_df_shuts_down() {
    FakeMachine m = without(Vector.GP, Vector.DF);
    m.cpu.gpr[Reg.RAX] = 0x1000;
    m.exec("8e d8");
    assertThat(m.cpu.activity).isEqualTo(Cpu.Activity.SHUTDOWN);
    assertThat(m.cpu.shutdownReason).contains("triple fault").contains("exception 11");
  }

  @Test
  void an_empty_idt_shuts_down_at_the_first_fault() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.idtLimit = 0;
    m.exec("0f 0b");
    assertThat(m.cpu.activity).isEqualTo(Cpu.Activity.SHUTDOWN);
  }

  @Test
  void an_empty_idt_in_real_mode_shuts_down_as_well() {
    FakeMachine m = FakeMachine.real();
    m.cpu.idtLimit = 0;
    m.exec("cd 21");
    assertThat(m.cpu.activity).isEqualTo(Cpu.Activity.SHUTDOWN);
  }

  @Test
  void a_page_fault_while_delivering_a_page_fault_is_df_and_leaves_the_second_cr2() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(FakeMachine.TSS + 0x24, 8, 0x8000);
    m.gate64(Vector.DF, 0x8e, FakeMachine.CODE64, FakeMachine.HANDLERS + 0x80, 1);
    m.cpu.gpr[Reg.RSP] = 0x50000000L;
    // mov [0x40000000], eax with a stack that is not mapped either
    m.exec("89 04 25 00 00 00 40");
    assertThat(m.handler()).isEqualTo(Vector.DF);
    assertThat(m.cpu.cr2).isEqualTo(0x4ffffff8L);
    assertThat(m.stack(8, 8)).isEqualTo(FakeMachine.CODE);
  }

  @Test
  void a_page_fault_while_delivering_gp_is_a_page_fault() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(FakeMachine.TSS + 0x24, 8, 0x8000);
    m.gate64(Vector.PF, 0x8e, FakeMachine.CODE64, FakeMachine.HANDLERS + 0xe0, 1);
    m.cpu.gpr[Reg.RSP] = 0x50000000L;
    m.cpu.gpr[Reg.RAX] = 0x1000;
    m.exec("8e d8");
    assertThat(m.handler()).isEqualTo(Vector.PF);
    assertThat(m.stack(0, 8)).as("a write").isEqualTo(2);
    assertThat(m.cpu.cr2).isEqualTo(0x4ffffff8L);
  }

  @Test
  void a_bad_stack_is_ss_then_df_with_interrupt_gates() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.seg[Reg.SS].limit = 0x100;
    m.exec("50");
    assertThat(m.cpu.activity).as("no way to push anything").isEqualTo(Cpu.Activity.SHUTDOWN);
  }
}
