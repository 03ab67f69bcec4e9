package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.NamedModels;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** HLT, time-stamps, segment bases, XCR0, hints, and what must be undefined. */
class SystemInsnsTest {
  @Test
  void hlt() {
    FakeMachine m = FakeMachine.protected32().exec("f4");
    assertThat(m.cpu.activity).isEqualTo(Cpu.Activity.HALTED);
    assertThat(m.cpu.rip).isEqualTo(FakeMachine.CODE + 1);
  }

  @Test
  void rdtsc_and_tsd() {
    FakeMachine m = FakeMachine.long64();
    m.time.tsc = 0x1_2345_6789L;
    m.exec("0f 31");
    assertThat(m.cpu.gpr[Reg.RAX]).isEqualTo(0x23456789L);
    assertThat(m.cpu.gpr[Reg.RDX]).isEqualTo(1);
    m.cpu.cr4 |= Cr.CR4_TSD;
    assertThat(m.outcome("0f 31")).as("at CPL 0").isEqualTo("-");
    m.user();
    assertThat(m.outcome("0f 31")).isEqualTo("#GP(0)");
    assertThat(m.outcome("0f 01 f9")).isEqualTo("#GP(0)");
  }

  @Test
  void rdtscp_reads_tsc_aux() {
    FakeMachine m = FakeMachine.long64().user();
    m.cpu.msr.tscAux = 7;
    m.exec("0f 01 f9");
    assertThat(m.cpu.gpr[Reg.RCX]).isEqualTo(7);
  }

  @Test
  void rdpmc_has_no_counters() {
    assertThat(FakeMachine.protected32().outcome("0f 33")).isEqualTo("#GP(0)");
  }

