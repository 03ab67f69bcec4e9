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

class ExtendedStateTest {
  private static final int AREA = 0x40000;
  private static final String FXSAVE = "0fae00";
  private static final String FXSAVE64 = "480fae00";
  private static final String FXRSTOR = "0fae08";
  private static final String FXRSTOR64 = "480fae08";
  private static final String LDMXCSR = "0fae10";
  private static final String STMXCSR = "0fae18";
  private static final String XSAVE = "0fae20";
  private static final String XRSTOR = "0fae28";

  private final FakeMachine m = FakeMachine.long64();
  private final Cpu c = m.cpu;

  @BeforeEach
  void state() {
    c.cr4 |= Cr.CR4_OSXSAVE;
    c.xcr0 = 3;
    components(7);
    fill(c);
  }

  /** RBX is the address: EDX:EAX are the components. */
  private void components(long v) {
    c.gpr[Reg.RAX] = v & 0xffffffffL;
    c.gpr[Reg.RDX] = v >>> 32;
    c.gpr[Reg.RBX] = AREA;
  }

  private String at(String code) {
    return m.outcome(code.substring(0, code.length() - 2) + hex(code));
  }

  /** The ModRM byte with RBX instead of RAX as base. */
  private static String hex(String code) {
    int modrm = Integer.parseInt(code.substring(code.length() - 2), 16) | 3;
    return String.format("%02x", modrm);
  }

  private static void fill(Cpu c) {
    for (int n = 0; n < 8; n++) {
      c.fpu.significand[n] = 0x8000000000000000L + n;
      c.fpu.signExponent[n] = 0x3ff0 + n;
    }
    c.fpu.control = 0x27f;
    c.fpu.status = 0x4100;
    c.fpu.top = 6;
    c.fpu.tag = 0x0fff;
    c.fpu.opcode = 0x123;
    c.fpu.ip = 0x1234_5678_9abcL;
    c.fpu.cs = 0x33;
    c.fpu.dp = 0x7654_3210_fedcL;
    c.fpu.ds = 0x2b;
    for (int r = 0; r < 16; r++) {
      c.vec[r * 4] = r;
      c.vec[r * 4 + 1] = 0x100L + r;
    }
    c.mxcsr = 0x3fa1;
  }

  private static void wipe(Cpu c) {
    c.fpu.reset();
    for (int n = 0; n < 64; n++) {
      c.vec[n] = -1;
    }
    c.mxcsr = 0x1f80;
  }

  // ---- FXSAVE

  @Test
  @DisplayName("fxsave: layout of the area")
  void fxsaveLayout() {
    assertThat(at(FXSAVE)).isEqualTo("-");
    assertThat(m.bus.read(AREA, 2)).isEqualTo(0x27f);
    assertThat(m.bus.read(AREA + 2, 2)).isEqualTo(0x4100 | 6 << 11);
    assertThat(m.bus.read(AREA + 4, 2)).as("abridged tag").isEqualTo(0xc0);
    assertThat(m.bus.read(AREA + 6, 2)).isEqualTo(0x123);
    assertThat(m.bus.read(AREA + 8, 8)).isEqualTo(0x33_5678_9abcL);
    assertThat(m.bus.read(AREA + 16, 8)).isEqualTo(0x2b_3210_fedcL);
    assertThat(m.bus.read(AREA + 24, 4)).isEqualTo(0x3fa1);
    assertThat(m.bus.read(AREA + 28, 4)).isEqualTo(0xffff);
    assertThat(m.bus.read(AREA + 32, 8)).as("ST0 is R6").isEqualTo(0x8000000000000006L);
    assertThat(m.bus.read(AREA + 40, 8)).isEqualTo(0x3ff6);
    assertThat(m.bus.read(AREA + 64, 8)).as("ST2 is R0").isEqualTo(0x8000000000000000L);
    assertThat(m.bus.read(AREA + 160 + 16 * 15, 8)).isEqualTo(15);
    assertThat(m.bus.read(AREA + 168 + 16 * 15, 8)).isEqualTo(0x10f);
  }

