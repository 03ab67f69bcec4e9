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

/** Far JMP, CALL and RET: direct, through call gates, to other privilege levels. */
class FarTransferTest {
  /** Slot of the segment or gate under test. */
  private static final int S = FakeMachine.FREE;

  /** Slot of the code segment that a gate under test leads to. */
  private static final int TARGET = FakeMachine.FREE + 0x10;

  private static final int TARGET_OFFSET = 0x4560;

  /** {@code jmp S|rpl:offset}. */
  private static String jmp(int selector) {
    return far("ea", selector);
  }

  private static String call(int selector) {
    return far("9a", selector);
  }

  private static String far(String opcode, int selector) {
    return opcode + " 60 45 00 00 " + String.format("%02x%02x", selector & 0xff, selector >> 8);
  }

  private static FakeMachine machine(int cpl) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(FakeMachine.CODE32, 0, 0xfffff, 0xc09b | cpl << 5);
    m.descriptor(FakeMachine.DATA, 0, 0xfffff, 0xc093 | cpl << 5);
    m.load(Reg.CS, FakeMachine.CODE32 | cpl);
    m.load(Reg.SS, FakeMachine.DATA | cpl);
    m.cpu.setCpl(cpl);
    return m;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void direct_decision_table(int cpl) {
    for (int kind = 16; kind < 32; kind++) {
      for (int dpl = 0; dpl < 4; dpl++) {
        for (int rpl = 0; rpl < 4; rpl++) {
          for (int p = 0; p < 2; p++) {
            boolean code = kind >= 0x18;
            boolean conforming = kind >= 0x1c;
            boolean level = conforming ? dpl <= cpl : dpl == cpl && rpl <= cpl;
            String expected = !code || !level ? "#GP(50)" : p == 1 ? "-" : "#NP(50)";
            for (String op : new String[] {jmp(S | rpl), call(S | rpl)}) {
              FakeMachine m = shared(cpl);
              m.descriptor(S, 0, 0xfffff, kind | dpl << 5 | p << 7 | 0xc000);
              assertThat(m.outcome(op))
                  .as("%s kind %x dpl %d rpl %d cpl %d p %d", op, kind, dpl, rpl, cpl, p)
                  .isEqualTo(expected);
              if (expected.equals("-")) {
                assertThat(m.cpu.rip).isEqualTo(TARGET_OFFSET);
                assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(S | cpl);
                assertThat(m.cpu.cpl).isEqualTo(cpl);
              }
            }
          }
        }
      }
    }
  }

  private FakeMachine reused;

  /** One machine for many cases, put back to its start. */
  private FakeMachine shared(int cpl) {
    if (reused == null) {
      reused = machine(cpl);
    }
    reused.load(Reg.CS, FakeMachine.CODE32 | cpl);
    reused.load(Reg.SS, FakeMachine.DATA | cpl);
    reused.cpu.setCpl(cpl);
    reused.cpu.rip = FakeMachine.CODE;
    reused.cpu.gpr[Reg.RSP] = FakeMachine.STACK3;
    return reused;
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void call_gate_decision_table(int cpl) {
    FakeMachine m = shared(cpl);
    innerStacks(m);
    for (int gateDpl = 0; gateDpl < 4; gateDpl++) {
      for (int rpl = 0; rpl < 4; rpl++) {
        for (int kind = 16; kind < 32; kind += 2) {
          for (int dpl = 0; dpl < 4; dpl++) {
            for (int call = 0; call < 2; call++) {
              shared(cpl);
              gate(m, 0x8c | gateDpl << 5, TARGET, 0);
              m.descriptor(TARGET, 0, 0xfffff, 0xc080 | kind | dpl << 5);
              boolean conforming = kind >= 0x1c;
              boolean code = kind >= 0x18;
              String expected = "-";
              if (Math.max(cpl, rpl) > gateDpl) {
                expected = "#GP(50)";
              } else if (!code || dpl > cpl || (call == 0 && !conforming && dpl != cpl)) {
                expected = "#GP(60)";
              }
              assertThat(m.outcome(call == 1 ? call(S | rpl) : jmp(S | rpl)))
                  .as("gate %d rpl %d kind %x dpl %d call %d", gateDpl, rpl, kind, dpl, call)
                  .isEqualTo(expected);
              if (expected.equals("-")) {
                int level = conforming ? cpl : dpl;
                assertThat(m.cpu.cpl).isEqualTo(level);
                assertThat(m.cpu.rip).isEqualTo(TARGET_OFFSET);
                assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(TARGET | level);
              }
            }
          }
        }
      }
    }
  }

  /** Stacks for levels 0 to 2 in GDT slots 0x80 to 0x90 and in the TSS. */
  private static void innerStacks(FakeMachine m) {
    for (int level = 0; level < 3; level++) {
      int selector = 0x80 + 8 * level | level;
      m.descriptor(selector, 0, 0xfffff, 0xc093 | level << 5);
      m.bus.write(FakeMachine.TSS + 4 + 8 * level, 4, 0x6000 + 0x100 * level);
      m.bus.write(FakeMachine.TSS + 8 + 8 * level, 2, selector);
    }
  }

  private static void gate(FakeMachine m, int access, int selector, int count) {
    m.bus.write(
        FakeMachine.GDT + S, 8, FakeMachine.encodeGate(access, selector, TARGET_OFFSET, count));
  }

  @ParameterizedTest
  @CsvSource({"0c, #NP(50)", "8c, -", "84, -", "8d, #GP(50)", "8e, #GP(50)", "82, #GP(50)"})
  void system_descriptors_as_targets(String access, String expected) {
    FakeMachine m = machine(0);
    gate(m, Integer.parseInt(access, 16), FakeMachine.CODE32, 0);
    assertThat(m.outcome(call(S))).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"0, #GP(0)", "3, #GP(0)", "1000, #GP(1000)", "4, #GP(4)"})
  void bad_selectors(String selector, String expected) {
    FakeMachine m = machine(0);
    assertThat(m.outcome(call(Integer.parseInt(selector, 16)))).isEqualTo(expected);
    gate(m, 0x8c, Integer.parseInt(selector, 16), 0);
    assertThat(m.outcome(call(S))).as("behind a gate").isEqualTo(expected);
  }