  @Test
  void swapgs() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.seg[Reg.GS].base = 1;
    m.cpu.msr.kernelGsBase = 2;
    m.exec("0f 01 f8");
    assertThat(m.cpu.seg[Reg.GS].base).isEqualTo(2);
    assertThat(m.cpu.msr.kernelGsBase).isEqualTo(1);
    assertThat(m.user().outcome("0f 01 f8")).isEqualTo("#GP(0)");
    assertThat(FakeMachine.protected32().outcome("0f 01 f8")).isEqualTo("#UD");
  }

  @Test
  void fs_and_gs_base() {
    FakeMachine m = FakeMachine.long64().user();
    assertThat(m.outcome("f3 48 0f ae c0")).as("without CR4.FSGSBASE").isEqualTo("#UD");
    m.cpu.cr4 |= Cr.CR4_FSGSBASE;
    m.cpu.gpr[Reg.RAX] = 0x7fff_1234_5678L;
    // wrfsbase rax, wrgsbase eax
    m.exec("f3 48 0f ae d0").exec("f3 0f ae d8");
    assertThat(m.cpu.seg[Reg.FS].base).isEqualTo(0x7fff_1234_5678L);
    assertThat(m.cpu.seg[Reg.GS].base).isEqualTo(0x1234_5678L);
    // rdfsbase ebx, rdgsbase rcx
    m.exec("f3 0f ae c3").exec("f3 48 0f ae c9");
    assertThat(m.cpu.gpr[Reg.RBX]).isEqualTo(0x1234_5678L);
    assertThat(m.cpu.gpr[Reg.RCX]).isEqualTo(0x1234_5678L);
    m.cpu.gpr[Reg.RAX] = 1L << 56;
    assertThat(m.outcome("f3 48 0f ae d0")).as("non-canonical").isEqualTo("#GP(0)");
  }

  @Test
  void stac_and_clac() {
    FakeMachine m = FakeMachine.protected32().exec("0f 01 cb");
    assertThat(m.cpu.eflags & RFlags.AC).isEqualTo(RFlags.AC);
    m.exec("0f 01 ca");
    assertThat(m.cpu.eflags & RFlags.AC).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "0, 3, -",
    "0, 1, -",
    "0, 2, #GP(0)", // x87 is not optional
    "0, 7, -",
    "0, 5, #GP(0)", // AVX needs SSE
    "0, 15, #GP(0)", // no MPX in the model
    "0, 0, #GP(0)",
    "1, 3, #GP(0)"
  })
  void xsetbv(int register, int value, String expected) {
    FakeMachine m = FakeMachine.long64();
    m.cpu.cr4 |= Cr.CR4_OSXSAVE;
    m.cpu.gpr[Reg.RCX] = register;
    m.cpu.gpr[Reg.RAX] = value;
    m.cpu.gpr[Reg.RDX] = 0;
    assertThat(m.outcome("0f 01 d1")).isEqualTo(expected);
    if (expected.equals("-")) {
      m.exec("0f 01 d0");
      assertThat(m.cpu.gpr[Reg.RAX]).isEqualTo(value);
    }
  }

  @Test
  void xgetbv_needs_osxsave() {
    assertThat(FakeMachine.long64().outcome("0f 01 d0")).isEqualTo("#UD");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "90",
        "f3 90", // pause
        "0f 1f 00", // nop [rax]
        "f3 0f 1e fa", // endbr64
        "0f 18 08", // prefetcht0
        "0f ae e8", // lfence
        "0f ae f0", // mfence
        "0f ae f8" // sfence
      })
  void hints_and_fences_touch_nothing(String code) {
    FakeMachine m = FakeMachine.long64().user();
    m.cpu.gpr[Reg.RAX] = 1L << 56;
    assertThat(m.outcome(code)).isEqualTo("-");
  }

  @Test
  void clflushopt_and_clwb_are_there_and_change_nothing() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.gpr[Reg.RAX] = 0x3000;
    long before = m.cpu.mmu.read64(0x3000);
    assertThat(m.outcome("66 0f ae 38")).isEqualTo("-");
    assertThat(m.outcome("66 0f ae 30")).isEqualTo("-");
    assertThat(m.cpu.mmu.read64(0x3000)).isEqualTo(before);
  }

  @Test
  void clflush_checks_its_address_like_a_load() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.gpr[Reg.RAX] = 0x4000_0000L;
    assertThat(m.outcome("0f ae 38")).isEqualTo("#PF(0)@40000000");
    m.cpu.gpr[Reg.RAX] = 0x5000;
    assertThat(m.outcome("0f ae 38")).isEqualTo("-");
  }

  // ---- SERIALIZE, CLZERO

  @Test
  void serialize() {
    assertThat(FakeMachine.long64().user().outcome("0f 01 e8")).isEqualTo("-");
    assertThat(FakeMachine.protected32().outcome("0f 01 e8")).isEqualTo("-");
    assertThat(FakeMachine.long64().outcome("66 0f 01 e8")).as("no prefix").isEqualTo("#UD");
    assertThat(FakeMachine.long64().outcome("f0 0f 01 e8")).as("LOCK").isEqualTo("#UD");
    FakeMachine m = FakeMachine.long64(NamedModels.find("Haswell").orElseThrow());
    assertThat(m.outcome("0f 01 e8")).as("on a Haswell").isEqualTo("#UD");
  }

  // As a Zen 4 does it.
  @ParameterizedTest
  @CsvSource({
    // instruction, RAX, first byte that is cleared, outcome
    "0f 01 fc, 5064, 5040, -",
    "0f 01 fc, 5040, 5040, -",
    "66 0f 01 fc, 507f, 5040, -",
    "f3 0f 01 fc, 5064, 5040, -",
    "67 0f 01 fc, 700005064, 5040, -",
    "65 0f 01 fc, 5044, 5080, -", // gs: base 60
    "f0 0f 01 fc, 5064, 0, #UD",
    "0f 01 fc, 40000064, 0, '#PF(6)@40000040'",
    "0f 01 fc, 800000000064, 0, #GP(0)"
  })
  void clzero(String code, String rax, String cleared, String outcome) {
    FakeMachine m = FakeMachine.long64(epyc()).user();
    m.cpu.gpr[Reg.RAX] = Long.parseLong(rax, 16);
    m.cpu.seg[Reg.GS].base = 0x60;
    for (int at = 0; at < 0x100; at += 8) {
      m.bus.write(0x5000 + at, 8, -1);
    }
    assertThat(m.outcome(code)).isEqualTo(outcome);
    int first = Integer.parseInt(cleared, 16);
    for (int at = 0x5000; at < 0x5100; at += 8) {
      boolean clear = at >= first && at < first + 64;
      assertThat(m.bus.read(at, 8)).as("%x", at).isEqualTo(clear ? 0 : -1);
    }
  }

  private static CpuModel epyc() {
    EnumSet<CpuFeature> f = EnumSet.of(CpuFeature.CLZERO);
    f.addAll(CpuModel.max().features());
    return CpuModel.max().withFeatures(f);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0f 0b", // ud2
        "0f b9 c0", // ud1
        "0f ff c0", // ud0
        "0f aa", // rsm
        "0f 01 c1", // vmcall
        "0f 01 d9", // vmmcall
        "0f 01 fc", // clzero
        "0f 78 c0", // vmread
        "f3 0f c7 30", // vmxon
        "0f 01 d8" // vmrun
      })
  void undefined_in_this_model(String code) {
    assertThat(FakeMachine.protected32().outcome(code)).isEqualTo("#UD");
  }

  // ---- INVLPG, INVPCID

  @Test
  void invlpg_of_a_non_canonical_address_does_nothing() {
    FakeMachine m = FakeMachine.long64();
    m.cpu.gpr[Reg.RAX] = 1L << 56;
    assertThat(m.outcome("0f 01 38")).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    // type, PCID, address, PCIDE, outcome
    "0, 0, 1000, false, -",
    "0, 5, 1000, false, #GP(0)",
    "0, 5, 1000, true, -",
    "0, 1000, 1000, true, #GP(0)", // more than 12 bits
    "0, 5, 100000000000000, true, #GP(0)",
    "1, 5, 100000000000000, true, -", // the address does not count
    "1, 5, 0, false, #GP(0)",
    "2, 5, 0, false, -",
    "3, fff, 0, true, -",
    "4, 0, 0, true, #GP(0)"
  })
  void invpcid(String type, String pcid, String address, boolean pcide, String expected) {
    FakeMachine m = FakeMachine.long64();
    if (pcide) {
      m.cpu.cr4 |= Cr.CR4_PCIDE;
    }
    m.bus.write(0x500, 8, Long.parseLong(pcid, 16));
    m.bus.write(0x508, 8, Long.parseLong(address, 16));
    m.cpu.gpr[Reg.RAX] = Long.parseLong(type, 16);
    m.cpu.gpr[Reg.RBX] = 0x500;
    assertThat(m.outcome("66 0f 38 82 03")).isEqualTo(expected);
  }
}
