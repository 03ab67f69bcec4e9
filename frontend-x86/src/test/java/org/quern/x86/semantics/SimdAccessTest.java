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

/** When MMX and SSE instructions may run, alignment, and faults that leave everything as it was. */
class SimdAccessTest {
  private static final int DATA = 0x40000;
  private static final int UNMAPPED = 0x600000;

  private static final String PADDB_MM0_MM1 = "0ffcc1";
  private static final String PXOR_XMM0_XMM1 = "660fefc1";
  private static final String ADDSD_XMM0_XMM1 = "f20f58c1";
  private static final String CVTPI2PS_XMM0_MM1 = "0f2ac1";

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  @BeforeEach
  void data() {
    c.gpr[Reg.RAX] = DATA;
    for (int n = 0; n < 8; n++) {
      m.bus.write(DATA + 8L * n, 8, 0x1111111111111111L * (n + 1));
      c.vec[n] = 0x0101010101010101L * (n + 1);
    }
  }

  // ---- enabling

  @ParameterizedTest
  @ValueSource(strings = {PADDB_MM0_MM1, PXOR_XMM0_XMM1, ADDSD_XMM0_XMM1, CVTPI2PS_XMM0_MM1})
  void taskSwitchedRaisesNm(String code) {
    c.cr0 |= Cr.CR0_TS;
    assertThat(m.outcome(code)).isEqualTo("#NM");
  }

  @ParameterizedTest
  @ValueSource(strings = {PADDB_MM0_MM1, PXOR_XMM0_XMM1, ADDSD_XMM0_XMM1, "0f77"})
  void emulationRaisesUdEvenIfTaskSwitched(String code) {
    c.cr0 |= Cr.CR0_EM | Cr.CR0_TS;
    assertThat(m.outcome(code)).isEqualTo("#UD");
  }

  @ParameterizedTest
  @CsvSource({PADDB_MM0_MM1 + ",-", PXOR_XMM0_XMM1 + ",#UD", ADDSD_XMM0_XMM1 + ",#UD"})
  void withoutOsfxsrOnlyMmxRuns(String code, String outcome) {
    c.cr4 &= ~Cr.CR4_OSFXSR;
    assertThat(m.outcome(code)).isEqualTo(outcome);
  }

  @ParameterizedTest
  @CsvSource({PADDB_MM0_MM1 + ",#MF", PXOR_XMM0_XMM1 + ",-", CVTPI2PS_XMM0_MM1 + ",#MF"})
  void pendingX87ExceptionStopsMmx(String code, String outcome) {
    c.fpu.status = 0x81;
    c.fpu.control = 0x37e;
    assertThat(m.outcome(code)).isEqualTo(outcome);
  }

  // ---- MMX and the x87 state

  @ParameterizedTest
  @ValueSource(strings = {"0f6ec0", "0f7ec0", "0fe700", "0fd7c0", "f30fd6c0", "660f2ac0", "0f2dc0"})
  void mmxInstructionsMakeAllRegistersValidAndTopZero(String code) {
    c.fpu.init();
    c.fpu.top = 5;
    assertThat(m.outcome(code)).isEqualTo("-");
    assertThat(c.fpu.top).isZero();
    assertThat(c.fpu.tag).isZero();
  }

  @Test
  @DisplayName("movd mm0, eax: the exponent part becomes all ones")
  void mmxWriteSetsExponent() {
    m.outcome("0f6ec0");
    assertThat(c.fpu.significand[0]).isEqualTo(DATA);
    assertThat(c.fpu.signExponent[0]).isEqualTo(0xffff);
  }

  @Test
  @DisplayName("cvtpi2pd xmm0, [rax] leaves the x87 state alone")
  void conversionFromMemoryIsNoMmxInstruction() {
    c.fpu.init();
    c.fpu.top = 5;
    c.fpu.status = 0x80;
    assertThat(m.outcome("660f2a00")).isEqualTo("-");
    assertThat(c.fpu.top).isEqualTo(5);
    assertThat(c.fpu.tag).isEqualTo(0xffff);
  }

  @Test
  @DisplayName("emms empties all registers")
  void emms() {
    c.fpu.top = 3;
    c.fpu.tag = 0;
    m.outcome("0f77");
    assertThat(c.fpu.tag).isEqualTo(0xffff);
    assertThat(c.fpu.top).isZero();
  }

  // ---- alignment

  @ParameterizedTest
  @ValueSource(
      strings = {"0f2800", "0f2900", "660f6f00", "660fe700", "660fef00", "0f5800", "0fc60000"})
  void sixteenByteOperandsMustBeAligned(String code) {
    c.gpr[Reg.RAX] = DATA + 8;
    assertThat(m.outcome(code)).isEqualTo("#GP(0)");
    c.gpr[Reg.RAX] = DATA;
    assertThat(m.outcome(code)).isEqualTo("-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0f1000", "0f1100", "f30f6f00", "f30f7f00", "f20f5800", "f30fe600", "0f1200"})
  void theseNeedNoAlignment(String code) {
    c.gpr[Reg.RAX] = DATA + 1;
    assertThat(m.outcome(code)).isEqualTo("-");
  }

