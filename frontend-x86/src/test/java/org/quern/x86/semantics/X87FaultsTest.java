package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Fpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** When x87 instructions fault, and that a fault leaves the x87 state as it was. */
class X87FaultsTest {
  /** Not mapped; what lies below is. */
  private static final int HOLE = 0x200000;

  private static FakeMachine machine() {
    FakeMachine m = FakeMachine.long64();
    m.bus.write(FakeMachine.PAGE_TABLES + 0x2000 + 8, 8, 0);
    m.cpu.mmu.flushAll();
    m.cpu.gpr[Reg.RBX] = FakeMachine.STACK0;
    Fpu f = m.cpu.fpu;
    f.init();
    f.top = 7;
    f.tag = 0x3fff;
    f.signExponent[7] = 0x3fff;
    f.significand[7] = 0xc000000000000000L;
    return m;
  }

  private static final String WAITING = "d9e8";

  // ---- availability

  @ParameterizedTest
  @ValueSource(strings = {"d9e8", "d8c1", "dd03", "dd1b", "d93b", "dbe3", "dfe0", "dd33", "d9d0"})
  @DisplayName("x87 instructions with CR0.TS or CR0.EM raise #NM")
  void notAvailable(String code) {
    FakeMachine m = machine();
    m.cpu.cr0 |= Cr.CR0_TS;
    assertThat(m.outcome(code)).isEqualTo("#NM");
    m.cpu.cr0 = m.cpu.cr0 & ~Cr.CR0_TS | Cr.CR0_EM;
    assertThat(m.outcome(code)).isEqualTo("#NM");
  }

  @Test
  @DisplayName("fwait raises #NM for CR0.TS only with CR0.MP")
  void fwait() {
    FakeMachine m = machine();
    m.cpu.cr0 |= Cr.CR0_TS;
    m.cpu.cr0 &= ~Cr.CR0_MP;
    assertThat(m.outcome("9b")).isEqualTo("-");
    m.cpu.cr0 |= Cr.CR0_MP;
    assertThat(m.outcome("9b")).isEqualTo("#NM");
  }

  // ---- pending exceptions

  @Test
  @DisplayName(
      "an unmasked zero-divide leaves the operands, and #MF comes with the next instruction")
  void exceptionIsDeferred() {
    FakeMachine m = machine();
    m.cpu.fpu.control = 0x37b;
    m.exec("d9ee");
    // fdivp st1, st0: 1.5 / 0
    assertThat(m.outcome("def9")).isEqualTo("-");
    assertThat(m.cpu.fpu.top).isEqualTo(6);
    assertThat(m.cpu.fpu.significand[7]).isEqualTo(0xc000000000000000L);
    assertThat(m.cpu.fpu.status & 0x8084).isEqualTo(0x8084);
    long next = m.cpu.rip;
    assertThat(m.outcome(WAITING)).isEqualTo("#MF");
    assertThat(m.cpu.rip).isEqualTo(next);
  }

  @ParameterizedTest
  @CsvSource({
    "d9e8, #MF", "dd1b, #MF", "d92b, #MF", "d923, #MF", "9b, #MF", "0f6fc1, #MF", "d9d0, #MF",
    "dbe3, -", "dbe2, -", "d93b, -", "dd3b, -", "dfe0, -", "d933, -", "dd33, -",
  })
  @DisplayName("instructions that wait raise a pending #MF, the others do not")
  void waiting(String code, String outcome) {
    FakeMachine m = machine();
    m.cpu.fpu.control = 0x37b;
    m.cpu.fpu.status = 0x8084;
    assertThat(m.outcome(code)).isEqualTo(outcome);
  }

  @Test
  @DisplayName("fldcw that unmasks an exception makes it pending")
  void fldcwUnmasks() {
    FakeMachine m = machine();
    m.cpu.fpu.status = 4;
    m.bus.write(FakeMachine.STACK0, 2, 0x37b);
    assertThat(m.outcome("d92b")).isEqualTo("-");
    assertThat(m.outcome(WAITING)).isEqualTo("#MF");
  }