  @Test
  void offset_beyond_the_limit_is_gp_0() {
    FakeMachine m = machine(0);
    m.descriptor(S, 0, TARGET_OFFSET - 1, 0x409b);
    assertThat(m.outcome(jmp(S))).isEqualTo("#GP(0)");
    m.descriptor(S, 0, TARGET_OFFSET, 0x409b);
    assertThat(m.outcome(jmp(S))).isEqualTo("-");
  }

  @Test
  void call_far_pushes_cs_and_eip() {
    FakeMachine m = machine(0);
    m.exec(call(FakeMachine.CODE32));
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE + 7);
    assertThat(m.stack(4, 4)).isEqualTo(FakeMachine.CODE32);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 8);
  }

  @Test
  void call_far_without_room_on_the_stack_changes_nothing() {
    FakeMachine m = machine(0);
    m.cpu.seg[Reg.SS].limit = 0x7ff7;
    assertThat(m.outcome(call(FakeMachine.CODE32))).isEqualTo("#SS(0)");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE);
  }

  // ---- call gates with a change of level

  private static FakeMachine ring3WithGate(int access, int count) {
    FakeMachine m = FakeMachine.protected32().user();
    innerStacks(m);
    m.bus.write(FakeMachine.TSS + 8, 2, FakeMachine.DATA);
    gate(m, access, FakeMachine.CODE32, count);
    m.bus.write(FakeMachine.STACK3, 4, 0x11111111);
    m.bus.write(FakeMachine.STACK3 + 4, 4, 0x22222222);
    m.bus.write(FakeMachine.STACK3 + 8, 4, 0x33333333);
    return m;
  }

  @Test
  void call_through_a_32_bit_gate_copies_parameters() {
    FakeMachine m = ring3WithGate(0xec, 3).exec(call(S | 3));
    Cpu c = m.cpu;
    assertThat(c.cpl).isZero();
    assertThat(c.seg[Reg.SS].selector).isEqualTo(FakeMachine.DATA);
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x6000 - 7 * 4);
    assertThat(m.stack(0, 4)).isEqualTo(FakeMachine.CODE + 7);
    assertThat(m.stack(4, 4)).isEqualTo(FakeMachine.USER_CODE32);
    assertThat(m.stack(8, 4)).isEqualTo(0x11111111);
    assertThat(m.stack(12, 4)).isEqualTo(0x22222222);
    assertThat(m.stack(16, 4)).isEqualTo(0x33333333);
    assertThat(m.stack(20, 4)).isEqualTo(FakeMachine.STACK3);
    assertThat(m.stack(24, 4)).isEqualTo(FakeMachine.USER_DATA);
  }

  @Test
  void call_through_a_16_bit_gate_pushes_words() {
    FakeMachine m = ring3WithGate(0xe4, 1).exec(call(S | 3));
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x6000 - 5 * 2);
    assertThat(m.stack(0, 2)).isEqualTo(FakeMachine.CODE + 7 & 0xffff);
    assertThat(m.stack(2, 2)).isEqualTo(FakeMachine.USER_CODE32);
    assertThat(m.stack(4, 2)).isEqualTo(0x1111);
    assertThat(m.stack(6, 2)).isEqualTo(FakeMachine.STACK3);
    assertThat(m.stack(8, 2)).isEqualTo(FakeMachine.USER_DATA);
  }

  @Test
  void retf_imm16_from_a_gate_releases_parameters_on_both_stacks() {
    FakeMachine m = ring3WithGate(0xec, 3);
    m.bytes(TARGET_OFFSET, "ca 0c 00");
    m.exec(call(S | 3));
    m.step();
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE + 7);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK3 + 12);
    assertThat(m.cpu.seg[Reg.SS].selector).isEqualTo(FakeMachine.USER_DATA);
  }

  @ParameterizedTest
  @CsvSource({
    "0, #TS(0)", // null
    "1000, #TS(1000)", // out of limits
    "11, #TS(10)", // RPL
    "23, #TS(20)", // RPL and DPL
    "20, #TS(20)", // DPL
    "8, #TS(8)", // code
    "98, #SS(98)", // not present
    "a0, #TS(a0)" // read-only
  })
  void bad_inner_stacks(String ss, String expected) {
    FakeMachine m = ring3WithGate(0xec, 0);
    m.descriptor(0x98, 0, 0xfffff, 0xc013);
    m.descriptor(0xa0, 0, 0xfffff, 0xc091);
    m.bus.write(FakeMachine.TSS + 8, 2, Integer.parseInt(ss, 16));
    assertThat(m.outcome(call(S | 3))).isEqualTo(expected);
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK3);
  }

  @Test
  void an_inner_stack_without_room_is_ss_with_its_selector() {
    FakeMachine m = ring3WithGate(0xec, 0);
    m.descriptor(FakeMachine.DATA, 0, 0x5ff7, 0x4093);
    assertThat(m.outcome(call(S | 3))).isEqualTo("#SS(10)");
  }

  @Test
  void a_tss_too_short_for_the_level_is_ts_with_its_selector() {
    FakeMachine m = ring3WithGate(0xec, 0);
    m.cpu.tr.limit = 8;
    assertThat(m.outcome(call(S | 3))).isEqualTo("#TS(38)");
  }

  @Test
  void a_16_bit_tss_gives_16_bit_stacks() {
    FakeMachine m = ring3WithGate(0xe4, 0);
    m.cpu.tr.attr = Segment.P | 3;
    m.bus.write(FakeMachine.TSS + 2, 2, 0x7000);
    m.bus.write(FakeMachine.TSS + 4, 2, FakeMachine.DATA);
    m.exec(call(S | 3));
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x7000 - 8);
  }

  // ---- RETF

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3})
  void retf_decision_table(int cpl) {
    FakeMachine m = shared(cpl);
    for (int level = 0; level < 4; level++) {
      m.descriptor(0x80 + 8 * level, 0, 0xfffff, 0xc093 | level << 5);
    }
    for (int kind = 16; kind < 32; kind += 2) {
      for (int dpl = 0; dpl < 4; dpl++) {
        for (int rpl = 0; rpl < 4; rpl++) {
          for (int p = 0; p < 2; p++) {
            shared(cpl);
            m.descriptor(S, 0, 0xfffff, kind | dpl << 5 | p << 7 | 0xc000);
            m.bus.write(FakeMachine.STACK3, 4, TARGET_OFFSET);
            m.bus.write(FakeMachine.STACK3 + 4, 4, S | rpl);
            m.bus.write(FakeMachine.STACK3 + 8, 4, 0x9876);
            m.bus.write(FakeMachine.STACK3 + 12, 4, 0x80 + 8 * rpl | rpl);
            boolean code = kind >= 0x18;
            boolean conforming = kind >= 0x1c;
            boolean level = rpl >= cpl && (conforming ? dpl <= rpl : dpl == rpl);
            String expected = !code || !level ? "#GP(50)" : p == 1 ? "-" : "#NP(50)";
            assertThat(m.outcome("cb"))
                .as("kind %x dpl %d rpl %d p %d", kind, dpl, rpl, p)
                .isEqualTo(expected);
            if (expected.equals("-")) {
              assertThat(m.cpu.cpl).isEqualTo(rpl);
              long sp = rpl == cpl ? FakeMachine.STACK3 + 8 : 0x9876;
              assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(sp);
            }
          }
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "0, #GP(0)",
    "1000, #GP(1000)",
    "20, #GP(20)", // RPL
    "13, #GP(10)", // DPL
    "1b, #GP(18)", // code
    "9b, #SS(98)" // not present
  })
  void retf_to_an_outer_level_checks_its_stack(String ss, String expected) {
    FakeMachine m = machine(0);
    m.descriptor(0x98, 0, 0xfffff, 0xc073);
    m.bus.write(FakeMachine.STACK0, 4, 0x4560);
    m.bus.write(FakeMachine.STACK0 + 4, 4, FakeMachine.USER_CODE32);
    m.bus.write(FakeMachine.STACK0 + 12, 4, Integer.parseInt(ss, 16));
    assertThat(m.outcome("cb")).isEqualTo(expected);
    assertThat(m.cpu.cpl).isZero();
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
  }

  @Test
  void retf_to_an_outer_level_takes_inner_segments_away() {
    FakeMachine m = machine(0);
    m.descriptor(S, 0, 0xfffff, 0xc09f);
    m.load(Reg.DS, FakeMachine.DATA);
    m.load(Reg.ES, FakeMachine.USER_DATA);
    m.load(Reg.FS, S);
    m.load(Reg.GS, FakeMachine.CODE32);
    m.bus.write(FakeMachine.STACK0, 4, 0x4560);
    m.bus.write(FakeMachine.STACK0 + 4, 4, FakeMachine.USER_CODE32);
    m.bus.write(FakeMachine.STACK0 + 8, 4, FakeMachine.STACK3);
    m.bus.write(FakeMachine.STACK0 + 12, 4, FakeMachine.USER_DATA);
    m.exec("cb");
    assertThat(m.cpu.seg[Reg.DS].selector).isZero();
    assertThat(m.cpu.seg[Reg.DS].usable).isFalse();
    assertThat(m.cpu.seg[Reg.GS].usable).isFalse();
    assertThat(m.cpu.seg[Reg.ES].selector).isEqualTo(FakeMachine.USER_DATA);
    assertThat(m.cpu.seg[Reg.FS].selector).as("conforming code stays").isEqualTo(S);
  }

  @Test
  void dropped_segments_keep_their_base_for_64_bit_mode() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.seg[Reg.GS].base = 0xffff888000000000L;
    m.bus.write(FakeMachine.STACK0, 8, 0x4560);
    m.bus.write(FakeMachine.STACK0 + 8, 8, FakeMachine.USER_CODE64);
    m.bus.write(FakeMachine.STACK0 + 16, 8, FakeMachine.STACK3);
    m.bus.write(FakeMachine.STACK0 + 24, 8, FakeMachine.USER_DATA);
    m.exec("48 cb");
    assertThat(m.cpu.seg[Reg.GS].selector).isZero();
    assertThat(m.cpu.seg[Reg.GS].base).isEqualTo(0xffff888000000000L);
  }

  @Test
  void retf_to_a_16_bit_stack_keeps_the_upper_half_of_esp() {
    FakeMachine m = machine(0);
    m.descriptor(S, 0, 0xffff, 0xf3);
    m.bus.write(0x18000, 4, 0x4560);
    m.bus.write(0x18004, 4, FakeMachine.USER_CODE32);
    m.bus.write(0x18008, 4, 0x99991234L);
    m.bus.write(0x1800c, 4, S | 3);
    m.cpu.gpr[Reg.RSP] = 0x18000;
    m.exec("cb");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x11234);
  }

  // ---- real mode

  @Test
  void jmp_far_in_real_mode() {
    FakeMachine m = FakeMachine.real().exec("ea 34 12 78 56");
    assertThat(m.cpu.rip).isEqualTo(0x1234);
    assertThat(m.cpu.seg[Reg.CS].base).isEqualTo(0x56780);
    assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(0x5678);
  }

  @Test
  void call_far_and_retf_in_real_mode() {
    FakeMachine m = FakeMachine.real();
    m.bytes(0x20100, "ca 04 00");
    m.exec("9a 00 01 00 20");
    assertThat(m.stack(0, 2)).isEqualTo(5);
    assertThat(m.stack(2, 2)).isEqualTo(0x1000);
    m.step();
    assertThat(m.linearRip()).isEqualTo(FakeMachine.CODE + 5);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 + 4);
  }

  // ---- long mode

  private static void gate64(FakeMachine m, int access, int selector, long offset) {
    m.bus.write(FakeMachine.GDT + S, 8, FakeMachine.encodeGate(access, selector, offset, 0));
    m.bus.write(FakeMachine.GDT + S + 8, 8, offset >>> 32);
  }

  /** {@code call [0x500]} with a pointer of a 32-bit offset and a selector there. */
  private static String callMem(FakeMachine m, int selector) {
    m.bus.write(0x500, 4, TARGET_OFFSET);
    m.bus.write(0x504, 2, selector);
    return "ff 1c 25 00 05 00 00";
  }

  @Test
  void call_gate_in_64_bit_mode_switches_stacks() {
    FakeMachine m = FakeMachine.long64().user();
    gate64(m, 0xec, FakeMachine.CODE64, 0x7654);
    m.exec(callMem(m, S | 3));
    assertThat(m.cpu.rip).isEqualTo(0x7654);
    assertThat(m.cpu.cpl).isZero();
    assertThat(m.cpu.seg[Reg.SS].selector).isZero();
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 - 32);
    assertThat(m.stack(0, 8)).isEqualTo(FakeMachine.CODE + 7);
    assertThat(m.stack(8, 8)).isEqualTo(FakeMachine.USER_CODE64);
    assertThat(m.stack(16, 8)).isEqualTo(FakeMachine.STACK3);
    assertThat(m.stack(24, 8)).isEqualTo(FakeMachine.USER_DATA);
  }

  @Test
  void retfq_returns_from_a_64_bit_call_gate() {
    FakeMachine m = FakeMachine.long64().user();
    gate64(m, 0xec, FakeMachine.CODE64, 0x7654);
    m.bytes(0x7654, "48 cb");
    m.exec(callMem(m, S | 3));
    m.step();
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE + 7);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK3);
  }

  @ParameterizedTest
  @CsvSource({
    "ec, 28, 7654, 0, -",
    "e4, 28, 7654, 0, #GP(50)",
    "e5, 28, 7654, 0, #GP(50)",
    "ec, 8, 7654, 0, #GP(8)",
    "6c, 28, 7654, 0, #NP(50)",
    "ec, 28, 800000000000, 0, #GP(0)",
    "ec, 28, 7654, 10000000000, #GP(50)"
  })
  void call_gates_of_long_mode(
      String access, String selector, String offset, String high, String expected) {
    FakeMachine m = FakeMachine.long64().user();
    gate64(m, hex(access), hex(selector), Long.parseLong(offset, 16));
    long upper = m.bus.read(FakeMachine.GDT + S + 8, 8) | Long.parseLong(high, 16);
    m.bus.write(FakeMachine.GDT + S + 8, 8, upper);
    assertThat(m.outcome(callMem(m, S | 3))).isEqualTo(expected);
  }

  private static int hex(String s) {
    return Integer.parseInt(s, 16);
  }

  @Test
  void jmp_far_from_64_bit_to_compatibility_mode_and_back() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(0x500, 4, TARGET_OFFSET);
    m.bus.write(0x504, 2, FakeMachine.CODE32);
    m.exec("ff 2c 25 00 05 00 00");
    assertThat(m.cpu.longMode).isFalse();
    assertThat(m.cpu.codeSize).isEqualTo(32);
    m.exec(far("ea", FakeMachine.CODE64));
    assertThat(m.cpu.longMode).isTrue();
    assertThat(m.cpu.rip).isEqualTo(TARGET_OFFSET);
  }

  @Test
  void code_with_both_l_and_d_is_refused_in_long_mode() {
    FakeMachine m = FakeMachine.long64();
    m.descriptor(S, 0, 0xfffff, 0xe09b);
    assertThat(m.outcome(callMem(m, S))).isEqualTo("#GP(50)");
  }

  @Test
  void tss_and_task_gate_are_refused_in_long_mode() {
    FakeMachine m = FakeMachine.long64();
    m.descriptor(S, 0x4000, 0x67, 0x89);
    assertThat(m.outcome(callMem(m, S))).isEqualTo("#GP(50)");
    gate(m, 0x85, FakeMachine.TSS_SELECTOR, 0);
    assertThat(m.outcome(callMem(m, S))).isEqualTo("#GP(50)");
  }
}
