package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** SYSCALL, SYSRET, SYSENTER, SYSEXIT. */
class FastCallTest {
  private static CpuModel amd() {
    CpuModel m = CpuModel.max();
    return new CpuModel("amd", "AuthenticAMD", 15, 6, 1, "test", m.features(), m.physicalBits());
  }

  private static FakeMachine long64(CpuModel model) {
    FakeMachine m = FakeMachine.long64(model);
    // Kernel CS 28h, SS 30h; user base 13h: CS32 13h, SS 1bh, CS64 23h.
    m.cpu.msr.star = 0x0013_0028_0000_0000L;
    m.cpu.msr.lstar = 0x4560;
    m.cpu.msr.cstar = 0x7890;
    m.cpu.msr.sfmask = RFlags.IF | RFlags.DF | RFlags.CF;
    return m;
  }

  @Test
  void syscall_in_64_bit_mode() {
    FakeMachine m = long64(CpuModel.max()).user();
    m.cpu.setRflags(RFlags.IF | RFlags.CF | RFlags.ZF | RFlags.RF);
    m.exec("0f 05");
    Cpu c = m.cpu;
    assertThat(c.rip).isEqualTo(0x4560);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(FakeMachine.CODE + 2);
    assertThat(c.gpr[11]).isEqualTo(RFlags.IF | RFlags.CF | RFlags.ZF | RFlags.FIXED);
    assertThat(c.rflags()).isEqualTo(RFlags.ZF | RFlags.FIXED);
    assertThat(c.cpl).isZero();
    assertThat(c.seg[Reg.CS].selector).isEqualTo(0x28);
    assertThat(c.seg[Reg.SS].selector).isEqualTo(0x30);
    assertThat(c.seg[Reg.CS].attr).isEqualTo(0xa09b);
    assertThat(c.gpr[Reg.RSP]).as("RSP is the kernel's business").isEqualTo(FakeMachine.STACK3);
  }

  @ParameterizedTest
  @CsvSource({"0, true", "100, false"})
  void syscall_traps_if_tf_survives_it(String mask, boolean trap) {
    FakeMachine m = long64(CpuModel.max()).user();
    m.cpu.msr.sfmask = Long.parseLong(mask, 16);
    m.cpu.setRflags(RFlags.TF);
    m.exec("0f 05");
    assertThat(m.cpu.stepDecided).isTrue();
    assertThat(m.cpu.pendingDebug).isEqualTo(trap ? Debug.DR6_BS : 0);
  }

  @Test
  void sysret_traps_at_once_if_it_sets_tf() {
    FakeMachine m = long64(CpuModel.max());
    m.cpu.gpr[11] = RFlags.TF;
    m.exec("48 0f 07");
    assertThat(m.cpu.pendingDebug).isEqualTo(Debug.DR6_BS);
  }

  @Test
  void sysretq_returns_to_64_bit_code() {
    FakeMachine m = long64(CpuModel.max());
    m.cpu.gpr[Reg.RCX] = 0x9990;
    m.cpu.gpr[11] = RFlags.DEFINED;
    m.exec("48 0f 07");
    assertThat(m.cpu.rip).isEqualTo(0x9990);
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(0x23);
    assertThat(m.cpu.seg[Reg.SS].selector).isEqualTo(0x1b);
    assertThat(m.cpu.longMode).isTrue();
    assertThat(m.cpu.rflags()).isEqualTo(RFlags.DEFINED & ~(RFlags.RF | RFlags.VM) | RFlags.FIXED);
  }

  @Test
  void sysretl_returns_to_compatibility_mode() {
    FakeMachine m = long64(CpuModel.max());
    m.cpu.gpr[Reg.RCX] = 0x123456789990L;
    m.cpu.gpr[11] = 2;
    m.exec("0f 07");
    assertThat(m.cpu.rip).isEqualTo(0x56789990L);
    assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(0x13);
    assertThat(m.cpu.codeSize).isEqualTo(32);
  }

  @Test
  void sysretq_to_a_non_canonical_address_is_gp_at_cpl_0() {
    FakeMachine m = long64(CpuModel.max());
    m.cpu.gpr[Reg.RCX] = 0x800000000000L;
    assertThat(m.outcome("48 0f 07")).isEqualTo("#GP(0)");
    assertThat(m.cpu.cpl).isZero();
  }

  @Test
  void syscall_and_sysret_need_efer_sce() {
    FakeMachine m = long64(CpuModel.max());
    m.cpu.efer &= ~Cr.EFER_SCE;
    assertThat(m.outcome("0f 05")).isEqualTo("#UD");
    assertThat(m.outcome("48 0f 07")).isEqualTo("#UD");
  }

  @Test
  void sysret_above_cpl_0_is_gp() {
    assertThat(long64(CpuModel.max()).user().outcome("48 0f 07")).isEqualTo("#GP(0)");
  }

