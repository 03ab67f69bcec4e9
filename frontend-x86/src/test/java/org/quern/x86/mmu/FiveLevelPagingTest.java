package org.quern.x86.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** CR4.LA57: a fifth level of page tables and linear addresses of 57 bits. SDM vol. 3A, 4.5. */
class FiveLevelPagingTest {
  private static final int T = FakeMachine.PAGE_TABLES;
  private static final int ROOT = T + 0x8000;

  /** Canonical in 57 bits only. */
  private static final long WIDE = 0x00a0_0000_0000_0000L;

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  /** The fifth level over the tables of {@link FakeMachine#long64}: at 0 and at {@link #WIDE}. */
  private void fiveLevels() {
    m.bus.write(ROOT, 8, T | 7);
    m.bus.write(ROOT + 8 * (WIDE >>> 48), 8, T | 7);
    c.cr3 = ROOT;
    c.cr4 |= Cr.CR4_LA57;
    CpuMode.update(c);
    c.mmu.flushAll();
  }

  private String read(long la) {
    try {
      c.mmu.read8(la);
      return "-";
    } catch (GuestFault f) {
      return FakeMachine.describe(f);
    }
  }

  @Test
  void the_fifth_level_is_walked() {
    fiveLevels();
    m.bus.write(0x1234, 1, 0x5a);
    assertThat(c.mmu.read8(0x1234)).isEqualTo(0x5a);
    assertThat(c.mmu.read8(WIDE + 0x1234)).isEqualTo(0x5a);
    assertThat(read(WIDE + (1L << 48))).isEqualTo("#PF(0)@a1000000000000");
    assertThat(m.bus.read(ROOT, 8) & 0x20).as("accessed").isNotZero();
  }

  @ParameterizedTest
  @CsvSource({"7, true", "40, true", "52, false", "8, false"})
  void reserved_bits_of_a_pml5e(int bit, boolean fault) {
    fiveLevels();
    m.bus.write(ROOT, 8, T | 7 | 1L << bit);
    c.mmu.flushAll();
    assertThat(read(0x1234)).isEqualTo(fault ? "#PF(9)@1234" : "-");
  }

  @Test
  void rights_of_the_fifth_level_count() {
    fiveLevels();
    m.bus.write(ROOT, 8, T | 1);
    c.mmu.flushAll();
    m.user();
    assertThat(read(0x1234)).isEqualTo("#PF(5)@1234");
  }

  @ParameterizedTest
  @ValueSource(longs = {0x0100_0000_0000_0000L, 0x01ff_ffff_ffff_ffffL, 0x8000_0000_0000_0000L})
  void not_canonical_in_57_bits(long la) {
    fiveLevels();
    assertThat(read(la)).isEqualTo("#GP(0)");
  }

  @Test
  void la57_cannot_change_in_long_mode() {
    c.gpr[Reg.RAX] = c.cr4 | Cr.CR4_LA57;
    assertThat(m.outcome("0f 22 e0")).isEqualTo("#GP(0)");
    FakeMachine p = FakeMachine.protected32();
    p.cpu.gpr[Reg.RAX] = Cr.CR4_LA57 | Cr.CR4_PAE;
    assertThat(p.outcome("0f 22 e0")).isEqualTo("-");
    assertThat(p.cpu.linearShift).isEqualTo(7);
  }

  @Test
  void jumps_check_the_width_in_use_and_base_registers_the_widest() {
    c.gpr[Reg.RAX] = WIDE;
    assertThat(m.outcome("ff e0")).as("jmp rax").isEqualTo("#GP(0)");
    c.cr4 |= Cr.CR4_FSGSBASE;
    assertThat(m.outcome("f3 48 0f ae d0")).as("wrfsbase rax").isEqualTo("-");
    assertThat(m.outcome("64 8a 1c 25 00 00 00 00")).as("mov bl, fs:[0]").isEqualTo("#GP(0)");
    fiveLevels();
    assertThat(m.outcome("ff e0")).isEqualTo("-");
    assertThat(c.rip).isEqualTo(WIDE);
    c.rip = FakeMachine.CODE;
    assertThat(m.outcome("64 8a 1c 25 00 00 00 00")).isEqualTo("-");
  }
}
