package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * When VEX-encoded instructions may run, which upper halves they keep, alignment, and faults in the
 * middle of an operand. {@link VexOracleTest} has the values.
 */
class VexAccessTest {
  private static final int DATA = 0x40000;
  private static final int UNMAPPED = 0x600000;

  private static final String VPXOR_YMM0_YMM1_YMM2 = "c5f5efc2";
  private static final String VADDSD_XMM0_XMM1_XMM2 = "c5f358c2";
  private static final String VZEROUPPER = "c5f877";

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  @BeforeEach
  void data() {
    c.cr4 |= Cr.CR4_OSXSAVE;
    c.xcr0 = 7;
    c.gpr[Reg.RAX] = DATA;
    for (int n = 0; n < 8; n++) {
      m.bus.write(DATA + 8L * n, 8, 0x1111111111111111L * (n + 1));
    }
    for (int n = 0; n < 64; n++) {
      c.vec[n] = lane(n);
    }
  }

  private static long lane(int n) {
    return 0x0101010101010101L * (n + 1);
  }

  private void unmap() {
    m.bus.write(FakeMachine.PAGE_TABLES + 0x2000 + 8 * (UNMAPPED >> 21), 8, 0);
    c.mmu.flushAll();
  }

  // ---- enabling

  @ParameterizedTest
  @ValueSource(strings = {VPXOR_YMM0_YMM1_YMM2, VADDSD_XMM0_XMM1_XMM2, VZEROUPPER})
  void withoutOsxsaveItIsUndefined(String code) {
    c.cr4 &= ~Cr.CR4_OSXSAVE;
    c.cr0 |= Cr.CR0_TS;
    assertThat(m.outcome(code)).isEqualTo("#UD");
  }

  @ParameterizedTest
  @CsvSource({"1,#UD", "3,#UD", "7,-"})
  void bothSseAndAvxStateMustBeOn(int xcr0, String outcome) {
    c.xcr0 = xcr0;
    assertThat(m.outcome(VPXOR_YMM0_YMM1_YMM2)).isEqualTo(outcome);
    assertThat(m.outcome(VADDSD_XMM0_XMM1_XMM2)).isEqualTo(outcome);
  }

  @ParameterizedTest
  @ValueSource(strings = {VPXOR_YMM0_YMM1_YMM2, VADDSD_XMM0_XMM1_XMM2, VZEROUPPER, "c5f8ae10"})
  void taskSwitchedRaisesNm(String code) {
    c.cr0 |= Cr.CR0_TS;
    assertThat(m.outcome(code)).isEqualTo("#NM");
  }

  @Test
  @DisplayName("CR0.EM and CR4.OSFXSR are for the legacy encodings")
  void emulationDoesNotCount() {
    c.cr0 |= Cr.CR0_EM;
    c.cr4 &= ~Cr.CR4_OSFXSR;
    assertThat(m.outcome(VPXOR_YMM0_YMM1_YMM2)).isEqualTo("-");
  }

  @ParameterizedTest
  @ValueSource(strings = {"66", "f2", "f3", "f0", "48"})
  void prefixesBeforeVexAreUndefined(String prefix) {
    assertThat(m.outcome(prefix + VPXOR_YMM0_YMM1_YMM2)).isEqualTo("#UD");
  }

