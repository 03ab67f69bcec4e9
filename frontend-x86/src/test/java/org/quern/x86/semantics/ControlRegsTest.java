package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** Control registers: what may be written, and what follows. */
class ControlRegsTest {
  private static final String MOV_CR0 = "0f 22 c0";
  private static final String MOV_CR3 = "0f 22 d8";
  private static final String MOV_CR4 = "0f 22 e0";

  private static String write(FakeMachine m, String code, long v) {
    m.cpu.gpr[Reg.RAX] = v;
    return m.outcome(code);
  }

  // ---- CR0

  @ParameterizedTest
  @CsvSource({
    "80000000, #GP(0)", // PG without PE
    "20000001, #GP(0)", // NW without CD
    "60000001, -",
    "00000001, -",
    "7fffffff, -", // reserved bits are ignored
    "100000001, #GP(0)" // but not in the upper half
  })
  void mov_cr0_checks(String value, String expected) {
    FakeMachine m = FakeMachine.long64();
    m.cpu.efer = 0;
    m.cpu.cr0 &= ~Cr.CR0_PG;
    assertThat(write(m, MOV_CR0, Long.parseLong(value, 16))).isEqualTo(expected);
  }

  @Test
  void mov_cr0_forces_et_and_drops_undefined_bits() {
    FakeMachine m = FakeMachine.protected32();
    assertThat(write(m, MOV_CR0, 0x7fffffefL & ~Cr.CR0_NW)).isEqualTo("-");
    assertThat(m.cpu.cr0).isEqualTo(0x4005003fL);
  }

  @Test
  void mov_cr0_from_real_to_protected_mode_and_back() {
    FakeMachine m = FakeMachine.real();
    m.exec("0f 20 c0");
    m.cpu.gpr[Reg.RAX] |= 1;
    m.exec(MOV_CR0);
    assertThat(m.cpu.protectedMode).isTrue();
    assertThat(m.cpu.cpl).isZero();
    m.cpu.gpr[Reg.RAX] &= ~1;
    m.exec(MOV_CR0);
    assertThat(m.cpu.protectedMode).isFalse();
  }

  @Test
  void paging_with_lme_activates_long_mode_in_compatibility_mode() {
    FakeMachine m = legacyReadyForLongMode();
    m.cpu.efer = Cr.EFER_LME;
    m.cpu.cr4 = Cr.CR4_PAE;
    assertThat(write(m, MOV_CR0, m.cpu.cr0 | Cr.CR0_PG)).isEqualTo("-");
    assertThat(m.cpu.efer).isEqualTo(Cr.EFER_LME | Cr.EFER_LMA);
    assertThat(m.cpu.longMode).isFalse();
    assertThat(write(m, MOV_CR0, m.cpu.cr0 & ~Cr.CR0_PG)).isEqualTo("-");
    assertThat(m.cpu.efer).isEqualTo(Cr.EFER_LME);
  }

  /** 32-bit protected mode with 4-level tables in place. */
  private static FakeMachine legacyReadyForLongMode() {
    FakeMachine m = FakeMachine.protected32();
    int t = FakeMachine.PAGE_TABLES;
    m.bus.write(t, 8, t + 0x1000 | 7);
    m.bus.write(t + 0x1000, 8, 0x87);
    m.cpu.cr3 = t;
    return m;
  }

  @Test
  void paging_with_lme_needs_pae_no_l_and_no_16_bit_tss() {
    FakeMachine m = legacyReadyForLongMode();
    Cpu c = m.cpu;
    long v = c.cr0 | Cr.CR0_PG;
    c.efer = Cr.EFER_LME;
    assertThat(write(m, MOV_CR0, v)).as("without PAE").isEqualTo("#GP(0)");
    c.cr4 = Cr.CR4_PAE;
    c.tr.attr = 0x83;
    assertThat(write(m, MOV_CR0, v)).as("16-bit TSS").isEqualTo("#GP(0)");
    c.tr.attr = 0x8b;
    c.seg[Reg.CS].attr |= 0x2000;
    assertThat(write(m, MOV_CR0, v)).as("CS.L").isEqualTo("#GP(0)");
    assertThat(c.efer).isEqualTo(Cr.EFER_LME);
    assertThat(c.cr0 & Cr.CR0_PG).isZero();
  }

  @Test
  void paging_cannot_be_switched_off_in_64_bit_mode() {
    FakeMachine m = FakeMachine.long64();
    assertThat(write(m, MOV_CR0, m.cpu.cr0 & ~Cr.CR0_PG)).isEqualTo("#GP(0)");
  }

  @Test
  void pae_paging_loads_the_pdptes_and_refuses_bad_ones() {
    FakeMachine m = FakeMachine.protected32();
    int t = FakeMachine.PAGE_TABLES;
    m.bus.write(t, 8, t + 0x1000 | 1);
    m.bus.write(t + 0x1000, 8, 0x87);
    m.bus.write(t + 8, 8, 3);
    m.cpu.cr3 = t;
    m.cpu.cr4 = Cr.CR4_PAE;
    assertThat(write(m, MOV_CR0, m.cpu.cr0 | Cr.CR0_PG)).isEqualTo("#GP(0)");
    m.bus.write(t + 8, 8, 0);
    assertThat(write(m, MOV_CR0, m.cpu.cr0 | Cr.CR0_PG)).isEqualTo("-");
    assertThat(m.cpu.mmu.walker.pdpte[0]).isEqualTo(t + 0x1000 | 1);
    m.bus.write(t + 24, 8, 0x1e7);
    assertThat(write(m, MOV_CR3, t)).as("mov cr3").isEqualTo("#GP(0)");
  }

