package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** Loads of data and stack segment registers: every kind of descriptor against every privilege. */
class SegmentLoadTest {
  private static final int S = FakeMachine.FREE;

  /** Type and S bit of descriptors that a data segment register takes. */
  private static boolean loadable(int kind) {
    return kind >= 0x10 && kind <= 0x17 || kind == 0x1a || kind == 0x1b || kind >= 0x1e;
  }

  private static boolean conforming(int kind) {
    return kind >= 0x1c;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void mov_ds_ax_decision_table(int cpl) {
    FakeMachine m = machine(cpl);
    for (int kind = 0; kind < 32; kind++) {
      for (int dpl = 0; dpl < 4; dpl++) {
        for (int rpl = 0; rpl < 4; rpl++) {
          for (int p = 0; p < 2; p++) {
            m.descriptor(S, 0x1234, 0xff, kind | dpl << 5 | p << 7);
            m.cpu.gpr[Reg.RAX] = S | rpl;
            m.cpu.rip = FakeMachine.CODE;
            String expected;
            if (!loadable(kind) || (!conforming(kind) && Math.max(cpl, rpl) > dpl)) {
              expected = "#GP(50)";
            } else {
              expected = p == 1 ? "-" : "#NP(50)";
            }
            assertThat(m.outcome("8e d8"))
                .as("kind %x dpl %d rpl %d cpl %d p %d", kind, dpl, rpl, cpl, p)
                .isEqualTo(expected);
            if (expected.equals("-")) {
              Segment ds = m.cpu.seg[Reg.DS];
              assertThat(ds.selector).isEqualTo(S | rpl);
              assertThat(ds.base).isEqualTo(0x1234);
              assertThat(ds.limit).isEqualTo(0xff);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void mov_ss_ax_decision_table(int cpl) {
    FakeMachine m = machine(cpl);
    for (int kind = 0; kind < 32; kind++) {
      for (int dpl = 0; dpl < 4; dpl++) {
        for (int rpl = 0; rpl < 4; rpl++) {
          for (int p = 0; p < 2; p++) {
            m.descriptor(S, 0, 0xff, kind | dpl << 5 | p << 7);
            m.cpu.gpr[Reg.RAX] = S | rpl;
            m.cpu.rip = FakeMachine.CODE;
            boolean writable = kind == 0x12 || kind == 0x13 || kind == 0x16 || kind == 0x17;
            String expected;
            if (!writable || dpl != cpl || rpl != cpl) {
              expected = "#GP(50)";
            } else {
              expected = p == 1 ? "-" : "#SS(50)";
            }
            assertThat(m.outcome("8e d0"))
                .as("kind %x dpl %d rpl %d cpl %d p %d", kind, dpl, rpl, cpl, p)
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  /** Flat segments at any CPL, with no checks. */
  private static FakeMachine machine(int cpl) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.setCpl(cpl);
    return m;
  }

  @Test
  void mov_ds_ax_sets_the_accessed_bit_in_memory() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(S, 0, 0xff, 0x92);
    m.cpu.gpr[Reg.RAX] = S;
    m.exec("8e d8");
    assertThat(m.bus.read(FakeMachine.GDT + S + 5, 1)).isEqualTo(0x93);
    assertThat(m.cpu.seg[Reg.DS].attr & 0xff).isEqualTo(0x93);
  }

  @Test
  void a_refused_descriptor_is_not_marked_accessed() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(S, 0, 0xff, 0x12);
    m.cpu.gpr[Reg.RAX] = S;
    assertThat(m.outcome("8e d8")).isEqualTo("#NP(50)");
    assertThat(m.bus.read(FakeMachine.GDT + S + 5, 1)).isEqualTo(0x12);
  }

  @Test
  void page_granularity_scales_the_limit() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(S, 0xfedcba98L, 0x12345, 0x8093);
    m.cpu.gpr[Reg.RAX] = S;
    m.exec("8e d8");
    assertThat(m.cpu.seg[Reg.DS].limit).isEqualTo(0x12345fff);
    assertThat(m.cpu.seg[Reg.DS].base).isEqualTo(0xfedcba98L);
  }

  @ParameterizedTest
  @CsvSource({"1f8, -", "200, #GP(200)", "fff8, #GP(fff8)", "204, #GP(204)", "4, #GP(4)"})
  void selector_limits(String selector, String expected) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x1f8, 0, 0xff, 0x93);
    m.cpu.gpr[Reg.RAX] = Integer.parseInt(selector, 16);
    assertThat(m.outcome("8e d8")).isEqualTo(expected);
  }

  @Test
  void ldt_selectors_use_the_ldt() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.ldtr.set(0x48, 0x5000, 15, 0x82, true);
    m.bus.write(0x5008, 8, FakeMachine.encode(0x777, 0x10, 0x93));
    m.cpu.gpr[Reg.RAX] = 0xc;
    m.exec("8e d8");
    assertThat(m.cpu.seg[Reg.DS].base).isEqualTo(0x777);
    m.cpu.gpr[Reg.RAX] = 0x14;
    assertThat(m.outcome("8e d8")).isEqualTo("#GP(14)");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void a_null_selector_loads_but_cannot_be_used(int selector) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = selector;
    assertThat(m.outcome("8e d8")).isEqualTo("-");
    assertThat(m.cpu.seg[Reg.DS].selector).isEqualTo(selector);
    // mov al, [0]
    assertThat(m.outcome("a0 00 00 00 00")).isEqualTo("#GP(0)");
  }

  @Test
  void a_null_selector_in_ss_is_gp() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = 0;
    assertThat(m.outcome("8e d0")).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @CsvSource({"0, 0, -", "0, 1, #GP(0)", "1, 1, -", "2, 2, -", "3, 3, #GP(0)"})
  void null_ss_in_64_bit_mode(int cpl, int rpl, String expected) {
    FakeMachine m = FakeMachine.long64();
    m.cpu.setCpl(cpl);
    m.cpu.gpr[Reg.RAX] = rpl;
    assertThat(m.outcome("8e d0")).isEqualTo(expected);
  }

  @Test
  void mov_cs_ax_is_ud() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = FakeMachine.CODE32;
    assertThat(m.outcome("8e c8")).isEqualTo("#UD");
  }

  @Test
  void mov_ss_ax_starts_an_interrupt_shadow() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = FakeMachine.DATA;
    m.exec("8e d0");
    assertThat(m.cpu.shadow).isEqualTo(Cpu.Shadow.MOV_SS);
    m.exec("90");
    assertThat(m.cpu.shadow).isEqualTo(Cpu.Shadow.NONE);
  }

  @Test
  void a_faulting_mov_ss_starts_no_shadow() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = FakeMachine.CODE32;
    assertThat(m.outcome("8e d0")).isEqualTo("#GP(8)");
    assertThat(m.cpu.shadow).isEqualTo(Cpu.Shadow.NONE);
  }

  // ---- PUSH, POP, far pointers

  @Test
  void push_ds_writes_two_bytes_of_four() {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(FakeMachine.STACK0 - 4, 4, 0xaaaaaaaaL);
    m.exec("1e");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 4);
    assertThat(m.stack(0, 4)).isEqualTo(0xaaaa0010L);
  }

  @Test
  void push_fs_in_64_bit_mode_writes_eight_bytes() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(FakeMachine.STACK0 - 8, 8, -1);
    m.exec("0f a0");
    assertThat(m.stack(0, 8)).isEqualTo(0x10);
  }