  @Test
  @DisplayName("fxsave64: 64-bit pointers")
  void fxsave64Pointers() {
    at(FXSAVE64);
    assertThat(m.bus.read(AREA + 8, 8)).isEqualTo(0x1234_5678_9abcL);
    assertThat(m.bus.read(AREA + 16, 8)).isEqualTo(0x7654_3210_fedcL);
  }

  @Test
  @DisplayName("fxsave; fxrstor gives the state back")
  void fxsaveRoundTrip() {
    at(FXSAVE64);
    wipe(c);
    assertThat(at(FXRSTOR64)).isEqualTo("-");
    Cpu want = FakeMachine.long64().cpu;
    fill(want);
    assertThat(c.fpu.significand).isEqualTo(want.fpu.significand);
    assertThat(c.fpu.signExponent).isEqualTo(want.fpu.signExponent);
    assertThat(c.fpu.top).isEqualTo(6);
    assertThat(c.fpu.tag).isEqualTo(0x0fff);
    assertThat(c.fpu.control).isEqualTo(0x27f);
    assertThat(c.fpu.status).isEqualTo(0x4100);
    assertThat(c.fpu.ip).isEqualTo(want.fpu.ip);
    assertThat(c.fpu.dp).isEqualTo(want.fpu.dp);
    assertThat(c.fpu.opcode).isEqualTo(0x123);
    assertThat(c.mxcsr).isEqualTo(0x3fa1);
    for (int r = 0; r < 16; r++) {
      assertThat(c.vec[r * 4 + 1]).isEqualTo(0x100 + r);
      assertThat(c.vec[r * 4 + 2]).as("upper half stays").isEqualTo(-1);
    }
  }

  @Test
  @DisplayName("fxrstor: full tags follow the contents")
  void fxrstorTags() {
    c.fpu.top = 0;
    c.fpu.tag = 0xff00;
    c.fpu.significand[0] = 0;
    c.fpu.signExponent[0] = 0;
    c.fpu.signExponent[1] = 0x7fff;
    c.fpu.significand[2] = 1;
    at(FXSAVE);
    at(FXRSTOR);
    assertThat(c.fpu.tag).isEqualTo(0xff00 | 1 | 2 << 2 | 2 << 4);
  }

  @ParameterizedTest
  @CsvSource({"3e, 1, 8081", "3f, 1, 1", "3e, 8080, 0"})
  void fxrstorDerivesErrorSummary(String control, String status, String want) {
    at(FXSAVE);
    m.bus.write(AREA, 2, Integer.parseInt(control, 16));
    m.bus.write(AREA + 2, 2, Integer.parseInt(status, 16));
    at(FXRSTOR);
    assertThat(Integer.toHexString(c.fpu.status)).isEqualTo(want);
  }

  @Test
  @DisplayName("fxrstor with reserved MXCSR bits: #GP(0), nothing loaded")
  void fxrstorReservedMxcsr() {
    at(FXSAVE);
    m.bus.write(AREA + 24, 4, 0x1_1f80);
    wipe(c);
    assertThat(at(FXRSTOR)).isEqualTo("#GP(0)");
    assertThat(c.vec[0]).isEqualTo(-1);
    assertThat(c.fpu.control).isEqualTo(0x40);
  }

  @ParameterizedTest
  @ValueSource(strings = {FXSAVE, FXRSTOR})
  void fxsaveNeedsSixteenByteAlignment(String code) {
    c.gpr[Reg.RBX] = AREA + 8;
    assertThat(at(code)).isEqualTo("#GP(0)");
  }

  @ParameterizedTest
  @ValueSource(strings = {FXSAVE, FXRSTOR, LDMXCSR, STMXCSR, XSAVE, XRSTOR})
  void taskSwitchedRaisesNm(String code) {
    c.cr0 |= Cr.CR0_TS;
    assertThat(at(code)).isEqualTo("#NM");
  }

  @Test
  @DisplayName("fxsave in 32-bit mode leaves the places of XMM8 to XMM15 alone")
  void fxsave32() {
    FakeMachine p = FakeMachine.protected32();
    fill(p.cpu);
    p.cpu.gpr[Reg.RAX] = AREA;
    p.bus.write(AREA + 288, 8, 42);
    assertThat(p.outcome(FXSAVE)).isEqualTo("-");
    assertThat(p.bus.read(AREA + 160 + 16 * 7, 8)).isEqualTo(7);
    assertThat(p.bus.read(AREA + 288, 8)).isEqualTo(42);
  }