  @ParameterizedTest
  @ValueSource(strings = {"402e", "4067", "4864", "3e"})
  @DisplayName("a REX that is not the last prefix counts for nothing, as on a Zen 4")
  void rexFartherAwayIsNoRex(String prefixes) {
    assertThat(m.outcome(prefixes + VPXOR_YMM0_YMM1_YMM2)).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    "c5f528c2", // vmovapd ymm0, ymm2 with vvvv
    "c4e27541c2", // vphminposuw of 256 bits
    "c4e37906c220", // vperm2f128 of 128 bits
    "c4e3fd06c220", // vperm2f128 with W
    "c5fdd6c2", // vmovq of 256 bits
    "c4e375db", // no such instruction
    "c4e87dc2" // map 8
  })
  void reservedFieldsAreUndefined(String code) {
    assertThat(m.outcome(code + "0000000000000000")).isEqualTo("#UD");
  }

  // ---- upper halves

  @Test
  @DisplayName("vpxor xmm0, xmm1, xmm2 clears bits 128 to 255, pxor xmm0, xmm1 keeps them")
  void upperHalf() {
    m.outcome("660fefc1");
    assertThat(c.vec[2]).isEqualTo(lane(2));
    assertThat(c.vec[3]).isEqualTo(lane(3));
    m.outcome("c5f1efc2");
    assertThat(c.vec[2]).isZero();
    assertThat(c.vec[3]).isZero();
  }

  @Test
  @DisplayName("vzeroupper clears the upper halves of all sixteen")
  void zeroUpper() {
    assertThat(m.outcome(VZEROUPPER)).isEqualTo("-");
    for (int r = 0; r < 16; r++) {
      assertThat(c.vec[4 * r + 1]).isEqualTo(lane(4 * r + 1));
      assertThat(c.vec[4 * r + 2]).isZero();
      assertThat(c.vec[4 * r + 3]).isZero();
    }
  }

  @Test
  @DisplayName("vzeroall outside 64-bit mode leaves registers 8 to 15")
  void zeroAll32() {
    FakeMachine p = FakeMachine.protected32();
    p.cpu.cr4 |= Cr.CR4_OSXSAVE;
    p.cpu.xcr0 = 7;
    p.cpu.vec[7 * 4 + 3] = 1;
    p.cpu.vec[8 * 4] = 1;
    assertThat(p.outcome("c5fc77")).isEqualTo("-");
    assertThat(p.cpu.vec[7 * 4 + 3]).isZero();
    assertThat(p.cpu.vec[8 * 4]).isEqualTo(1);
  }

  // ---- alignment

  @ParameterizedTest
  @CsvSource({
    "c5fc2800, 16, #GP(0)", // vmovaps ymm0, [rax]
    "c5f82800, 16, -", // vmovaps xmm0, [rax]
    "c5f82900, 8, #GP(0)", // vmovaps [rax], xmm0
    "c5fd7f00, 16, #GP(0)", // vmovdqa [rax], ymm0
    "c5fde700, 16, #GP(0)", // vmovntdq [rax], ymm0
    "c4e27d2a00, 16, #GP(0)", // vmovntdqa ymm0, [rax]
    "c5fc1000, 1, -", // vmovups ymm0, [rax]
    "c5f5ef00, 1, -", // vpxor ymm0, ymm1, [rax]
    "c5f45800, 1, -" // vaddps ymm0, ymm1, [rax]
  })
  void onlyTheAlignedMovesNeedAlignment(String code, int offset, String outcome) {
    c.gpr[Reg.RAX] = (long) DATA + offset;
    assertThat(m.outcome(code)).isEqualTo(outcome);
  }

  // ---- page faults

  @Test
  @DisplayName("vmovups [rax], ymm0 across the end of memory writes nothing")
  void splitStoreIsAllOrNothing() {
    unmap();
    c.gpr[Reg.RAX] = UNMAPPED - 24;
    m.bus.write(UNMAPPED - 24, 8, 42);
    assertThat(m.outcome("c5fc1100")).isEqualTo("#PF(2)@600000");
    assertThat(m.bus.read(UNMAPPED - 24, 8)).isEqualTo(42);
  }

  @Test
  @DisplayName("vmovups ymm0, [rax] across the end of memory changes nothing")
  void splitLoadIsAllOrNothing() {
    unmap();
    c.gpr[Reg.RAX] = UNMAPPED - 24;
    assertThat(m.outcome("c5fc1000")).isEqualTo("#PF(0)@600000");
    assertThat(c.vec[0]).isEqualTo(lane(0));
    assertThat(c.vec[3]).isEqualTo(lane(3));
  }

  @Test
  @DisplayName("vpmaskmovd ymm0, ymm1, [rax]: elements that are not selected cannot fault")
  void maskedLoad() {
    unmap();
    c.gpr[Reg.RAX] = UNMAPPED - 8;
    m.bus.write(UNMAPPED - 8, 8, 0x2222222233333333L);
    c.vec[4] = 0x8000000000000000L;
    c.vec[5] = 0;
    c.vec[6] = 0x7fffffff7fffffffL;
    c.vec[7] = 0;
    assertThat(m.outcome("c4e2758c00")).isEqualTo("-");
    assertThat(c.vec[0]).isEqualTo(0x2222222200000000L);
    assertThat(c.vec[1] | c.vec[2] | c.vec[3]).isZero();
    c.vec[5] = 0x80000000L;
    c.vec[0] = 5;
    assertThat(m.outcome("c4e2758c00")).isEqualTo("#PF(0)@600000");
    assertThat(c.vec[0]).isEqualTo(5);
  }

  @Test
  @DisplayName("vpmaskmovq [rax], ymm1, ymm0: a fault of one element stores none")
  void maskedStore() {
    unmap();
    c.gpr[Reg.RAX] = UNMAPPED - 16;
    m.bus.write(UNMAPPED - 16, 8, 1);
    m.bus.write(UNMAPPED - 8, 8, 2);
    c.vec[4] = -1;
    c.vec[5] = 0;
    c.vec[6] = 0;
    c.vec[7] = -1;
    assertThat(m.outcome("c4e2f58e00")).isEqualTo("#PF(2)@600008");
    assertThat(m.bus.read(UNMAPPED - 16, 8)).isEqualTo(1);
    c.vec[7] = 0;
    assertThat(m.outcome("c4e2f58e00")).isEqualTo("-");
    assertThat(m.bus.read(UNMAPPED - 16, 8)).isEqualTo(lane(0));
    assertThat(m.bus.read(UNMAPPED - 8, 8)).isEqualTo(2);
  }

  @Test
  @DisplayName("vpgatherdd ymm0, [rax+ymm2*4], ymm1: what came before the fault stays")
  void gatherProgress() {
    unmap();
    c.gpr[Reg.RAX] = UNMAPPED - 16;
    m.bus.write(UNMAPPED - 16, 8, 0x7766554433221100L);
    // Elements 0 and 2 are in memory, 1 is not selected, 3 faults, 4 would not.
    c.vec[8] = 0x0000000400000001L;
    c.vec[9] = 0x0000000400000000L;
    c.vec[10] = 0;
    c.vec[11] = 0;
    c.vec[4] = 0x0000000080000000L;
    c.vec[5] = 0x8000000080000000L;
    c.vec[6] = 0x0000000080000000L;
    c.vec[7] = 0;
    assertThat(m.outcome("c4e275900490")).isEqualTo("#PF(0)@600000");
    assertThat(c.vec[0]).isEqualTo(lane(0) & ~0xffffffffL | 0x77665544L);
    assertThat(c.vec[1]).isEqualTo(lane(1) & ~0xffffffffL | 0x33221100L);
    assertThat(c.vec[2]).isEqualTo(lane(2));
    assertThat(c.vec[4]).isZero();
    assertThat(c.vec[5]).isEqualTo(0x8000000000000000L);
    assertThat(c.vec[6]).isEqualTo(0x80000000L);
    c.vec[9] = 0;
    assertThat(m.outcome("c4e275900490")).isEqualTo("-");
    assertThat(c.vec[1]).isEqualTo(0x3322110033221100L);
    assertThat(c.vec[4] | c.vec[5] | c.vec[6] | c.vec[7]).isZero();
  }

  @Test
  @DisplayName("a gather whose destination is its mask or index is undefined")
  void gatherNeedsDifferentRegisters() {
    assertThat(m.outcome("c4e27d900490")).isEqualTo("#UD");
    assertThat(m.outcome("c4e275901490")).isEqualTo("#UD");
    assertThat(m.outcome("c4e26d900490")).isEqualTo("#UD");
  }

  // ---- floating-point exceptions

  @Test
  @DisplayName("vdivps ymm0, ymm1, ymm2: an unmasked exception of one lane stops all")
  void unmaskedException() {
    c.mxcsr = 0x1f80 & ~(1 << 9);
    for (int n = 0; n < 4; n++) {
      c.vec[4 + n] = 0x3f8000003f800000L;
      c.vec[8 + n] = 0x3f80000040400000L;
    }
    c.vec[11] = 0x3f800000L;
    assertThat(m.outcome("c5f45ec2")).isEqualTo("#XM");
    assertThat(c.vec[0]).isEqualTo(lane(0));
    assertThat(c.mxcsr & 0x3f)
        .as("ZE of the last lane only; the others were not computed")
        .isEqualTo(4);
  }

  @Test
  @DisplayName("vfmadd231sd xmm0, xmm1, xmm2 rounds once")
  void fusedMultiplyAdd() {
    double x = 1 + 0x1p-30;
    c.vec[0] = Double.doubleToRawLongBits(-(1 + 0x1p-29));
    c.vec[4] = Double.doubleToRawLongBits(x);
    c.vec[8] = Double.doubleToRawLongBits(x);
    c.mxcsr = 0x1f80;
    assertThat(m.outcome("c4e2f1b9c2")).isEqualTo("-");
    assertThat(Double.longBitsToDouble(c.vec[0])).isEqualTo(0x1p-60);
    assertThat(c.mxcsr).as("exact").isEqualTo(0x1f80);
    assertThat(c.vec[1]).isEqualTo(lane(1));
    assertThat(c.vec[2]).isZero();
  }
}
