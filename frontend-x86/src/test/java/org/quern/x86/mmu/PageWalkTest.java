package org.quern.x86.mmu;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeBus;
import org.quern.x86.FakeMachine;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;

/** Addresses, reserved bits, accessed, dirty and global flags of page walks. */
class PageWalkTest {
  private static final int T = FakeMachine.PAGE_TABLES;
  private static final long LINEAR = 0x401234;

  private FakeMachine m = FakeMachine.long64();
  private Cpu c = m.cpu;

  /** Replaces the 2 MiB mapping at 4 MiB by a page table whose second entry is {@code pte}. */
  private void pte(long pte) {
    m.bus.write(T + 0x2000 + 16, 8, T + 0x3000 | 7);
    m.bus.write(T + 0x3000 + 8, 8, pte);
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

  // ---- reserved bits, long mode, 40 physical bits

  @ParameterizedTest
  @CsvSource({
    // offset of the entry from T, its sound value, a reserved bit, fault expected
    "0,      101007, 40, true",
    "0,      101007, 51, true",
    "0,      101007, 52, false",
    "0,      101007, 62, false",
    "0,      101007, 7,  true",
    "0,      101007, 8,  false",
    "1000,   102007, 40, true",
    "1000,   102007, 6,  false",
    "2010,   4000e7, 12, false",
    "2010,   4000e7, 13, true",
    "2010,   4000e7, 20, true",
    "2010,   4000e7, 39, false",
    "2010,   4000e7, 40, true",
    "2010,   103007, 9,  false",
    "3008,   401007, 40, true",
    "3008,   401007, 7,  false",
    "3008,   401007, 59, false",
  })
  void reserved_bits_of_4_level_paging(String at, String value, int bit, boolean fault) {
    m.bus.write(T + 0x3000 + 8, 8, 0x401007);
    long offset = Long.parseLong(at, 16);
    if (offset == 0x3008) {
      m.bus.write(T + 0x2000 + 16, 8, T + 0x3000 | 7);
    }
    m.bus.write(T + offset, 8, Long.parseLong(value, 16) | 1L << bit);
    if (bit == 39) {
      // In range, but outside the fake RAM: all-ones, no fault.
      assertThat(read(LINEAR)).isEqualTo("-");
      return;
    }
    c.mmu.flushAll();
    assertThat(read(LINEAR)).isEqualTo(fault ? "#PF(9)@401234" : "-");
  }

  @ParameterizedTest
  @CsvSource({"13, true", "29, true", "12, false", "30, false", "40, true"})
  void reserved_bits_of_a_1_gib_page(int bit, boolean fault) {
    m.bus.write(T + 0x1000, 8, 0x87L | 1L << bit);
    c.mmu.flushAll();
    assertThat(read(LINEAR)).isEqualTo(fault ? "#PF(9)@401234" : "-");
  }

  @Test
  void page_size_bit_in_a_pdpte_is_reserved_without_1_gib_pages() {
    CpuModel max = CpuModel.max();
    var features = java.util.EnumSet.copyOf(max.features());
    features.remove(CpuFeature.PDPE1GB);
    m =
        FakeMachine.long64(
            new CpuModel("t", "GenuineIntel", 6, 6, 3, "t", features, max.physicalBits()));
    c = m.cpu;
    m.bus.write(T + 0x1000, 8, 0x87);
    c.mmu.flushAll();
    assertThat(read(LINEAR)).isEqualTo("#PF(9)@401234");
  }

  @ParameterizedTest
  @CsvSource({"52, true", "58, true", "62, true", "40, true", "9, false"})
  void reserved_bits_of_pae_entries(int bit, boolean fault) {
    pae(0x401007 | 1L << bit);
    assertThat(read(LINEAR)).isEqualTo(fault ? "#PF(9)@401234" : "-");
  }

  private void pae(long pte) {
    m = FakeMachine.protected32();
    c = m.cpu;
    m.bus.write(T, 8, T + 0x1000 | 1);
    m.bus.write(T + 0x1000 + 16, 8, T + 0x2000 | 7);
    m.bus.write(T + 0x2000 + 8, 8, pte);
    c.cr3 = T;
    c.cr4 = Cr.CR4_PAE;
    c.efer = Cr.EFER_NXE;
    c.cr0 |= Cr.CR0_PG;
    assertThat(c.mmu.walker.loadPdptes(T)).isTrue();
    c.mmu.flushAll();
  }

  @ParameterizedTest
  @CsvSource({"1", "2", "5", "6", "7", "8", "40", "52", "63"})
  void pdpte_with_a_reserved_bit_is_refused(int bit) {
    m.bus.write(T + 0x5000, 8, T + 0x1000 | 1 | 1L << bit);
    assertThat(c.mmu.walker.loadPdptes(T + 0x5000)).isFalse();
    m.bus.write(T + 0x5000, 8, 1L << bit);
    assertThat(c.mmu.walker.loadPdptes(T + 0x5000)).as("not present").isTrue();
  }

  @Test
  void pdptes_are_registers_and_not_read_again() {
    pae(0x401007);
    m.bus.write(T, 8, 0);
    c.mmu.flushAll();
    assertThat(read(LINEAR)).isEqualTo("-");
  }

  // ---- 32-bit paging

  private void legacy(long pde) {
    m = FakeMachine.protected32();
    c = m.cpu;
    m.bus.write(T + 4, 4, pde);
    c.cr3 = T;
    c.cr4 = Cr.CR4_PSE;
    c.cr0 |= Cr.CR0_PG;
    c.mmu.flushAll();
  }

  @ParameterizedTest
  @CsvSource({"21, true", "12, false", "13, false", "20, false"})
  void reserved_bits_of_a_4_mib_page(int bit, boolean fault) {
    legacy(0x400087 | 1L << bit);
    assertThat(read(LINEAR)).isEqualTo(fault ? "#PF(9)@401234" : "-");
  }

  @Test
  void pse36_reaches_beyond_4_gib() {
    legacy(0x400087 | 0x5L << 13);
    c.mmu.read8(LINEAR);
    assertThat(m.bus.mmioAccesses)
        .extracting(FakeBus.Access::address)
        .containsExactly(0x500401234L);
  }

  @Test
  void page_size_bit_is_ignored_without_cr4_pse() {
    legacy(T + 0x1000 | 0x87);
    c.cr4 = 0;
    m.bus.write(T + 0x1000 + 4, 4, 0x5007);
    m.bus.write(0x5234, 1, 0x77);
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(0x77);
  }

  // ---- addresses

  @Test
  void a_1_gib_page_translates_all_low_30_bits() {
    m.bus.write(T + 0x1000 + 8, 8, 0x87);
    m.bus.write(0x654321, 1, 0x5a);
    c.mmu.flushAll();
    assertThat(c.mmu.read8(0x40000000L | 0x654321)).isEqualTo(0x5a);
  }

  @Test
  void non_canonical_addresses_are_gp() {
    assertThat(read(0x800000000000L)).isEqualTo("#GP(0)");
    assertThat(read(0xffff7fffffffffffL)).isEqualTo("#GP(0)");
  }

  @Test
  void the_upper_half_is_walked_like_the_lower() {
    m.bus.write(T + 511 * 8, 8, T + 0x1000 | 7);
    m.bus.write(0x1234, 1, 0x99);
    c.mmu.flushAll();
    assertThat(c.mmu.read8(0xffffff8000001234L)).isEqualTo(0x99);
  }

  @Test
  void an_access_over_a_page_boundary_faults_at_its_second_page_before_any_effect() {
    pte(0x401067);
    m.bus.write(T + 0x3000 + 16, 8, 0);
    m.bus.write(0x401ffe, 2, 0x1111);
    String fault;
    try {
      c.mmu.write32(0x401ffe, 0x22222222);
      fault = "-";
    } catch (GuestFault f) {
      fault = FakeMachine.describe(f);
    }
    assertThat(fault).isEqualTo("#PF(2)@402000");
    assertThat(m.bus.read(0x401ffe, 2)).isEqualTo(0x1111);
  }

  @Test
  void a_split_access_goes_to_both_pages() {
    pte(0x405007);
    m.bus.write(T + 0x3000 + 16, 8, 0x409007);
    c.mmu.write64(0x401ffd, 0x8877665544332211L);
    assertThat(m.bus.read(0x405ffd, 3)).isEqualTo(0x332211);
    assertThat(m.bus.read(0x409000, 5)).isEqualTo(0x8877665544L);
    assertThat(c.mmu.read64(0x401ffd)).isEqualTo(0x8877665544332211L);
  }

  // ---- accessed and dirty

  @Test
  void reading_sets_accessed_on_every_level_and_dirty_on_none() {
    m.bus.write(T, 8, T + 0x1000 | 7);
    m.bus.write(T + 0x1000, 8, T + 0x2000 | 7);
    pte(0x401007);
    c.mmu.read8(LINEAR);
    assertThat(m.bus.read(T, 8) & 0x60).isEqualTo(0x20);
    assertThat(m.bus.read(T + 0x1000, 8) & 0x60).isEqualTo(0x20);
    assertThat(m.bus.read(T + 0x2010, 8) & 0x60).isEqualTo(0x20);
    assertThat(m.bus.read(T + 0x3008, 8) & 0x60).isEqualTo(0x20);
  }

  @Test
  void writing_after_reading_sets_dirty() {
    pte(0x401007);
    c.mmu.read8(LINEAR);
    c.mmu.write8(LINEAR, 1);
    assertThat(m.bus.read(T + 0x3008, 8) & 0x60).isEqualTo(0x60);
  }

  @Test
  void a_faulting_write_does_not_set_dirty() {
    pte(0x401005);
    try {
      c.mmu.write8(LINEAR, 1);
    } catch (GuestFault expected) {
      assertThat(expected.errorCode).isEqualTo(3);
    }
    assertThat(m.bus.read(T + 0x3008, 8) & 0x40).isZero();
  }

  @Test
  void dirty_is_set_in_a_large_page() {
    m.bus.write(T + 0x2010, 8, 0x400087);
    c.mmu.flushAll();
    c.mmu.write8(LINEAR, 1);
    assertThat(m.bus.read(T + 0x2010, 8) & 0x60).isEqualTo(0x60);
  }

  @Test
  void tables_in_rom_are_walked_without_being_changed() {
    pte(0x401007);
    m.bus.romPages.add((T + 0x3000L) >> 12);
    assertThat(read(LINEAR)).isEqualTo("-");
    assertThat(m.bus.read(T + 0x3008, 8)).isEqualTo(0x401007);
  }

  // ---- TLB

  @Test
  void mov_cr3_keeps_global_pages_and_invlpg_does_not() {
    pte(0x401107);
    m.bus.write(0x401234, 1, 1);
    m.bus.write(0x403234, 1, 3);
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(1);
    m.bus.write(T + 0x3008, 8, 0x403107);
    // mov cr3, rax
    c.gpr[0] = T;
    assertThat(m.outcome("0f 22 d8")).isEqualTo("-");
    assertThat(c.mmu.read8(LINEAR)).as("global entry stays").isEqualTo(1);
    c.gpr[0] = LINEAR;
    assertThat(m.outcome("0f 01 38")).isEqualTo("-");
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(3);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void invlpg_drops_all_of_a_large_page(boolean huge) {
    if (huge) {
      m.bus.write(T + 0x1000, 8, 0x187);
    } else {
      m.bus.write(T + 0x2010, 8, 0x400187);
    }
    c.mmu.flushAll();
    m.bus.write(0x400000, 1, 1);
    m.bus.write(0x5ff000, 1, 1);
    m.bus.write(0x600000, 1, 2);
    m.bus.write(0x7ff000, 1, 2);
    c.mmu.read8(0x400000);
    c.mmu.read8(0x5ff000);
    // Now the page is 2 MiB further on.
    m.bus.write(T + 0x1000, 8, T + 0x2000 | 7);
    m.bus.write(T + 0x2010, 8, 0x600187);
    c.gpr[0] = 0x412345;
    assertThat(c.mmu.read8(0x400000)).as("still cached").isEqualTo(1);
    assertThat(m.outcome("0f 01 38")).isEqualTo("-");
    assertThatReads(0x400000, 2);
    assertThatReads(0x5ff000, 2);
  }

  @Test
  void invlpg_drops_both_halves_of_a_4_mib_page() {
    legacy(0x400087);
    m.bus.write(T, 4, 0x87);
    m.bus.write(0x400000, 1, 1);
    m.bus.write(0x7ff000, 1, 1);
    m.bus.write(0x800000, 1, 2);
    m.bus.write(0xbff000, 1, 2);
    assertThatReads(0x400000, 1);
    assertThatReads(0x7ff000, 1);
    m.bus.write(T + 4, 4, 0x800087);
    // invlpg [0x650000]
    assertThat(m.outcome("0f 01 3d 00 00 65 00")).isEqualTo("-");
    assertThatReads(0x400000, 2);
    assertThatReads(0x7ff000, 2);
  }

  @Test
  void invlpg_leaves_other_pages_alone() {
    pte(0x401007);
    m.bus.write(T + 0x3000 + 16, 8, 0x402007);
    m.bus.write(0x402000, 1, 2);
    m.bus.write(0x404000, 1, 4);
    assertThatReads(0x402000, 2);
    m.bus.write(T + 0x3000 + 16, 8, 0x404007);
    c.gpr[0] = LINEAR;
    assertThat(m.outcome("0f 01 38")).isEqualTo("-");
    assertThatReads(0x402000, 2);
  }

  @Test
  void flushes_hold_after_more_fills_than_there_are_entries() {
    for (int round = 0; round < 3; round++) {
      for (long la = 0; la < 2 << 22; la += 4096) {
        c.mmu.read8(la);
      }
    }
    pte(0x401007);
    m.bus.write(0x401234, 1, 1);
    m.bus.write(0x403234, 1, 3);
    assertThatReads(LINEAR, 1);
    m.bus.write(T + 0x3008, 8, 0x403007);
    c.mmu.flushNonGlobal();
    assertThatReads(LINEAR, 3);
  }

  @Test
  void mov_cr3_drops_other_pages() {
    pte(0x401007);
    m.bus.write(0x401234, 1, 1);
    m.bus.write(0x403234, 1, 3);
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(1);
    m.bus.write(T + 0x3008, 8, 0x403007);
    c.gpr[0] = T;
    assertThat(m.outcome("0f 22 d8")).isEqualTo("-");
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(3);
  }

  @Test
  void clearing_cr4_pge_drops_global_pages() {
    pte(0x401107);
    m.bus.write(0x401234, 1, 1);
    m.bus.write(0x403234, 1, 3);
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(1);
    m.bus.write(T + 0x3008, 8, 0x403107);
    c.gpr[0] = c.cr4 & ~Cr.CR4_PGE;
    assertThat(m.outcome("0f 22 e0")).isEqualTo("-");
    assertThat(c.mmu.read8(LINEAR)).isEqualTo(3);
  }

  @Test
  void setting_cr0_wp_takes_cached_write_permission_away() {
    pte(0x401005);
    c.cr0 &= ~Cr.CR0_WP;
    c.mmu.flushAll();
    c.mmu.write8(LINEAR, 1);
    c.gpr[0] = c.cr0 | Cr.CR0_WP;
    assertThat(m.outcome("0f 22 c0")).isEqualTo("-");
    try {
      c.mmu.write8(LINEAR, 1);
      assertThat("no fault").isEmpty();
    } catch (GuestFault f) {
      assertThat(FakeMachine.describe(f)).isEqualTo("#PF(3)@401234");
    }
  }

  @Test
  void many_pages_in_the_same_slot_stay_apart() {
    for (int n = 0; n < 2; n++) {
      m.bus.write(0x1234 + ((long) n << 22), 1, n + 1);
    }
    // 4 MiB apart: the same set of the direct-mapped TLB.
    assertThatReads(0x1234, 1);
    assertThatReads(0x401234, 2);
    assertThatReads(0x1234, 1);
  }

  private void assertThatReads(long la, int expected) {
    assertThat(c.mmu.read8(la)).isEqualTo(expected);
  }
}