  // ---- MXCSR

  @Test
  @DisplayName("stmxcsr; ldmxcsr")
  void mxcsr() {
    assertThat(at(STMXCSR)).isEqualTo("-");
    assertThat(m.bus.read(AREA, 4)).isEqualTo(0x3fa1);
    c.mxcsr = 0x1f80;
    assertThat(at(LDMXCSR)).isEqualTo("-");
    assertThat(c.mxcsr).isEqualTo(0x3fa1);
  }

  @Test
  @DisplayName("ldmxcsr with a reserved bit: #GP(0)")
  void ldmxcsrReserved() {
    m.bus.write(AREA, 4, 0x1_0000);
    assertThat(at(LDMXCSR)).isEqualTo("#GP(0)");
    assertThat(c.mxcsr).isEqualTo(0x3fa1);
  }

  // ---- XSAVE

  @Test
  @DisplayName("xsave of SSE only: header merged, x87 part untouched")
  void xsaveSelects() {
    components(2);
    m.bus.write(AREA, 2, 42);
    m.bus.write(AREA + 512, 8, 0x5);
    assertThat(at(XSAVE)).isEqualTo("-");
    assertThat(m.bus.read(AREA, 2)).isEqualTo(42);
    assertThat(m.bus.read(AREA + 160 + 16, 8)).isEqualTo(1);
    assertThat(m.bus.read(AREA + 24, 4)).isEqualTo(0x3fa1);
    assertThat(m.bus.read(AREA + 512, 8)).isEqualTo(7);
  }

  @Test
  @DisplayName("xsave; xrstor gives the state back")
  void xsaveRoundTrip() {
    assertThat(at(XSAVE)).isEqualTo("-");
    assertThat(m.bus.read(AREA + 512, 8)).isEqualTo(3);
    wipe(c);
    assertThat(at(XRSTOR)).isEqualTo("-");
    assertThat(c.vec[15 * 4]).isEqualTo(15);
    assertThat(c.fpu.top).isEqualTo(6);
    assertThat(c.mxcsr).isEqualTo(0x3fa1);
  }

  @Test
  @DisplayName("xrstor of absent components: initial state, but MXCSR from memory")
  void xrstorInitializes() {
    at(XSAVE);
    m.bus.write(AREA + 512, 8, 0);
    m.bus.write(AREA + 24, 4, 0x5f80);
    assertThat(at(XRSTOR)).isEqualTo("-");
    assertThat(c.vec[4]).isZero();
    assertThat(c.fpu.control).isEqualTo(0x37f);
    assertThat(c.fpu.tag).isEqualTo(0xffff);
    assertThat(c.mxcsr).isEqualTo(0x5f80);
  }

  @Test
  @DisplayName("xrstor of x87 only leaves SSE and MXCSR")
  void xrstorSelects() {
    at(XSAVE);
    wipe(c);
    components(1);
    assertThat(at(XRSTOR)).isEqualTo("-");
    assertThat(c.vec[4]).isEqualTo(-1);
    assertThat(c.mxcsr).isEqualTo(0x1f80);
    assertThat(c.fpu.control).isEqualTo(0x27f);
  }

  @ParameterizedTest
  @CsvSource({"512, 4", "520, 1", "520, -9223372036854775808", "528, 1", "24, 65536"})
  void xrstorChecksItsArea(int offset, long value) {
    at(XSAVE);
    m.bus.write(AREA + offset, offset == 24 ? 4 : 8, value);
    wipe(c);
    assertThat(at(XRSTOR)).isEqualTo("#GP(0)");
    assertThat(c.vec[0]).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(strings = {XSAVE, XRSTOR})
  void xsaveNeedsItsBitInCr4AndAlignment(String code) {
    c.gpr[Reg.RBX] = AREA + 16;
    assertThat(at(code)).isEqualTo("#GP(0)");
    c.cr4 &= ~Cr.CR4_OSXSAVE;
    assertThat(at(code)).isEqualTo("#UD");
  }
}
