package org.quern.x86.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** Protection keys of user and supervisor pages: SDM vol. 3A, 4.6.2. */
class ProtectionKeyTest {
  private static final int T = FakeMachine.PAGE_TABLES;
  private static final long LINEAR = 0x401234;
  private static final int KEY = 5;
  private static final String RDPKRU = "0f 01 ee";
  private static final String WRPKRU = "0f 01 ef";
  private static final int PKRS = 0x6e1;

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  @BeforeEach
  void keyedPage() {
    page(7);
    c.cr4 |= Cr.CR4_PKE | Cr.CR4_PKS;
  }

  private void page(int flags) {
    m.bus.write(T + 0x2000 + 16, 8, T + 0x3000 | 7);
    m.bus.write(T + 0x3000 + 8, 8, 0x401000 | flags | (long) KEY << 59);
    c.mmu.flushAll();
  }

  private String read() {
    return outcome(() -> c.mmu.read8(LINEAR));
  }

  private String write() {
    return outcome(() -> c.mmu.write8(LINEAR, 1));
  }

  private static String outcome(Runnable access) {
    try {
      access.run();
      return "-";
    } catch (GuestFault f) {
      return FakeMachine.describe(f);
    }
  }

  private String wrpkru(int rights) {
    c.gpr[Reg.RAX] = rights;
    c.gpr[Reg.RCX] = 0;
    c.gpr[Reg.RDX] = 0;
    return m.outcome(WRPKRU);
  }

  // ---- user pages

  @ParameterizedTest
  @CsvSource({
    // rights of the key, user, CR0.WP, reading, writing
    "0, false, true, -, -",
    "1, false, true, #PF(21)@401234, #PF(23)@401234",
    "1, true, true, #PF(25)@401234, #PF(27)@401234",
    "2, true, true, -, #PF(27)@401234",
    "2, false, true, -, #PF(23)@401234",
    "2, false, false, -, -",
    "2, true, false, -, #PF(27)@401234",
    "3, false, false, #PF(21)@401234, #PF(23)@401234"
  })
  void rights_of_a_user_page(int rights, boolean user, boolean wp, String read, String write) {
    if (!wp) {
      c.cr0 &= ~Cr.CR0_WP;
    }
    if (user) {
      m.user();
    }
    c.pkru = rights << 2 * KEY;
    c.msr.pkrs = -1;
    assertThat(read()).isEqualTo(read);
    assertThat(write()).isEqualTo(write);
  }

  @Test
  void rights_of_other_keys_do_not_matter() {
    c.pkru = ~(3 << 2 * KEY);
    assertThat(read()).isEqualTo("-");
    assertThat(write()).isEqualTo("-");
  }

  @Test
  void keys_are_ignored_without_cr4_pke() {
    c.cr4 &= ~Cr.CR4_PKE;
    c.pkru = -1;
    assertThat(write()).isEqualTo("-");
  }

  @Test
  void fetches_are_not_checked() {
    c.pkru = -1;
    assertThat(outcome(() -> c.mmu.fetchAddress(LINEAR))).isEqualTo("-");
  }

  @Test
  void a_read_only_page_reports_the_key_too() {
    page(5);
    m.user();
    c.pkru = 3 << 2 * KEY;
    assertThat(write()).isEqualTo("#PF(27)@401234");
    c.pkru = 0;
    assertThat(write()).isEqualTo("#PF(7)@401234");
  }

  // ---- the TLB holds rights, so it must follow them

  @Test
  @DisplayName("wrpkru takes effect on pages that are in the TLB, and gives them back")
  void wrpkruReachesTheTlb() {
    m.user();
    assertThat(write()).isEqualTo("-");
    assertThat(wrpkru(2 << 2 * KEY)).isEqualTo("-");
    assertThat(read()).isEqualTo("-");
    assertThat(write()).isEqualTo("#PF(27)@401234");
    wrpkru(1 << 2 * KEY);
    assertThat(read()).isEqualTo("#PF(25)@401234");
    wrpkru(0);
    assertThat(read()).isEqualTo("-");
    assertThat(write()).isEqualTo("-");
  }

  @Test
  void rights_by_key_0_that_change_while_another_bank_is_in_use() {
    m.bus.write(T + 0x3000 + 8, 8, 0x401000 | 7);
    m.user();
    c.mmu.banks.enterGuest(1, -1);
    assertThat(read()).isEqualTo("-");
    c.mmu.banks.leaveGuest();
    c.mmu.banks.enterHost();
    c.pkru = 1;
    c.mmu.banks.enterGuest(1, -1);
    assertThat(read()).isEqualTo("#PF(25)@401234");
  }

  @Test
  @DisplayName("wrmsr IA32_PKRS: the same for supervisor pages, at CPL 0")
  void supervisorKeys() {
    page(3);
    c.pkru = -1;
    assertThat(write()).as("PKRU is not for supervisor pages").isEqualTo("-");
    m.cpu.gpr[Reg.RCX] = PKRS;
    m.cpu.gpr[Reg.RAX] = 2 << 2 * KEY;
    m.cpu.gpr[Reg.RDX] = 0;
    assertThat(m.outcome("0f 30")).isEqualTo("-");
    assertThat(read()).isEqualTo("-");
    assertThat(write()).isEqualTo("#PF(23)@401234");
    m.cpu.gpr[Reg.RDX] = 1;
    assertThat(m.outcome("0f 30")).as("32 bits").isEqualTo("#GP(0)");
  }

  // ---- the instructions

  @Test
  void rdpkru_clears_edx_and_needs_ecx_0() {
    wrpkru(0x12345678);
    c.gpr[Reg.RAX] = -1;
    c.gpr[Reg.RDX] = -1;
    assertThat(m.outcome(RDPKRU)).isEqualTo("-");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x12345678);
    assertThat(c.gpr[Reg.RDX]).isZero();
    c.gpr[Reg.RCX] = 1;
    assertThat(m.outcome(RDPKRU)).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @CsvSource({"1, 0, #GP(0)", "0, 1, #GP(0)", "0, 0, -", "4294967296, 0, -"})
  void wrpkru_checks_ecx_and_edx(long rcx, long rdx, String expected) {
    m.user();
    c.gpr[Reg.RCX] = rcx;
    c.gpr[Reg.RDX] = rdx;
    assertThat(m.outcome(WRPKRU)).isEqualTo(expected);
  }

  @Test
  void both_are_undefined_without_cr4_pke() {
    c.cr4 &= ~Cr.CR4_PKE;
    assertThat(m.outcome(RDPKRU)).isEqualTo("#UD");
    assertThat(m.outcome(WRPKRU)).isEqualTo("#UD");
  }
}