  @Test
  void pop_es_that_faults_leaves_the_stack_pointer() {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(FakeMachine.STACK0, 4, 0x1000);
    assertThat(m.outcome("07")).isEqualTo("#GP(1000)");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
  }

  @Test
  void pop_ss_moves_the_pointer_under_the_old_stack_size() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(S, 0, 0xffff, 0x93);
    m.cpu.gpr[Reg.RSP] = 0x1fffc;
    m.bus.write(0x1fffc, 4, S);
    m.exec("17");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x20000);
    assertThat(m.cpu.stackMask).isEqualTo(0xffff);
    assertThat(m.cpu.shadow).isEqualTo(Cpu.Shadow.MOV_SS);
  }

  @Test
  void lds_loads_register_and_segment_or_neither() {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(0x5000, 4, 0x12345678);
    m.bus.write(0x5004, 2, FakeMachine.USER_DATA);
    m.exec("c5 0d 00 50 00 00");
    assertThat(m.cpu.gpr[Reg.RCX]).isEqualTo(0x12345678);
    assertThat(m.cpu.seg[Reg.DS].selector).isEqualTo(FakeMachine.USER_DATA);
    m.cpu.gpr[Reg.RCX] = 1;
    m.bus.write(0x5004, 2, 0x1000);
    assertThat(m.outcome("c5 0d 00 50 00 00")).isEqualTo("#GP(1000)");
    assertThat(m.cpu.gpr[Reg.RCX]).isEqualTo(1);
  }

  @Test
  void lss_reads_a_64_bit_offset_under_rex_w() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(0x5000, 8, 0x1122334455667788L);
    m.bus.write(0x5008, 2, FakeMachine.DATA);
    m.exec("48 0f b2 24 25 00 50 00 00");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x1122334455667788L);
  }

  // ---- real and virtual-8086 mode

  @Test
  void mov_ds_ax_in_real_mode_sets_the_base_and_keeps_the_limit() {
    FakeMachine m = FakeMachine.real();
    m.cpu.seg[Reg.DS].limit = -1;
    m.cpu.gpr[Reg.RAX] = 0x1234;
    m.exec("8e d8");
    assertThat(m.cpu.seg[Reg.DS].base).isEqualTo(0x12340);
    assertThat(m.cpu.seg[Reg.DS].limit).as("unreal mode").isEqualTo(-1);
  }

  @Test
  void mov_ds_ax_in_virtual_8086_mode_sets_the_limit_to_64_kib() {
    FakeMachine m = FakeMachine.protected32().v86(3);
    m.cpu.seg[Reg.DS].limit = -1;
    m.cpu.gpr[Reg.RAX] = 0x1234;
    m.exec("8e d8");
    assertThat(m.cpu.seg[Reg.DS].base).isEqualTo(0x12340);
    assertThat(m.cpu.seg[Reg.DS].limit).isEqualTo(0xffff);
    assertThat(m.cpu.seg[Reg.DS].dpl()).isEqualTo(3);
  }

  @Test
  void mov_eax_ds_zero_extends() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = -1;
    m.exec("8c d8");
    assertThat(m.cpu.gpr[Reg.RAX]).isEqualTo(FakeMachine.DATA);
  }

  @Test
  void mov_m16_ds_writes_two_bytes_whatever_the_operand_size() {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(0x5000, 4, -1);
    m.exec("8c 1d 00 50 00 00");
    assertThat(m.bus.read(0x5000, 4)).isEqualTo(0xffff0010L);
  }
}