  @Test
  void lmsw_can_set_pe_but_not_clear_it() {
    FakeMachine m = FakeMachine.real();
    m.cpu.gpr[Reg.RAX] = 0xffff;
    m.exec("0f 01 f0");
    assertThat(m.cpu.cr0 & 0xffff).isEqualTo(0x1f);
    m.cpu.gpr[Reg.RAX] = 0;
    m.exec("0f 01 f0");
    assertThat(m.cpu.cr0 & 0xffff).isEqualTo(0x11);
  }

  @Test
  void smsw_reads_the_low_word_into_memory_and_more_into_a_register() {
    FakeMachine m = FakeMachine.protected32();
    m.bus.write(0x500, 4, -1);
    m.exec("0f 01 25 00 05 00 00");
    assertThat(m.bus.read(0x500, 4)).isEqualTo(0xffff0000L | m.cpu.cr0 & 0xffff);
    m.cpu.cr0 |= Cr.CR0_WP;
    m.exec("0f 01 e0");
    assertThat(m.cpu.gpr[Reg.RAX]).isEqualTo(m.cpu.cr0);
  }

  @Test
  void clts_clears_ts() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.cr0 |= Cr.CR0_TS;
    m.exec("0f 06");
    assertThat(m.cpu.cr0 & Cr.CR0_TS).isZero();
  }

  // ---- CR3, CR4, CR8

  @ParameterizedTest
  @CsvSource({
    "100000, -",
    "8000000000100000, #GP(0)", // bit 63 without PCIDE
    "10000100000, #GP(0)", // beyond 40 physical bits
    "100fff, -"
  })
  void mov_cr3_checks(String value, String expected) {
    FakeMachine m = FakeMachine.long64();
    assertThat(write(m, MOV_CR3, Long.parseUnsignedLong(value, 16))).isEqualTo(expected);
  }

  @Test
  void mov_cr3_with_pcid_takes_bit_63_and_does_not_store_it() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.cr4 |= Cr.CR4_PCIDE;
    assertThat(write(m, MOV_CR3, 1L << 63 | FakeMachine.PAGE_TABLES | 5)).isEqualTo("-");
    assertThat(m.cpu.cr3).isEqualTo(FakeMachine.PAGE_TABLES | 5);
  }

  @ParameterizedTest
  @CsvSource({
    "20, -",
    "0, #GP(0)", // PAE is needed in long mode
    "1020, #GP(0)", // LA57 cannot change in long mode
    "2020, #GP(0)", // VMXE without VMX
    "8020, #GP(0)", // reserved
    "20020, -", // PCIDE
    "17707ff, -", // everything the model has
    "800020, #GP(0)", // CET
    "100000020, #GP(0)"
  })
  void mov_cr4_checks(String value, String expected) {
    FakeMachine m = FakeMachine.long64();
    assertThat(write(m, MOV_CR4, Long.parseLong(value, 16))).isEqualTo(expected);
  }

  @Test
  void pcide_needs_long_mode_and_pcid_0() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.cr3 |= 1;
    assertThat(write(m, MOV_CR4, m.cpu.cr4 | Cr.CR4_PCIDE)).isEqualTo("#GP(0)");
    m = FakeMachine.protected32();
    assertThat(write(m, MOV_CR4, Cr.CR4_PAE | Cr.CR4_PCIDE)).isEqualTo("#GP(0)");
  }

  @Test
  void smap_switched_on_hides_user_pages_already_in_the_tlb() {
    FakeMachine m = FakeMachine.long64();
    // Code must stay readable: fetches are not data accesses.
    m.cpu.mmu.read8(0x500);
    assertThat(write(m, MOV_CR4, m.cpu.cr4 | Cr.CR4_SMAP)).isEqualTo("-");
    assertThat(m.outcome("a0 00 05 00 00 00 00 00 00")).isEqualTo("#PF(1)@500");
    assertThat(m.outcome("0f 01 cb")).isEqualTo("-");
    assertThat(m.outcome("a0 00 05 00 00 00 00 00 00")).isEqualTo("-");
    assertThat(m.outcome("0f 01 ca")).isEqualTo("-");
    assertThat(m.outcome("a0 00 05 00 00 00 00 00 00")).isEqualTo("#PF(1)@500");
  }

  @ParameterizedTest
  @CsvSource({"5, -", "f, -", "10, #GP(0)", "100000005, #GP(0)"})
  void mov_cr8_is_the_task_priority(String value, String expected) {
    FakeMachine m = FakeMachine.long64();
    long v = Long.parseLong(value, 16);
    assertThat(write(m, "44 0f 22 c0", v)).isEqualTo(expected);
    if (expected.equals("-")) {
      assertThat(m.interrupts.taskPriority).isEqualTo((int) v);
      m.exec("44 0f 20 c3");
      assertThat(m.cpu.gpr[Reg.RBX]).isEqualTo(v);
    }
  }

  @ParameterizedTest
  @CsvSource({"0f 22 c8", "0f 22 e8", "0f 20 f0", "0f 20 f8"})
  void other_control_registers_are_undefined(String code) {
    assertThat(FakeMachine.protected32().outcome(code)).isEqualTo("#UD");
  }

  @Test
  void mov_cr2_is_64_bits_wide_in_64_bit_mode() {
    FakeMachine m = FakeMachine.long64();
    assertThat(write(m, "0f 22 d0", 0x123456789abcdef0L)).isEqualTo("-");
    m.exec("0f 20 d1");
    assertThat(m.cpu.gpr[Reg.RCX]).isEqualTo(0x123456789abcdef0L);
  }
}
