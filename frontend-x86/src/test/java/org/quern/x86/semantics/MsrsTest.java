package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** RDMSR and WRMSR: which exist, what they hold, what they refuse. */
class MsrsTest {
  private final FakeMachine m = FakeMachine.long64();

  private String write(int msr, long v) {
    m.cpu.gpr[Reg.RCX] = msr & 0xffffffffL;
    m.cpu.gpr[Reg.RAX] = v & 0xffffffffL;
    m.cpu.gpr[Reg.RDX] = v >>> 32;
    return m.outcome("0f 30");
  }

  private long read(int msr) {
    m.cpu.gpr[Reg.RCX] = msr & 0xffffffffL;
    assertThat(m.outcome("0f 32")).isEqualTo("-");
    return m.cpu.gpr[Reg.RAX] | m.cpu.gpr[Reg.RDX] << 32;
  }

  private String readFault(int msr) {
    m.cpu.gpr[Reg.RCX] = msr & 0xffffffffL;
    return m.outcome("0f 32");
  }

  private static int index(String hex) {
    return Integer.parseUnsignedInt(hex, 16);
  }

  @ParameterizedTest
  @CsvSource({
    "174, 28",
    "175, ffff800000001000",
    "176, ffff800000002000",
    "c0000081, 13002800000000",
    "c0000082, ffff800000003000",
    "c0000083, ffff800000004000",
    "c0000084, 47700",
    "c0000100, 7fff00001000",
    "c0000101, ffff888000000000",
    "c0000102, 7f0000000000",
    "c0000103, 5",
    "277, 505050507040106",
    "200, 80000006",
    "201, ff80000800",
    "20f, ff80000800",
    "250, 606060606060606",
    "258, 404040404040404",
    "269, 505050505050505",
    "26f, 101010101010101",
    "2ff, c06",
    "17a, 4",
    "400, ffffffffffffffff",
    "402, 123456789",
    "403, ffffffffffffffff",
    "3b, 123456789",
    "48, 401"
  })
  void written_values_read_back(String msr, String value) {
    long v = Long.parseUnsignedLong(value, 16);
    assertThat(write(index(msr), v)).isEqualTo("-");
    assertThat(Long.toHexString(read(index(msr)))).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "175, 100000000000000", // canonical in 57 bits
    "176, 100000000000000",
    "c0000082, 8000000000000000",
    "c0000083, 100000000000000",
    "c0000100, feffffffffffffff",
    "c0000101, 100000000000000",
    "c0000102, 100000000000000",
    "c0000103, 100000000", // 32 bits
    "277, 2", // memory types
    "277, 800000000000000",
    "277, 303",
    "250, 700", // UC- is not for MTRRs
    "200, 2",
    "200, 10000000000", // beyond 40 physical bits
    "201, 400",
    "2ff, 7",
    "2ff, 1006",
    "17a, 8",
    "401, 1", // only clearing
    "400, 1",
    "c0000080, 2", // EFER
    "c0000080, 1000",
    "c0000080, 400", // clears LME under paging
    "48, 8",
    "1d9, 4",
    "fe, 508", // read-only
    "179, 0",
    "10a, 0",
    "3a, 1",
    "17, 0"
  })
  void refused_values(String msr, String value) {
    assertThat(write(index(msr), Long.parseUnsignedLong(value, 16))).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "1",
        "c1",
        "186",
        "345",
        "480",
        "410",
        "210",
        "49",
        "c0010015",
        "4b564d00",
        "40000000",
        "ffffffff",
        "c0000085"
      })
  void unknown_indices_are_gp(String msr) {
    assertThat(readFault(index(msr))).isEqualTo("#GP(0)");
  }

  @Test
  void the_upper_halves_of_the_registers_do_not_count() {
    m.cpu.gpr[Reg.RCX] = 0xffffffff_c0000081L;
    m.cpu.gpr[Reg.RAX] = 0xffffffff_00000001L;
    m.cpu.gpr[Reg.RDX] = 0xffffffff_00000002L;
    assertThat(m.outcome("0f 30")).isEqualTo("-");
    assertThat(m.cpu.msr.star).isEqualTo(0x2_00000001L);
    assertThat(m.outcome("0f 32")).isEqualTo("-");
    assertThat(m.cpu.gpr[Reg.RDX]).isEqualTo(2);
  }

  @Test
  void apic_registers_belong_to_the_interrupt_controller() {
    assertThat(read(0x1b)).isEqualTo(0xfee00900L);
    m.interrupts.msrs.put(0x80b, 0L);
    assertThat(write(0x80b, 7)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x80b)).isEqualTo(7L);
    assertThat(write(0x83f, 7)).isEqualTo("#GP(0)");
    assertThat(readFault(0x6e0)).isEqualTo("#GP(0)");
  }

  @Test
  void the_tsc_can_be_set_and_adjusted() {
    m.time.tsc = 1000;
    assertThat(write(0x10, 5000)).isEqualTo("-");
    assertThat(read(0x3b)).isEqualTo(4000);
    m.time.tsc = 1007;
    assertThat(read(0x10)).isEqualTo(5007);
    m.exec("0f 31");
    assertThat(m.cpu.gpr[Reg.RAX]).isEqualTo(5007);
    assertThat(write(0x3b, -1007)).isEqualTo("-");
    assertThat(read(0x10)).isZero();
  }

  @Test
  void a_deadline_counts_the_tsc_that_the_guest_sees() {
    m.interrupts.msrs.put(0x6e0, 0L);
    m.time.tsc = 1_000_000;
    assertThat(write(0x10, 5000)).isEqualTo("-");
    assertThat(write(0x6e0, 6000)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isEqualTo(1_001_000L);
    assertThat(read(0x6e0)).isEqualTo(6000);
    assertThat(write(0x6e0, 0)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isZero();
    assertThat(read(0x6e0)).isZero();
  }

  @Test
  void a_deadline_that_is_over_is_in_the_past_of_the_machine() {
    m.interrupts.msrs.put(0x6e0, 0L);
    m.time.tsc = 1000;
    assertThat(write(0x3b, 1L << 40)).isEqualTo("-");
    assertThat(write(0x6e0, 5)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isEqualTo(1);
    assertThat(write(0x6e0, (1L << 40) + 1000)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isEqualTo(1);
    assertThat(write(0x6e0, (1L << 40) + 1001)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isEqualTo(1001);
  }

  @Test
  void setting_the_tsc_moves_a_deadline_that_is_waited_for() {
    m.interrupts.msrs.put(0x6e0, 0L);
    m.time.tsc = 1000;
    assertThat(write(0x6e0, 9000)).isEqualTo("-");
    assertThat(write(0x10, 8000)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isEqualTo(2000);
    assertThat(read(0x6e0)).isEqualTo(9000);
    assertThat(write(0x3b, 0)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).isEqualTo(9000);
    assertThat(write(0x10, 10_000)).isEqualTo("-");
    assertThat(m.interrupts.msrs.get(0x6e0)).as("passed by the jump").isEqualTo(1);
  }

  @Test
  void without_the_feature_there_is_no_deadline() {
    Set<CpuFeature> features = EnumSet.copyOf(CpuModel.max().features());
    features.remove(CpuFeature.TSC_DEADLINE);
    CpuModel max = CpuModel.max();
    FakeMachine old =
        FakeMachine.long64(
            new CpuModel("old", max.vendor(), 6, 6, 3, max.brand(), features, max.physicalBits()));
    old.interrupts.msrs.put(0x6e0, 0L);
    old.cpu.gpr[Reg.RCX] = 0x6e0;
    assertThat(old.outcome("0f 32")).isEqualTo("#GP(0)");
    assertThat(old.outcome("0f 30")).isEqualTo("#GP(0)");
  }

  @Test
  void lma_in_efer_cannot_be_written() {
    long all = Cr.EFER_SCE | Cr.EFER_LME | Cr.EFER_NXE;
    assertThat(write(0xc0000080, all)).isEqualTo("-");
    assertThat(read(0xc0000080)).isEqualTo(all | Cr.EFER_LMA);
  }

  @Test
  void lme_may_change_while_paging_is_off() {
    FakeMachine p = FakeMachine.protected32();
    p.cpu.gpr[Reg.RCX] = 0xc0000080L;
    p.cpu.gpr[Reg.RAX] = Cr.EFER_LME | Cr.EFER_LMA;
    p.cpu.gpr[Reg.RDX] = 0;
    assertThat(p.outcome("0f 30")).isEqualTo("-");
    assertThat(p.cpu.efer).isEqualTo(Cr.EFER_LME);
  }

  @Test
  void nxe_switched_on_takes_effect_on_cached_pages() {
    int pde = FakeMachine.PAGE_TABLES + 0x2000 + 16;
    m.cpu.efer &= ~Cr.EFER_NXE;
    m.cpu.mmu.flushAll();
    m.cpu.mmu.read8(0x400000);
    m.bus.write(pde, 8, m.bus.read(pde, 8) | 1L << 63);
    assertThat(write(0xc0000080, m.cpu.efer | Cr.EFER_NXE)).isEqualTo("-");
    m.cpu.rip = 0x400000;
    assertThat(m.outcome("90")).isEqualTo("#PF(11)@400000");
  }

  @Test
  void sfmask_keeps_32_bits() {
    assertThat(write(0xc0000084, -1)).isEqualTo("-");
    assertThat(read(0xc0000084)).isEqualTo(0xffffffffL);
  }

  @Test
  void arch_capabilities_claims_rdcl_no_and_ibrs_all() {
    assertThat(read(0x10a) & 3).isEqualTo(3);
    assertThat(read(0x10a) >>> 20 & 1).as("BHI_NO").isEqualTo(1);
    assertThat(read(0x10a) & 0xfff).as("as the model says").isEqualTo(0x17b);
  }

  @ParameterizedTest
  @CsvSource({"c0010000, 0", "c0010007, 0", "c0010015, 0", "c0010055, 0", "c0011029, 2"})
  void amds_own_registers_exist_only_in_amds_models(String msr, long value) {
    assertThat(readFault(index(msr))).isEqualTo("#GP(0)");
    CpuModel max = CpuModel.max();
    CpuModel amd =
        new CpuModel("amd", "AuthenticAMD", 15, 6, 1, "t", max.features(), max.physicalBits());
    FakeMachine a = FakeMachine.long64(amd);
    a.cpu.gpr[Reg.RCX] = index(msr) & 0xffffffffL;
    a.cpu.gpr[Reg.RAX] = 0xabcd;
    assertThat(a.outcome("0f 30")).isEqualTo("-");
    assertThat(a.outcome("0f 32")).isEqualTo("-");
    assertThat(a.cpu.gpr[Reg.RAX]).isEqualTo(value);
  }
}
