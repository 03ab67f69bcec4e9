package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** Descriptor-table registers, and the instructions that inspect descriptors. */
class SystemTablesTest {
  private static final int S = FakeMachine.FREE;

  // ---- GDTR, IDTR

  @Test
  void lgdt_with_16_bit_operands_takes_a_24_bit_base() {
    FakeMachine m = FakeMachine.real();
    m.bus.write(0x500, 2, 0x123);
    m.bus.write(0x502, 4, 0xaabbccddL);
    m.exec("0f 01 16 00 05");
    assertThat(m.cpu.gdtLimit).isEqualTo(0x123);
    assertThat(m.cpu.gdtBase).isEqualTo(0xbbccdd);
    m.exec("66 0f 01 16 00 05");
    assertThat(m.cpu.gdtBase).isEqualTo(0xaabbccddL);
  }

  @Test
  void lidt_in_64_bit_mode_takes_a_64_bit_canonical_base() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(0x500, 2, 0xfff);
    m.bus.write(0x502, 8, 0xffff800000001000L);
    m.exec("0f 01 1c 25 00 05 00 00");
    assertThat(m.cpu.idtBase).isEqualTo(0xffff800000001000L);
    assertThat(m.cpu.idtLimit).isEqualTo(0xfff);
    m.bus.write(0x502, 8, 1L << 56);
    assertThat(m.outcome("0f 01 1c 25 00 05 00 00")).isEqualTo("#GP(0)");
    assertThat(m.cpu.idtBase).isEqualTo(0xffff800000001000L);
  }

  @Test
  void sgdt_stores_ten_bytes_in_64_bit_mode() {
    FakeMachine m = FakeMachine.long64();
    m.exec("0f 01 04 25 00 05 00 00");
    assertThat(m.bus.read(0x500, 2)).isEqualTo(m.cpu.gdtLimit);
    assertThat(m.bus.read(0x502, 8)).isEqualTo(FakeMachine.GDT);
  }

  @ParameterizedTest
  @CsvSource({
    "sgdt [500h], 0f 01 05 00 05 00 00",
    "sidt [500h], 0f 01 0d 00 05 00 00",
    "sldt eax, 0f 00 c0",
    "str eax, 0f 00 c8",
    "smsw eax, 0f 01 e0"
  })
  void umip(String title, String code) {
    FakeMachine m = FakeMachine.protected32().user();
    assertThat(m.outcome(code)).as("%s without UMIP", title).isEqualTo("-");
    m.cpu.cr4 |= Cr.CR4_UMIP;
    assertThat(m.outcome(code)).as("%s at CPL 3", title).isEqualTo("#GP(0)");
    m.cpu.setCpl(0);
    assertThat(m.outcome(code)).as("%s at CPL 0", title).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    "lgdt, 0f 01 15 00 05 00 00, #GP(0)",
    "lidt, 0f 01 1d 00 05 00 00, #GP(0)",
    "lldt, 0f 00 d0, #GP(0)",
    "ltr, 0f 00 d8, #GP(0)",
    "lmsw, 0f 01 f0, #GP(0)",
    "clts, 0f 06, #GP(0)",
    "hlt, f4, #GP(0)",
    "mov cr0, 0f 22 c0, #GP(0)",
    "mov eax cr0, 0f 20 c0, #GP(0)",
    "mov dr0, 0f 23 c0, #GP(0)",
    "wrmsr, 0f 30, #GP(0)",
    "rdmsr, 0f 32, #GP(0)",
    "invd, 0f 08, #GP(0)",
    "wbinvd, 0f 09, #GP(0)",
    "invlpg, 0f 01 3d 00 00 00 00, #GP(0)",
    "xsetbv, 0f 01 d1, #UD",
    "stac, 0f 01 cb, #UD",
    "clac, 0f 01 ca, #UD"
  })
  void privileged_at_cpl_3(String title, String code, String expected) {
    assertThat(FakeMachine.protected32().user().outcome(code)).as(title).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "sldt, 0f 00 c0",
    "str, 0f 00 c8",
    "lldt, 0f 00 d0",
    "ltr, 0f 00 d8",
    "verr, 0f 00 e0",
    "verw, 0f 00 e8",
    "lar, 0f 02 c0",
    "lsl, 0f 03 c0",
    "arpl, 63 c0"
  })
  void undefined_outside_protected_mode(String title, String code) {
    assertThat(FakeMachine.real().outcome(code)).as("%s, real", title).isEqualTo("#UD");
    FakeMachine v86 = FakeMachine.protected32().v86(3);
    assertThat(v86.outcome(code)).as("%s, virtual-8086", title).isEqualTo("#UD");
  }

  // ---- LDTR and TR

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void lldt_decision_table(boolean longMode) {
    FakeMachine m = longMode ? FakeMachine.long64() : FakeMachine.protected32();
    for (int kind = 0; kind < 32; kind++) {
      for (int p = 0; p < 2; p++) {
        m.descriptor(S, 0x4000, 0xff, kind | p << 7);
        m.cpu.gpr[Reg.RAX] = S;
        m.cpu.rip = FakeMachine.CODE;
        String expected = kind != 2 ? "#GP(50)" : p == 1 ? "-" : "#NP(50)";
        assertThat(m.outcome("0f 00 d0")).as("kind %x p %d", kind, p).isEqualTo(expected);
      }
    }
    assertThat(m.cpu.ldtr.base).isEqualTo(0x4000);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ltr_decision_table(boolean longMode) {
    FakeMachine m = longMode ? FakeMachine.long64() : FakeMachine.protected32();
    for (int kind = 0; kind < 32; kind++) {
      for (int p = 0; p < 2; p++) {
        m.descriptor(S, 0x4000, 0xff, kind | p << 7);
        m.cpu.gpr[Reg.RAX] = S;
        m.cpu.rip = FakeMachine.CODE;
        boolean ok = kind == 9 || (kind == 1 && !longMode);
        String expected = !ok ? "#GP(50)" : p == 1 ? "-" : "#NP(50)";
        assertThat(m.outcome("0f 00 d8")).as("kind %x p %d", kind, p).isEqualTo(expected);
        if (expected.equals("-")) {
          assertThat(m.bus.read(FakeMachine.GDT + S + 5, 1)).isEqualTo(kind | 0x82);
          assertThat(m.cpu.tr.type()).isEqualTo(kind | 2);
        }
      }
    }
  }

  @Test
  void ltr_in_64_bit_mode_reads_sixteen_bytes() {
    FakeMachine m = FakeMachine.long64();
    m.descriptor(S, 0x89abcdefL, 0x67, 0x89);
    m.bus.write(FakeMachine.GDT + S + 8, 8, 0xffff8000L);
    m.cpu.gpr[Reg.RAX] = S;
    m.exec("0f 00 d8");
    assertThat(m.cpu.tr.base).isEqualTo(0xffff800089abcdefL);
    m.cpu.gdtLimit = S + 7;
    m.descriptor(S, 0, 0x67, 0x89);
    assertThat(m.outcome("0f 00 d8")).isEqualTo("#GP(50)");
  }

  @Test
  void lldt_with_the_upper_type_not_zero_is_gp_in_64_bit_mode() {
    FakeMachine m = FakeMachine.long64();
    m.descriptor(S, 0, 0x67, 0x82);
    m.bus.write(FakeMachine.GDT + S + 8, 8, 1L << 40);
    m.cpu.gpr[Reg.RAX] = S;
    assertThat(m.outcome("0f 00 d0")).isEqualTo("#GP(50)");
  }

  @Test
  void lldt_of_null_makes_ldt_selectors_fault() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.ldtr.set(0x48, 0x5000, 15, 0x82, true);
    m.cpu.gpr[Reg.RAX] = 0;
    m.exec("0f 00 d0");
    m.cpu.gpr[Reg.RAX] = 0xc;
    assertThat(m.outcome("8e d8")).isEqualTo("#GP(c)");
    m.cpu.gpr[Reg.RAX] = 4;
    assertThat(m.outcome("0f 00 d0")).as("lldt of null in the LDT").isEqualTo("#GP(4)");
  }

  @Test
  void ltr_of_null_is_gp() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = 0;
    assertThat(m.outcome("0f 00 d8")).isEqualTo("#GP(0)");
  }

  // ---- LAR, LSL, VERR, VERW

  /** SDM vol. 2A, tables 3-52 and 3-54. */
  private static boolean larType(int kind, boolean longMode) {
    return switch (kind) {
      case 2, 9, 11, 12 -> true;
      case 1, 3, 4, 5 -> !longMode;
      default -> kind >= 16;
    };
  }

  private static boolean lslType(int kind, boolean longMode) {
    return kind != 4 && kind != 5 && kind != 12 && larType(kind, longMode);
  }

  @ParameterizedTest
  @CsvSource({"0, false", "3, false", "0, true", "3, true"})
  void lar_lsl_verr_verw_decision_table(int cpl, boolean longMode) {
    FakeMachine m = longMode ? FakeMachine.long64() : FakeMachine.protected32();
    m.cpu.setCpl(cpl);
    for (int kind = 0; kind < 32; kind++) {
      for (int dpl = 0; dpl < 4; dpl++) {
        for (int rpl = 0; rpl < 4; rpl++) {
          m.descriptor(S, 0x4000, 0x12345, kind | dpl << 5 | 0xd080);
          boolean conforming = kind >= 0x1c;
          boolean permitted = conforming || dpl >= Math.max(cpl, rpl);
          boolean lar = larType(kind, longMode) && permitted;
          boolean lsl = lslType(kind, longMode) && permitted;
          boolean readable = kind >= 16 && ((kind & 8) == 0 || (kind & 2) != 0);
          boolean writable = kind >= 16 && (kind & 8) == 0 && (kind & 2) != 0;
          String as = String.format("kind %x dpl %d rpl %d", kind, dpl, rpl);
          // Of the flag nibble LAR shows AVL, D and G.
          long access = (kind | dpl << 5 | 0x80) << 8 | 0xd00000L;
          assertThat(look(m, "0f 02 c3", rpl)).as("lar %s", as).isEqualTo(lar ? access : -1);
          assertThat(look(m, "0f 03 c3", rpl)).as("lsl %s", as).isEqualTo(lsl ? 0x12345fffL : -1);
          assertThat(look(m, "0f 00 e3", rpl) >= 0)
              .as("verr %s", as)
              .isEqualTo(readable && permitted);
          assertThat(look(m, "0f 00 eb", rpl) >= 0)
              .as("verw %s", as)
              .isEqualTo(writable && permitted);
        }
      }
    }
  }

  /** Runs an instruction on selector BX: EAX if it sets ZF, else -1. */
  private static long look(FakeMachine m, String code, int rpl) {
    m.cpu.rip = FakeMachine.CODE;
    m.cpu.gpr[Reg.RAX] = 0;
    m.cpu.gpr[Reg.RBX] = S | rpl;
    assertThat(m.outcome(code)).isEqualTo("-");
    return m.cpu.zf() ? m.cpu.gpr[Reg.RAX] : -1;
  }

  @ParameterizedTest
  @ValueSource(strings = {"0f 02 c3", "0f 03 c3", "0f 00 e3", "0f 00 eb"})
  void selectors_outside_the_table_clear_zf(String code) {
    FakeMachine m = FakeMachine.protected32();
    for (int selector : new int[] {0, 3, 0x200, 0xfff8, 4, 0x1c}) {
      m.cpu.gpr[Reg.RBX] = selector;
      m.cpu.setZf(true);
      assertThat(m.outcome(code)).isEqualTo("-");
      assertThat(m.cpu.zf()).as("%s of %x", code, selector).isFalse();
    }
  }

  @ParameterizedTest
  @CsvSource({"1000, 3, 1003, true", "1003, 2, 1003, false", "1001, 1, 1001, false"})
  void arpl_raises_the_rpl(String to, String from, String result, boolean zf) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.gpr[Reg.RAX] = Integer.parseInt(to, 16);
    m.cpu.gpr[Reg.RCX] = Integer.parseInt(from, 16);
    m.exec("63 c8");
    assertThat(m.cpu.gpr[Reg.RAX]).isEqualTo(Integer.parseInt(result, 16));
    assertThat(m.cpu.zf()).isEqualTo(zf);
  }

  @ParameterizedTest
  @CsvSource({"1003, -", "1000, #GP(0)"})
  void arpl_needs_a_writable_operand_only_to_change_it(String selector, String expected) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(S, 0, 0xfffff, 0xc091);
    m.load(Reg.DS, S);
    m.bus.write(0x500, 2, Integer.parseInt(selector, 16));
    m.cpu.gpr[Reg.RCX] = 3;
    assertThat(m.outcome("63 0d 00 05 00 00")).isEqualTo(expected);
    assertThat(m.bus.read(0x500, 2)).isEqualTo(Integer.parseInt(selector, 16));
  }
}