  // ---- page faults

  private void unmap() {
    m.bus.write(FakeMachine.PAGE_TABLES + 0x2000 + 8 * (UNMAPPED >> 21), 8, 0);
    c.mmu.flushAll();
  }

  @Test
  @DisplayName("movups [rax], xmm0 across the end of memory writes nothing")
  void splitStoreIsAllOrNothing() {
    c.gpr[Reg.RAX] = UNMAPPED - 8;
    unmap();
    m.bus.write(UNMAPPED - 8, 8, 42);
    assertThat(m.outcome("0f1100")).isEqualTo("#PF(2)@600000");
    assertThat(m.bus.read(UNMAPPED - 8, 8)).isEqualTo(42);
  }

  @Test
  @DisplayName("movups xmm0, [rax] across the end of memory changes nothing")
  void splitLoadIsAllOrNothing() {
    c.gpr[Reg.RAX] = UNMAPPED - 8;
    unmap();
    long before = c.vec[0];
    assertThat(m.outcome("0f1000")).isEqualTo("#PF(0)@600000");
    assertThat(c.vec[0]).isEqualTo(before);
  }

  @Test
  @DisplayName("paddb mm0, [rax] that faults does not enter MMX state")
  void faultingMmxLoad() {
    c.fpu.init();
    c.fpu.top = 2;
    c.gpr[Reg.RAX] = UNMAPPED;
    unmap();
    assertThat(m.outcome("0ffc00")).isEqualTo("#PF(0)@600000");
    assertThat(c.fpu.top).isEqualTo(2);
    assertThat(c.fpu.tag).isEqualTo(0xffff);
  }

  @Test
  @DisplayName("maskmovdqu xmm0, xmm1 stores the marked bytes, and none if one faults")
  void maskmovdqu() {
    c.vec[4] = 0x80;
    c.vec[5] = 0x8000000000000000L;
    c.gpr[Reg.RDI] = DATA + 3;
    assertThat(m.outcome("660ff7c1")).isEqualTo("-");
    assertThat(m.bus.read(DATA + 3, 1)).isEqualTo(1);
    assertThat(m.bus.read(DATA + 4, 1)).isEqualTo(0x11);
    assertThat(m.bus.read(DATA + 18, 1)).isEqualTo(2);
    c.gpr[Reg.RDI] = UNMAPPED - 1;
    unmap();
    m.bus.write(UNMAPPED - 1, 1, 42);
    assertThat(m.outcome("660ff7c1")).isEqualTo("#PF(2)@60000e");
    assertThat(m.bus.read(UNMAPPED - 1, 1)).isEqualTo(42);
  }

  // ---- memory operands of unusual size

  @ParameterizedTest
  @CsvSource({
    "movss, f30f1000, 11111111, 0",
    "movsd, f20f1000, 1111111111111111, 0",
    "movq, f30f7e00, 1111111111111111, 0",
    "movd, 660f6e00, 11111111, 0",
    "movlps, 0f1200, 1111111111111111, 202020202020202",
    "movhps, 0f1600, 101010101010101, 1111111111111111",
    "punpckhqdq, 660f6d00, 202020202020202, 2222222222222222",
    "cvtdq2pd, f30fe600, 41b1111111000000, 41b1111111000000",
    "pinsrw 5, 660fc40005, 101010101010101, 202020211110202",
  })
  void loads(String title, String code, String low, String high) {
    assertThat(m.outcome(code)).isEqualTo("-");
    assertThat(Long.toHexString(c.vec[0])).as(title).isEqualTo(low);
    assertThat(Long.toHexString(c.vec[1])).as(title).isEqualTo(high);
  }

  @Test
  @DisplayName("movntps, movhps, movss to memory")
  void stores() {
    m.outcome("0f2b00");
    assertThat(m.bus.read(DATA, 8)).isEqualTo(0x0101010101010101L);
    assertThat(m.bus.read(DATA + 8, 8)).isEqualTo(0x0202020202020202L);
    m.outcome("0f1700");
    assertThat(m.bus.read(DATA, 8)).isEqualTo(0x0202020202020202L);
    m.outcome("f30f1100");
    assertThat(m.bus.read(DATA, 8)).isEqualTo(0x0202020201010101L);
  }

  // ---- numeric exceptions

  @ParameterizedTest
  @CsvSource({"true, #XM", "false, #UD"})
  void unmaskedExceptionLeavesTheDestination(boolean osxmmexcpt, String outcome) {
    c.cr4 = osxmmexcpt ? c.cr4 | Cr.CR4_OSXMMEXCPT : c.cr4 & ~Cr.CR4_OSXMMEXCPT;
    c.mxcsr = 0x1d80;
    c.vec[0] = Double.doubleToRawLongBits(1);
    c.vec[4] = 0;
    assertThat(m.outcome("f20f5ec1")).isEqualTo(outcome);
    assertThat(c.vec[0]).isEqualTo(Double.doubleToRawLongBits(1));
    assertThat(c.mxcsr).isEqualTo(0x1d84);
  }
}