  // ---- memory faults

  @ParameterizedTest
  @CsvSource({
    "dd1b, 0, 2",
    "dd1b, -4, 2",
    "d91b, 0, 2",
    "db3b, -8, 2",
    "df33, -8, 2",
    "df3b, -1, 2",
    "dd13, 0, 2",
    "dd33, -28, 2",
    "d933, -24, 2",
    "66dd33, -90, 2",
    "dd03, 0, 0",
    "dd03, -4, 0",
    "db2b, -8, 0",
    "df23, -8, 0",
    "df2b, -1, 0",
    "dc03, -2, 0",
    "d923, -24, 0",
    "dd23, -28, 0",
    "d81b, 0, 0",
    "d92b, -1, 0",
  })
  @DisplayName("a page fault on the operand changes nothing")
  void pageFault(String code, int offset, String error) {
    FakeMachine m = machine();
    m.cpu.gpr[Reg.RBX] = (long) HOLE + offset;
    m.bus.write(HOLE - 128, new byte[128]);
    Fpu before = new Fpu();
    before.copyFrom(m.cpu.fpu);
    assertThat(m.outcome(code)).isEqualTo("#PF(" + error + ")@200000");
    assertThat(m.cpu.fpu).usingRecursiveComparison().isEqualTo(before);
    assertThat(m.bus.read(HOLE - 8, 8)).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "db2b, 8, -",
    "db2b, 4, #AC(0)",
    "db3b, 8, -",
    "db3b, 4, #AC(0)",
    "dd33, 4, -",
    "dd33, 2, #AC(0)",
    "66dd33, 2, -",
    "66dd33, 1, #AC(0)",
    "dd23, 4, -",
    "66dd23, 2, -",
  })
  @DisplayName("alignment checks: 8 bytes for m80, the slot for an environment")
  void alignment(String code, int offset, String outcome) {
    FakeMachine m = machine().user();
    m.cpu.cr0 |= Cr.CR0_AM;
    m.cpu.setSystemFlags(m.cpu.eflags | RFlags.AC);
    m.cpu.gpr[Reg.RBX] = (long) FakeMachine.STACK0 + offset;
    assertThat(m.outcome(code)).isEqualTo(outcome);
  }

  @Test
  @DisplayName("fstp qword with an unmasked overflow stores nothing, but checks its memory (Zen 4)")
  void suppressedStore() {
    FakeMachine m = machine();
    m.cpu.fpu.control = 0x377;
    m.cpu.fpu.signExponent[7] = 0x7ffe;
    m.cpu.gpr[Reg.RBX] = HOLE;
    assertThat(m.outcome("dd1b")).isEqualTo("#PF(2)@200000");
    assertThat(m.cpu.fpu.status & 0x8088).isZero();
    m.cpu.gpr[Reg.RBX] = HOLE - 8;
    m.bus.write(HOLE - 8, new byte[8]);
    assertThat(m.outcome("dd1b")).isEqualTo("-");
    assertThat(m.cpu.fpu.status & 0x8088).isEqualTo(0x8088);
    assertThat(m.cpu.fpu.top).isEqualTo(7);
    assertThat(m.bus.read(HOLE - 8, 8)).isZero();
  }

  // ---- MMX

  @Test
  @DisplayName("an MMX register read as x87 is a NaN; fld into the full stack overflows")
  void mmxAlias() {
    FakeMachine m = machine();
    m.cpu.gpr[Reg.RAX] = 5;
    // movd mm0, eax; fxam; fld1
    m.exec("0f6ec0").exec("d9e5");
    assertThat(m.cpu.fpu.status & 0x4700).isEqualTo(0x0200);
    m.exec("d9e8");
    assertThat(m.cpu.fpu.status & 0x241).isEqualTo(0x241);
  }
}
