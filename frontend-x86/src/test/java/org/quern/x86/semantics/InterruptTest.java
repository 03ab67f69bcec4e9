package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** Software interrupts, exceptions and external interrupts through every kind of gate. */
class InterruptTest {
  private static final int H21 = FakeMachine.HANDLERS + 0x210;

  // ---- real mode

  @Test
  void int_21h_in_real_mode() {
    FakeMachine m = FakeMachine.real();
    m.cpu.setRflags(RFlags.IF | RFlags.TF | RFlags.AC | RFlags.CF | RFlags.FIXED);
    m.exec("cd 21");
    assertThat(m.handler()).isEqualTo(0x21);
    assertThat(m.stack(0, 2)).isEqualTo(2);
    assertThat(m.stack(2, 2)).isEqualTo(0x1000);
    assertThat(m.stack(4, 2)).isEqualTo(RFlags.IF | RFlags.TF | RFlags.CF | RFlags.FIXED);
    assertThat(m.cpu.rflags()).isEqualTo(RFlags.CF | RFlags.FIXED);
  }

  @Test
  void exceptions_in_real_mode_push_no_error_code() {
    FakeMachine m = FakeMachine.real();
    m.cpu.gpr[Reg.RBX] = 0xffff;
    // mov ax, [bx]: beyond the limit
    m.exec("8b 07");
    assertThat(m.handler()).isEqualTo(13);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 6);
    assertThat(m.stack(0, 2)).as("the faulting instruction").isZero();
  }

  @Test
  void int_beyond_the_idt_limit_in_real_mode_is_gp() {
    FakeMachine m = FakeMachine.real();
    m.cpu.idtLimit = 0x21 * 4 + 2;
    m.exec("cd 21");
    assertThat(m.handler()).isEqualTo(13);
  }

  @Test
  void the_stack_of_real_mode_wraps_between_pushes() {
    FakeMachine m = FakeMachine.real();
    m.cpu.gpr[Reg.RSP] = 0x12340002L;
    m.exec("cd 21");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x1234fffcL);
    assertThat(m.bus.read(0xfffc, 2)).isEqualTo(2);
  }

  // ---- protected mode

  @ParameterizedTest
  @ValueSource(ints = {0, 3})
  void int_21h_gate_decision_table(int cpl) {
    FakeMachine m = FakeMachine.protected32();
    for (int type = 0; type < 32; type++) {
      for (int dpl = 0; dpl < 4; dpl++) {
        for (int p = 0; p < 2; p++) {
          if (cpl == 3) {
            m.user();
          } else {
            m.cpu.setCpl(0);
            m.load(Reg.CS, FakeMachine.CODE32);
            m.load(Reg.SS, FakeMachine.DATA);
          }
          m.cpu.rip = FakeMachine.CODE;
          m.gate(0x21, type | dpl << 5 | p << 7, FakeMachine.CODE32, H21);
          boolean gate = type == 6 || type == 7 || type == 14 || type == 15;
          boolean task = type == 5;
          String expected;
          if ((!gate && !task) || dpl < cpl) {
            expected = "#GP(10a)";
          } else if (p == 0) {
            expected = "#NP(10a)";
          } else {
            // The task gate names CODE32, which is not a TSS.
            expected = task ? "#GP(8)" : "-";
          }
          assertThat(m.outcome("cd 21"))
              .as("type %x dpl %d p %d", type, dpl, p)
              .isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, #GP(0)", // null
    "3, #GP(0)",
    "1000, #GP(1000)", // out of limits
    "10, #GP(10)", // data
    "18, -", // DPL 3 at CPL 3: stays
    "50, #NP(50)", // absent
    "58, -", // conforming: stays at CPL 3
    "60, #GP(60)" // system
  })
  void handler_segments(String selector, String expected) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x50, 0, 0xfffff, 0xc01b);
    m.descriptor(0x58, 0, 0xfffff, 0xc09f);
    m.descriptor(0x60, 0, 0xfffff, 0x8c);
    m.user();
    m.gate(0x21, 0xee, Integer.parseInt(selector, 16), H21);
    assertThat(m.outcome("cd 21")).isEqualTo(expected);
    if (expected.equals("-")) {
      assertThat(m.cpu.cpl).isEqualTo(3);
      assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(Integer.parseInt(selector, 16) | 3);
    }
  }

  @Test
  void a_handler_with_less_privilege_is_gp() {
    FakeMachine m = FakeMachine.protected32();
    m.gate(0x21, 0x8e, FakeMachine.USER_CODE32, H21);
    assertThat(m.outcome("cd 21")).isEqualTo("#GP(18)");
  }

  @Test
  void a_32_bit_gate_to_ring_0_pushes_the_outer_stack() {
    FakeMachine m = FakeMachine.protected32().user();
    m.cpu.setRflags(RFlags.IF | RFlags.FIXED);
    m.gate(0x21, 0xee, FakeMachine.CODE32, H21);
    m.exec("cd 21");
    assertThat(m.cpu.cpl).isZero();
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 20);
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE + 2);
    assertThat(m.stack(4, 4)).isEqualTo(FakeMachine.USER_CODE32);
    assertThat(m.stack(8, 4)).isEqualTo(RFlags.IF | RFlags.FIXED);
    assertThat(m.stack(12, 4)).isEqualTo(FakeMachine.STACK3);
    assertThat(m.stack(16, 4)).isEqualTo(FakeMachine.USER_DATA);
    assertThat(m.cpu.eflags & RFlags.IF).isZero();
  }

  @Test
  void a_trap_gate_leaves_interrupts_enabled_and_clears_tf_and_nt() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.setRflags(RFlags.IF | RFlags.TF | RFlags.NT | RFlags.AC);
    m.gate(0x21, 0x8f, FakeMachine.CODE32, H21);
    m.exec("cd 21");
    assertThat(m.cpu.eflags).isEqualTo(RFlags.IF | RFlags.AC | RFlags.FIXED);
  }

  @Test
  void a_16_bit_gate_pushes_words_and_masks_the_offset() {
    FakeMachine m = FakeMachine.protected32();
    m.gate(0x21, 0x86, FakeMachine.CODE32, 0xffff1234);
    m.exec("cd 21");
    assertThat(m.cpu.rip).isEqualTo(0x1234);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 6);
    assertThat(m.stack(0, 2)).isEqualTo(FakeMachine.CODE + 2 & 0xffff);
    assertThat(m.stack(2, 2)).isEqualTo(FakeMachine.CODE32);
  }

  @Test
  void offset_beyond_the_handler_segment_is_gp_0() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x50, 0, 0xfff, 0x409b);
    m.gate(0x21, 0x8e, 0x50, 0x1000);
    assertThat(m.outcome("cd 21")).isEqualTo("#GP(0)");
  }

  @Test
  void no_room_on_the_current_stack_is_ss_0() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.seg[Reg.SS].limit = 0x7ff7;
    assertThat(m.outcome("cd 21")).isEqualTo("#SS(0)");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
  }

  @Test
  void int3_at_cpl_3_needs_a_gate_of_dpl_3_but_icebp_does_not() {
    FakeMachine m = FakeMachine.protected32().user();
    assertThat(m.outcome("cc")).isEqualTo("#GP(1a)");
    assertThat(m.outcome("f1")).isEqualTo("-");
    assertThat(m.handler()).isEqualTo(1);
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE + 1);
    assertThat(m.cpu.dr[6] & 0xe00f).isZero();
  }

  @Test
  void into_traps_only_with_of() {
    FakeMachine m = FakeMachine.protected32();
    m.exec("ce");
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE + 1);
    m.cpu.setOf(true);
    m.exec("ce");
    assertThat(m.handler()).isEqualTo(4);
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE + 2);
  }

  @ParameterizedTest
  @CsvSource({
    "cc, true",
    "f1, true",
    "cd 21, true",
    "ce, false", // into without OF
    "90, false",
    "0f 0b, false",
    "16, false",
    "17, true" // pop ss
  })
  void what_decides_on_its_own_single_step_trap(String code, boolean expected) {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(FakeMachine.STACK0, 4, FakeMachine.DATA);
    m.outcome(code);
    assertThat(m.cpu.stepDecided).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"5, -", "10, -", "4, #BR", "11, #BR", "-1, #BR"})
  void bound(int index, String expected) {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(0x500, 4, 5);
    m.bus.write(0x504, 4, 10);
    m.cpu.gpr[Reg.RAX] = index & 0xffffffffL;
    assertThat(m.outcome("62 05 00 05 00 00")).isEqualTo(expected);
  }

  // ---- exceptions and external interrupts

  @Test
  void a_fault_pushes_rf_and_its_error_code() {
    FakeMachine m = FakeMachine.protected32().user();
    m.exec("f4");
    assertThat(m.handler()).isEqualTo(13);
    assertThat(m.stack(0, 4)).as("error code").isZero();
    assertThat(m.stack(4, 4)).isEqualTo(FakeMachine.CODE);
    assertThat(m.stack(12, 4) & RFlags.RF).isEqualTo(RFlags.RF);
    assertThat(m.cpu.eflags & RFlags.RF).isZero();
  }

  @Test
  void an_external_interrupt_ignores_the_gates_dpl_and_pushes_no_rf() {
    FakeMachine m = FakeMachine.protected32().user();
    m.cpu.setRflags(RFlags.IF);
    Interrupts.deliverInterrupt(m.cpu, 0x21);
    assertThat(m.handler()).isEqualTo(0x21);
    assertThat(m.stack(8, 4) & RFlags.RF).isZero();
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE);
  }

  @Test
  void an_interrupt_wakes_a_halted_processor() {
    FakeMachine m = FakeMachine.protected32().exec("f4");
    assertThat(m.cpu.activity).isEqualTo(Cpu.Activity.HALTED);
    Interrupts.deliverInterrupt(m.cpu, 0x21);
    assertThat(m.cpu.activity).isEqualTo(Cpu.Activity.ACTIVE);
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE + 1);
  }

  @Test
  void a_fault_while_delivering_an_external_interrupt_has_ext() {
    FakeMachine m = FakeMachine.protected32();
    m.gate(0x21, 0x0e, FakeMachine.CODE32, H21);
    Interrupts.deliverInterrupt(m.cpu, 0x21);
    assertThat(m.handler()).isEqualTo(11);
    assertThat(m.stack(0, 4)).isEqualTo(0x21 << 3 | 3);
    assertThat(m.stack(4, 4)).isEqualTo(FakeMachine.CODE);
  }

  @Test
  void a_fault_of_int_n_has_no_ext() {
    FakeMachine m = FakeMachine.protected32();
    m.gate(0x21, 0x0e, FakeMachine.CODE32, H21);
    m.exec("cd 21");
    assertThat(m.handler()).isEqualTo(11);
    assertThat(m.stack(0, 4)).isEqualTo(0x21 << 3 | 2);
    assertThat(m.stack(4, 4)).as("INT n itself").isEqualTo(FakeMachine.CODE);
  }

  @Test
  void an_nmi_blocks_nmis_until_iret() {
    FakeMachine m = FakeMachine.protected32();
    m.bytes(FakeMachine.HANDLERS + 0x20, "cf");
    Interrupts.deliverNmi(m.cpu);
    assertThat(m.handler()).isEqualTo(2);
    assertThat(m.cpu.nmiBlocked).isTrue();
    m.step();
    assertThat(m.cpu.nmiBlocked).isFalse();
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE);
  }

  // ---- virtual-8086 mode

  @Test
  void an_interrupt_in_virtual_8086_mode_saves_and_clears_the_data_segments() {
    FakeMachine m = FakeMachine.protected32().v86(3);
    m.cpu.seg[Reg.DS].selector = 0xd5;
    m.cpu.seg[Reg.ES].selector = 0xe5;
    m.cpu.seg[Reg.FS].selector = 0xf5;
    m.cpu.seg[Reg.GS].selector = 0x95;
    m.cpu.seg[Reg.SS].selector = 0x55;
    m.gate(0x21, 0xee, FakeMachine.CODE32, H21);
    m.exec("cd 21");
    Cpu c = m.cpu;
    assertThat(c.v86()).isFalse();
    assertThat(c.cpl).isZero();
    assertThat(c.protectedMode).isTrue();
    assertThat(c.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 36);
    long[] expected = {
      2, 0x1000, RFlags.VM | RFlags.IOPL | 2, FakeMachine.STACK3, 0x55, 0xe5, 0xd5, 0xf5, 0x95
    };
    for (int n = 0; n < 9; n++) {
      assertThat(m.stack(4 * n, 4)).as("slot %d", n).isEqualTo(expected[n]);
    }
    assertThat(c.seg[Reg.DS].usable).isFalse();
    assertThat(c.seg[Reg.GS].selector).isZero();
  }

  @Test
  void int_n_in_virtual_8086_mode_needs_iopl_3_but_int3_does_not() {
    FakeMachine m = FakeMachine.protected32().v86(0);
    m.gate(0x21, 0xee, FakeMachine.CODE32, H21);
    m.gate(3, 0xee, FakeMachine.CODE32, FakeMachine.HANDLERS + 0x30);
    assertThat(m.outcome("cd 21")).isEqualTo("#GP(0)");
    assertThat(m.outcome("cc")).isEqualTo("-");
    assertThat(m.handler()).isEqualTo(3);
  }

  @ParameterizedTest
  @CsvSource({"8, -", "18, #GP(18)", "50, #GP(50)"})
  void handlers_of_virtual_8086_mode_must_be_nonconforming_ring_0(String cs, String expected) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x50, 0, 0xfffff, 0xc09f);
    m.v86(3);
    m.gate(0x21, 0xee, Integer.parseInt(cs, 16), H21);
    assertThat(m.outcome("cd 21")).isEqualTo(expected);
  }

  /** VME: the interrupt table of the virtual machine at 0, redirection bitmap all clear. */
  private static FakeMachine vme(int iopl) {
    FakeMachine m = FakeMachine.protected32().v86(iopl);
    m.cpu.cr4 |= Cr.CR4_VME;
    m.bus.write(FakeMachine.TSS + 102, 2, 0x88);
    m.bus.write(0x21 * 4, 2, 0x44);
    m.bus.write(0x21 * 4 + 2, 2, 0x2000);
    return m;
  }

  @Test
  void a_redirected_int_n_stays_in_the_virtual_machine() {
    FakeMachine m = vme(0);
    m.cpu.setRflags(RFlags.VM | RFlags.VIF | RFlags.IF | RFlags.TF);
    m.exec("cd 21");
    assertThat(m.cpu.v86()).isTrue();
    assertThat(m.linearRip()).isEqualTo(0x20044);
    assertThat(m.stack(0, 2)).isEqualTo(2);
    assertThat(m.stack(2, 2)).isEqualTo(0x1000);
    assertThat(m.stack(4, 2)).isEqualTo(RFlags.IOPL | RFlags.IF | RFlags.TF | RFlags.FIXED);
    assertThat(m.cpu.eflags & (RFlags.VIF | RFlags.IF | RFlags.TF)).isEqualTo(RFlags.IF);
  }

  @Test
  void a_redirected_int_n_with_iopl_3_clears_if_itself() {
    FakeMachine m = vme(3);
    m.cpu.setRflags(RFlags.VM | RFlags.IOPL | RFlags.VIF | RFlags.IF);
    m.exec("cd 21");
    assertThat(m.cpu.eflags & (RFlags.VIF | RFlags.IF)).isEqualTo(RFlags.VIF);
  }

  @Test
  void a_set_bit_in_the_redirection_bitmap_goes_to_the_monitor() {
    FakeMachine m = vme(0);
    m.bus.write(FakeMachine.TSS + 0x68 + 4, 1, 2);
    assertThat(m.outcome("cd 21")).isEqualTo("#GP(0)");
    m.cpu.setRflags(RFlags.VM | RFlags.IOPL);
    m.gate(0x21, 0xee, FakeMachine.CODE32, H21);
    assertThat(m.outcome("cd 21")).isEqualTo("-");
    assertThat(m.handler()).isEqualTo(0x21);
  }

  // ---- long mode

  @Test
  void an_interrupt_in_64_bit_mode_aligns_the_stack() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.gpr[Reg.RSP] = FakeMachine.STACK0 - 5;
    m.exec("cd 21");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 16 - 40);
    assertThat(m.stack(24, 8)).isEqualTo(FakeMachine.STACK0 - 5);
    assertThat(m.stack(32, 8)).isEqualTo(FakeMachine.DATA);
    assertThat(m.cpu.seg[Reg.SS].selector).as("same level: SS stays").isEqualTo(FakeMachine.DATA);
  }

  @Test
  void an_interrupt_from_ring_3_loads_a_null_ss() {
    FakeMachine m = FakeMachine.long64().user();
    m.gate64(0x21, 0xee, FakeMachine.CODE64, H21, 0);
    m.exec("cd 21");
    assertThat(m.cpu.seg[Reg.SS].selector).isZero();
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 40);
    assertThat(m.stack(32, 8)).isEqualTo(FakeMachine.USER_DATA);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7})
  void ist_gives_the_stack_whatever_the_level(int ist) {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(FakeMachine.TSS + 0x24 + 8 * (ist - 1), 8, 0x6000 + 0x100 * ist);
    m.gate64(0x21, 0xee, FakeMachine.CODE64, H21, ist);
    m.exec("cd 21");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x6000 + 0x100 * ist - 40);
  }

  @Test
  void a_page_fault_in_64_bit_mode_pushes_eight_bytes_of_error_code() {
    FakeMachine m = FakeMachine.long64();
    // mov [0x40000000], eax: the second GiB is not mapped
    m.exec("89 04 25 00 00 00 40");
    assertThat(m.handler()).isEqualTo(14);
    assertThat(m.cpu.cr2).isEqualTo(0x40000000L);
    assertThat(m.stack(0, 8)).isEqualTo(2);
    assertThat(m.stack(8, 8)).isEqualTo(FakeMachine.CODE);
  }

  @ParameterizedTest
  @CsvSource({
    "ee, 28, 20210, -",
    "ef, 28, 20210, -",
    "e6, 28, 20210, #GP(10a)", // 16-bit gates do not exist
    "e5, 28, 20210, #GP(10a)",
    "8e, 28, 20210, #GP(10a)", // DPL
    "6e, 28, 20210, #NP(10a)",
    "ee, 8, 20210, #GP(8)", // not 64-bit code
    "ee, 50, 20210, #GP(50)", // L and D
    "ee, 28, 800000000000, #GP(0)"
  })
  void gates_of_long_mode(String access, String cs, String offset, String expected) {
    FakeMachine m = FakeMachine.long64();
    m.descriptor(0x50, 0, 0xfffff, 0xe09b);
    m.user();
    m.gate64(
        0x21,
        Integer.parseInt(access, 16),
        Integer.parseInt(cs, 16),
        Long.parseLong(offset, 16),
        0);
    assertThat(m.outcome("cd 21")).isEqualTo(expected);
  }

  @Test
  void idt_limit_in_long_mode_counts_sixteen_bytes() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.idtLimit = 0x21f;
    assertThat(m.outcome("cd 21")).isEqualTo("-");
    m.cpu.idtLimit = 0x21e;
    assertThat(m.outcome("cd 21")).isEqualTo("#GP(10a)");
  }

  @Test
  void a_non_canonical_stack_in_the_tss_is_ss_0() {
    FakeMachine m = FakeMachine.long64().user();
    m.gate64(0x21, 0xee, FakeMachine.CODE64, H21, 0);
    m.bus.write(FakeMachine.TSS + 4, 8, 0x800000000000L);
    assertThat(m.outcome("cd 21")).isEqualTo("#SS(0)");
  }

  @Test
  void compatibility_mode_enters_64_bit_handlers() {
    FakeMachine m = FakeMachine.long64().user();
    m.load(Reg.CS, FakeMachine.USER_CODE32);
    m.gate64(0x80, 0xee, FakeMachine.CODE64, FakeMachine.HANDLERS + 0x800, 0);
    m.exec("cd 80");
    assertThat(m.cpu.longMode).isTrue();
    assertThat(m.handler()).isEqualTo(0x80);
    assertThat(m.stack(8, 8)).isEqualTo(FakeMachine.USER_CODE32);
  }
}
