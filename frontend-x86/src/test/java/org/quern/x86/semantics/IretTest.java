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

/** IRET in every mode: what it may change, where it may go. */
class IretTest {
  private static final int ALL = RFlags.DEFINED;

  /** Puts {@code values} of {@code bytes} each on top of the stack. */
  private static void frame(FakeMachine m, int bytes, long... values) {
    long at = m.cpu.gpr[Reg.RSP] + (m.cpu.longMode ? 0 : m.cpu.seg[Reg.SS].base);
    for (long v : values) {
      m.bus.write(at, bytes, v);
      at += bytes;
    }
  }

  // ---- real mode

  @Test
  void iret_in_real_mode_loads_16_bits_of_flags() {
    FakeMachine m = FakeMachine.real();
    m.cpu.setRflags(RFlags.AC | RFlags.ID);
    frame(m, 2, 0x1234, 0x5678, 0xffff);
    m.exec("cf");
    assertThat(m.cpu.rip).isEqualTo(0x1234);
    assertThat(m.cpu.seg[Reg.CS].base).isEqualTo(0x56780);
    assertThat(m.cpu.rflags()).isEqualTo(ALL & 0xffff | RFlags.FIXED | RFlags.AC | RFlags.ID);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 + 6);
  }

  @Test
  void iretd_in_real_mode_keeps_vm_vif_vip() {
    FakeMachine m = FakeMachine.real();
    frame(m, 4, 0x1234, 0x5678, -1);
    m.exec("66 cf");
    int kept = RFlags.VM | RFlags.VIF | RFlags.VIP;
    assertThat(m.cpu.rflags()).isEqualTo(ALL & ~kept | RFlags.FIXED);
  }

  @Test
  void iretd_in_real_mode_beyond_64_kib_is_gp() {
    FakeMachine m = FakeMachine.real();
    frame(m, 4, 0x10000, 0x5678, 2);
    assertThat(m.outcome("66 cf")).isEqualTo("#GP(0)");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
  }

  // ---- virtual-8086 mode

  @Test
  void iret_in_virtual_8086_mode_needs_iopl_3_and_keeps_it() {
    FakeMachine m = FakeMachine.protected32().v86(0);
    frame(m, 2, 0x1234, 0x5678, 0);
    assertThat(m.outcome("cf")).isEqualTo("#GP(0)");
    m.cpu.setRflags(RFlags.VM | RFlags.IOPL | RFlags.IF);
    assertThat(m.outcome("cf")).isEqualTo("-");
    assertThat(m.cpu.eflags).isEqualTo(RFlags.VM | RFlags.IOPL | RFlags.FIXED);
    assertThat(m.linearRip()).isEqualTo(0x56780 + 0x1234);
  }

  @ParameterizedTest
  @CsvSource({
    "202, 0, -, 80000", // IF sets VIF
    "2, 0, -, 0",
    "202, 100000, #GP(0), 0", // IF with VIP
    "2, 100000, -, 0",
    "102, 0, #GP(0), 0" // TF
  })
  void iret_with_vme_moves_if_to_vif(String image, String vip, String expected, String vif) {
    FakeMachine m = FakeMachine.protected32().v86(0);
    m.cpu.cr4 |= Cr.CR4_VME;
    m.cpu.setRflags(RFlags.VM | RFlags.IF | hex(vip));
    frame(m, 2, 0x1234, 0x5678, hex(image));
    assertThat(m.outcome("cf")).isEqualTo(expected);
    assertThat(m.cpu.eflags & RFlags.VIF).isEqualTo(hex(vif));
    assertThat(m.cpu.eflags & RFlags.IF).isEqualTo(RFlags.IF);
  }

  private static int hex(String s) {
    return Integer.parseInt(s, 16);
  }

  @Test
  void iretd_with_vme_and_iopl_below_3_is_gp() {
    FakeMachine m = FakeMachine.protected32().v86(2);
    m.cpu.cr4 |= Cr.CR4_VME;
    frame(m, 4, 0x1234, 0x5678, 2);
    assertThat(m.outcome("66 cf")).isEqualTo("#GP(0)");
  }

  // ---- protected mode, flags

  @ParameterizedTest
  @CsvSource({
    // cpl, iopl, flags that IRETD may change beyond those everybody may
    "0, 0, 183200",
    "3, 0, 0",
    "3, 2, 0",
    "3, 3, 200",
    "1, 1, 200",
    "2, 1, 0"
  })
  void iretd_changes_system_flags_by_privilege(int cpl, int iopl, String privileged) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(FakeMachine.CODE32, 0, 0xfffff, 0xc09b | cpl << 5);
    m.cpu.setCpl(cpl);
    m.cpu.setRflags(iopl << RFlags.IOPL_SHIFT);
    frame(m, 4, 0x4560, FakeMachine.CODE32 | cpl, -1L & ~RFlags.VM);
    assertThat(m.outcome("cf")).isEqualTo("-");
    int always =
        RFlags.STATUS | RFlags.TF | RFlags.DF | RFlags.NT | RFlags.RF | RFlags.AC | RFlags.ID;
    int own = iopl << RFlags.IOPL_SHIFT | RFlags.FIXED;
    assertThat(Integer.toHexString(m.cpu.rflags()))
        .isEqualTo(Integer.toHexString(always | Integer.parseInt(privileged, 16) | own));
  }

  @Test
  void iret_with_16_bit_operands_keeps_the_upper_flags() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.setRflags(RFlags.AC | RFlags.ID | RFlags.VIF);
    frame(m, 2, 0x4560, FakeMachine.CODE32, 2);
    assertThat(m.outcome("66 cf")).isEqualTo("-");
    assertThat(m.cpu.rflags()).isEqualTo(RFlags.AC | RFlags.ID | RFlags.VIF | RFlags.FIXED);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0 + 6);
  }

  // ---- protected mode, targets

  @ParameterizedTest
  @CsvSource({
    "8, -",
    "0, #GP(0)",
    "1000, #GP(1000)",
    "10, #GP(10)", // data
    "9, #GP(8)", // RPL above DPL
    "18, #GP(18)", // DPL above RPL
    "38, #GP(38)", // system
    "50, #NP(50)", // absent
    "58, -", // conforming, DPL 0
    "62, #GP(60)" // conforming, DPL above RPL
  })
  void code_segments(String cs, String expected) {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x50, 0, 0xfffff, 0xc01b);
    m.descriptor(0x58, 0, 0xfffff, 0xc09f);
    m.descriptor(0x60, 0, 0xfffff, 0xc0ff);
    frame(m, 4, 0x4560, Integer.parseInt(cs, 16), 2, FakeMachine.STACK3, FakeMachine.USER_DATA);
    assertThat(m.outcome("cf")).isEqualTo(expected);
    if (!expected.equals("-")) {
      assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
      assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(FakeMachine.CODE32);
    }
  }

  @Test
  void iret_to_an_inner_level_is_gp() {
    FakeMachine m = FakeMachine.protected32().user();
    frame(m, 4, 0x4560, FakeMachine.CODE32, 2);
    assertThat(m.outcome("cf")).isEqualTo("#GP(8)");
  }

  @Test
  void iret_to_an_outer_level_loads_the_stack_and_drops_segments() {
    FakeMachine m = FakeMachine.protected32();
    frame(m, 4, 0x4560, FakeMachine.USER_CODE32, 2, 0x9abc, FakeMachine.USER_DATA);
    m.exec("cf");
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x9abc);
    assertThat(m.cpu.seg[Reg.DS].usable).isFalse();
    assertThat(m.cpu.rip).isEqualTo(0x4560);
  }

  @Test
  void iret_checks_the_limit_of_its_target() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x50, 0, 0xfff, 0x409b);
    frame(m, 4, 0x1000, 0x50, 2);
    assertThat(m.outcome("cf")).isEqualTo("#GP(0)");
  }

  @Test
  void iret_to_virtual_8086_mode_loads_nine_slots() {
    FakeMachine m = FakeMachine.protected32();
    int flags = RFlags.VM | RFlags.IF | RFlags.FIXED;
    frame(m, 4, 0x123, 0x1000, flags, 0xfff0, 0x5555, 0xe5e5, 0xd5d5, 0xf5f5, 0x9595);
    m.exec("cf");
    Cpu c = m.cpu;
    assertThat(c.v86()).isTrue();
    assertThat(c.cpl).isEqualTo(3);
    assertThat(c.protectedMode).isFalse();
    assertThat(c.codeSize).isEqualTo(16);
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0xfff0);
    assertThat(m.linearRip()).isEqualTo(0x10123);
    assertThat(c.seg[Reg.ES].base).isEqualTo(0xe5e50);
    assertThat(c.seg[Reg.GS].selector).isEqualTo(0x9595);
    assertThat(c.seg[Reg.DS].limit).isEqualTo(0xffff);
    assertThat(c.eflags).isEqualTo(flags);
  }

  @Test
  void vm_in_the_image_is_ignored_above_cpl_0() {
    FakeMachine m = FakeMachine.protected32().user();
    frame(m, 4, 0x4560, FakeMachine.USER_CODE32, RFlags.VM | 2);
    m.exec("cf");
    assertThat(m.cpu.v86()).isFalse();
    assertThat(m.cpu.rip).isEqualTo(0x4560);
  }

  @Test
  void iret_to_a_16_bit_stack_keeps_the_upper_half_of_esp() {
    FakeMachine m = FakeMachine.protected32();
    m.descriptor(0x50, 0, 0xffff, 0xf3);
    m.cpu.gpr[Reg.RSP] = 0x18000;
    frame(m, 4, 0x4560, FakeMachine.USER_CODE32, 2, 0x99991234L, 0x53);
    m.exec("cf");
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x11234);
  }

  // ---- long mode

  @Test
  void iretq_at_the_same_level_pops_rsp_and_ss() {
    FakeMachine m = FakeMachine.long64();
    frame(m, 8, 0x4560, FakeMachine.CODE64, 2, 0x7777, FakeMachine.DATA);
    m.exec("48 cf");
    assertThat(m.cpu.rip).isEqualTo(0x4560);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x7777);
  }

  @ParameterizedTest
  @CsvSource({
    "28, 0, -", // null SS at CPL 0
    "28, 10, -",
    "28, 3, #GP(0)", // null SS with another RPL
    "28, 23, #GP(20)",
    "33, 0, #GP(0)", // null SS at CPL 3
    "33, 3, #GP(0)",
    "33, 23, -",
    "1b, 23, -", // compatibility mode
    "1b, 3, #GP(0)",
    "8, 0, #GP(0)", // null SS for 32-bit code
    "8, 10, -",
    "50, 10, #GP(50)" // L and D
  })
  void iretq_targets(String cs, String ss, String expected) {
    FakeMachine m = FakeMachine.long64();
    m.descriptor(0x50, 0, 0xfffff, 0xe09b);
    frame(m, 8, 0x4560, Integer.parseInt(cs, 16), 2, 0x7770, Integer.parseInt(ss, 16));
    assertThat(m.outcome("48 cf")).isEqualTo(expected);
    if (expected.equals("-")) {
      assertThat(m.cpu.cpl).isEqualTo(Integer.parseInt(cs, 16) & 3);
      assertThat(m.cpu.rip).isEqualTo(0x4560);
      assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x7770);
    } else {
      assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(FakeMachine.STACK0);
    }
  }

  @Test
  void iretq_to_a_non_canonical_address_is_gp_on_the_inner_side() {
    FakeMachine m = FakeMachine.long64();
    frame(m, 8, 0x800000000000L, FakeMachine.USER_CODE64, 2, 0x7770, FakeMachine.USER_DATA);
    assertThat(m.outcome("48 cf")).isEqualTo("#GP(0)");
    assertThat(m.cpu.cpl).isZero();
  }

  @Test
  void iretd_in_64_bit_mode_pops_five_doublewords() {
    FakeMachine m = FakeMachine.long64();
    frame(m, 4, 0x4560, FakeMachine.USER_CODE32, 2, 0xfffffff0L, FakeMachine.USER_DATA);
    m.exec("cf");
    assertThat(m.cpu.rip).isEqualTo(0x4560);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0xfffffff0L);
    assertThat(m.cpu.longMode).isFalse();
    assertThat(m.cpu.codeSize).isEqualTo(32);
  }

  @Test
  void nt_in_long_mode_is_gp() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.setRflags(RFlags.NT);
    frame(m, 8, 0x4560, FakeMachine.CODE64, 2, 0x7777, FakeMachine.DATA);
    assertThat(m.outcome("48 cf")).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void iret_unblocks_nmis_even_if_it_faults(boolean faults) {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.nmiBlocked = true;
    frame(m, 4, 0x4560, faults ? 0 : FakeMachine.CODE32, 2);
    assertThat(m.outcome("cf")).isEqualTo(faults ? "#GP(0)" : "-");
    assertThat(m.cpu.nmiBlocked).isFalse();
  }
}