  @Test
  void syscall_in_compatibility_mode_is_amds() {
    FakeMachine m = long64(CpuModel.max()).user();
    m.load(Reg.CS, FakeMachine.USER_CODE32);
    assertThat(m.outcome("0f 05")).as("Intel").isEqualTo("#UD");
    m = long64(amd()).user();
    m.load(Reg.CS, FakeMachine.USER_CODE32);
    assertThat(m.outcome("0f 05")).as("AMD").isEqualTo("-");
    assertThat(m.cpu.rip).isEqualTo(0x7890);
    assertThat(m.cpu.longMode).isTrue();
  }

  @Test
  void syscall_in_legacy_mode_is_amds() {
    FakeMachine m = FakeMachine.protected32(amd()).user();
    m.cpu.efer = Cr.EFER_SCE;
    m.cpu.msr.star = 0x0013_0008_0000_4560L;
    m.cpu.setRflags(RFlags.IF | RFlags.ZF);
    m.exec("0f 05");
    assertThat(m.cpu.rip).isEqualTo(0x4560);
    assertThat(m.cpu.cpl).isZero();
    assertThat(m.cpu.gpr[Reg.RCX]).isEqualTo(FakeMachine.CODE + 2);
    assertThat(m.cpu.rflags()).isEqualTo(RFlags.ZF | RFlags.FIXED);
    m.cpu.gpr[Reg.RCX] = 0x7770;
    m.exec("0f 07");
    assertThat(m.cpu.rip).isEqualTo(0x7770);
    assertThat(m.cpu.cpl).isEqualTo(3);
    assertThat(m.cpu.eflags & RFlags.IF).isEqualTo(RFlags.IF);
  }

  // ---- SYSENTER

  private static void sysenterMsrs(FakeMachine m) {
    m.cpu.msr.sysenterCs = 0x28;
    m.cpu.msr.sysenterEip = 0xffff800000004560L;
    m.cpu.msr.sysenterEsp = 0xffff800000007000L;
  }

  @Test
  void sysenter_in_protected_mode() {
    FakeMachine m = FakeMachine.protected32().user();
    sysenterMsrs(m);
    m.cpu.setRflags(RFlags.IF | RFlags.ZF);
    m.exec("0f 34");
    assertThat(m.cpu.rip).isEqualTo(0x4560);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x7000);
    assertThat(m.cpu.seg[Reg.CS].selector).isEqualTo(0x28);
    assertThat(m.cpu.seg[Reg.SS].selector).isEqualTo(0x30);
    assertThat(m.cpu.codeSize).isEqualTo(32);
    assertThat(m.cpu.rflags()).isEqualTo(RFlags.ZF | RFlags.FIXED);
    assertThat(m.cpu.cpl).isZero();
  }

  @Test
  void sysenter_leaves_virtual_8086_mode() {
    FakeMachine m = FakeMachine.protected32().v86(0);
    sysenterMsrs(m);
    m.exec("0f 34");
    assertThat(m.cpu.v86()).isFalse();
    assertThat(m.cpu.protectedMode).isTrue();
    assertThat(m.cpu.codeSize).isEqualTo(32);
  }

  @Test
  void sysenter_in_long_mode_enters_64_bit_code() {
    FakeMachine m = FakeMachine.long64().user();
    sysenterMsrs(m);
    m.exec("0f 34");
    assertThat(m.cpu.rip).isEqualTo(0xffff800000004560L);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0xffff800000007000L);
    assertThat(m.cpu.longMode).isTrue();
  }

  @Test
  void sysenter_without_a_segment_or_protected_mode_is_gp() {
    FakeMachine m = FakeMachine.protected32();
    m.cpu.msr.sysenterCs = 3;
    assertThat(m.outcome("0f 34")).isEqualTo("#GP(0)");
    assertThat(FakeMachine.real().outcome("0f 34")).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @CsvSource({"0f 35, 3b, 43, 32", "48 0f 35, 4b, 53, 64"})
  void sysexit(String code, String cs, String ss, int size) {
    FakeMachine m = FakeMachine.long64();
    sysenterMsrs(m);
    m.cpu.gpr[Reg.RCX] = 0x7000;
    m.cpu.gpr[Reg.RDX] = 0x4560;
    m.exec(code);
    assertThat(m.cpu.rip).isEqualTo(0x4560);
    assertThat(m.cpu.gpr[Reg.RSP]).isEqualTo(0x7000);
    assertThat(Integer.toHexString(m.cpu.seg[Reg.CS].selector)).isEqualTo(cs);
    assertThat(Integer.toHexString(m.cpu.seg[Reg.SS].selector)).isEqualTo(ss);
    assertThat(m.cpu.codeSize).isEqualTo(size);
    assertThat(m.cpu.cpl).isEqualTo(3);
  }

  @Test
  void sysexit_checks() {
    FakeMachine m = FakeMachine.long64();
    sysenterMsrs(m);
    m.cpu.gpr[Reg.RDX] = 0x800000000000L;
    assertThat(m.outcome("48 0f 35")).as("non-canonical").isEqualTo("#GP(0)");
    assertThat(m.outcome("0f 35")).as("truncated").isEqualTo("-");
    assertThat(m.outcome("0f 35")).as("at CPL 3").isEqualTo("#GP(0)");
  }
}
