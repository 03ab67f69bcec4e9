package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Fpu;
import org.quern.x86.state.Reg;

/** FNSTENV, FLDENV, FNSAVE and FRSTOR, and what the other instructions leave for them. */
class X87EnvironmentTest {
  private static final int BUFFER = 0x30000;

  private static FakeMachine protected32() {
    return at(FakeMachine.protected32());
  }

  private static FakeMachine at(FakeMachine m) {
    m.cpu.gpr[Reg.RBX] = BUFFER;
    known(m.cpu.fpu);
    return m;
  }

  /** TOP 6, ST(0) = 1.5, ST(1) = 0, all others empty; pointers that tell the layouts apart. */
  private static void known(Fpu f) {
    f.init();
    f.control = 0x027f;
    f.status = 0x4123;
    f.top = 6;
    f.tag = 0x0fff;
    f.signExponent[6] = 0x3fff;
    f.significand[6] = 0xc000000000000000L;
    f.signExponent[7] = 0;
    f.significand[7] = 0;
    f.opcode = 0x5d9;
    f.ip = 0x12345;
    f.cs = 8;
    f.dp = 0x67890;
    f.ds = 16;
  }

  private static String words(FakeMachine m, int bytes) {
    StringBuilder s = new StringBuilder();
    for (int k = 0; k < bytes; k += 2) {
      s.append(String.format(" %04x", m.bus.read(BUFFER + k, 2)));
    }
    return s.substring(1);
  }

  // ---- layouts. SDM vol. 1, figures 8-9 to 8-12

  @Test
  @DisplayName("fnstenv [ebx] in protected mode, 32 bits")
  void protectedMode32() {
    FakeMachine m = protected32().exec("d933");
    assertThat(words(m, 28))
        .isEqualTo("027f ffff 7123 ffff 4fff ffff 2345 0001 0008 05d9 7890 0006 0010 ffff");
  }

  @Test
  @DisplayName("fnstenv [ebx] in protected mode, 16 bits")
  void protectedMode16() {
    FakeMachine m = protected32().exec("66d933");
    assertThat(words(m, 16)).isEqualTo("027f 7123 4fff 2345 0008 7890 0010 0000");
  }

  private static FakeMachine real() {
    FakeMachine m = at(FakeMachine.real());
    m.cpu.gpr[Reg.RBX] = 0;
    m.cpu.seg[Reg.DS].selector = BUFFER >> 4;
    m.cpu.seg[Reg.DS].base = BUFFER;
    // Linear addresses 0x12345 and 0x67890.
    m.cpu.fpu.cs = 0x1230;
    m.cpu.fpu.ip = 0x45;
    m.cpu.fpu.ds = 0x6000;
    m.cpu.fpu.dp = 0x7890;
    return m;
  }

  @Test
  @DisplayName("fnstenv [bx] in real mode, 16 bits")
  void realMode16() {
    FakeMachine m = real().exec("d937");
    assertThat(words(m, 16)).isEqualTo("027f 7123 4fff 2345 15d9 7890 6000 0000");
  }

  @Test
  @DisplayName("fnstenv [bx] in real mode, 32 bits")
  void realMode32() {
    FakeMachine m = real().exec("66d937");
    assertThat(words(m, 28))
        .isEqualTo("027f ffff 7123 ffff 4fff ffff 2345 ffff 15d9 0000 7890 ffff 6000 0000");
  }

  @Test
  @DisplayName("fnstenv in virtual-8086 mode has the layout of real mode")
  void virtual8086() {
    FakeMachine m = at(FakeMachine.protected32()).v86(3);
    m.cpu.gpr[Reg.RBX] = 0;
    m.cpu.seg[Reg.DS].base = BUFFER;
    m.cpu.fpu.cs = 0x1230;
    m.cpu.fpu.ip = 0x45;
    assertThat(words(m.exec("d937"), 10)).isEqualTo("027f 7123 4fff 2345 15d9");
  }

  @ParameterizedTest
  @ValueSource(strings = {"d933 d923", "66d933 66d923"})
  @DisplayName("fldenv takes back what fnstenv stored")
  void roundTrip(String code) {
    FakeMachine m = protected32();
    Fpu f = m.cpu.fpu;
    boolean wide = !code.startsWith("66");
    String[] insn = code.split(" ");
    m.exec(insn[0]);
    f.init();
    m.exec(insn[1]);
    assertThat(m.delivered).isEmpty();
    assertThat(f.control).isEqualTo(0x027f);
    assertThat(f.status).isEqualTo(0x4123);
    assertThat(f.top).isEqualTo(6);
    assertThat(ExtendedState.abridged(f.tag)).isEqualTo(0xc0);
    assertThat(f.ip).isEqualTo(wide ? 0x12345 : 0x2345);
    assertThat(f.cs).isEqualTo(8);
    assertThat(f.dp).isEqualTo(wide ? 0x67890 : 0x7890);
    assertThat(f.ds).isEqualTo(16);
    assertThat(f.opcode).isEqualTo(wide ? 0x5d9 : 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"d937 d927", "66d937 66d927"})
  @DisplayName("fldenv in real mode takes back linear addresses")
  void roundTripReal(String code) {
    FakeMachine m = real();
    String[] insn = code.split(" ");
    m.exec(insn[0]);
    m.cpu.fpu.init();
    m.exec(insn[1]);
    assertThat(m.cpu.fpu.ip).isEqualTo(0x12345);
    assertThat(m.cpu.fpu.dp).isEqualTo(0x67890);
    assertThat(m.cpu.fpu.opcode).isEqualTo(0x5d9);
  }

  // ---- control, status, tags

  @Test
  @DisplayName("fnstenv masks all exceptions")
  void fnstenvMasks() {
    FakeMachine m = protected32();
    m.cpu.fpu.control = 0x37b;
    m.cpu.fpu.status = 0x8084;
    m.exec("d933");
    assertThat(m.bus.read(BUFFER, 2)).isEqualTo(0x37b);
    assertThat(m.cpu.fpu.control).isEqualTo(0x37f);
    assertThat(m.cpu.fpu.status).isEqualTo(0x0004);
  }

  @Test
  @DisplayName("fldenv keeps only whether a register is empty; fnstenv stores the tag of its value")
  void tagsFollowContents() {
    FakeMachine m = protected32().exec("d933");
    m.bus.write(BUFFER + 8, 2, 0x1fff);
    m.exec("d923").exec("d933");
    assertThat(m.bus.read(BUFFER + 8, 2)).isEqualTo(0x4fff);
  }

  @Test
  @DisplayName("fldenv ignores ES of the image and reserved bits of the control word")
  void reservedBits() {
    FakeMachine m = protected32().exec("d933");
    m.bus.write(BUFFER, 2, 0xff3f);
    m.bus.write(BUFFER + 4, 2, 0xb084);
    m.exec("d923");
    assertThat(m.cpu.fpu.control).isEqualTo(0x1f7f);
    assertThat(m.cpu.fpu.status).isEqualTo(0x0004);
  }

  @Test
  @DisplayName("fldenv of an unmasked exception makes it pending")
  void fldenvUnmasks() {
    FakeMachine m = protected32().exec("d933");
    m.bus.write(BUFFER, 2, 0x37b);
    m.bus.write(BUFFER + 4, 2, 0x0004);
    assertThat(m.outcome("d923")).isEqualTo("-");
    assertThat(m.cpu.fpu.status).isEqualTo(0x8084);
    assertThat(m.outcome("d9e8")).isEqualTo("#MF");
  }

  // ---- FNSAVE, FRSTOR

  @Test
  @DisplayName("fnsave stores the registers from ST(0) on, then does fninit")
  void fnsave() {
    FakeMachine m = protected32().exec("dd33");
    assertThat(words(m, 28))
        .isEqualTo("027f ffff 7123 ffff 4fff ffff 2345 0001 0008 05d9 7890 0006 0010 ffff");
    assertThat(m.bus.read(BUFFER + 28, 8)).isEqualTo(0xc000000000000000L);
    assertThat(m.bus.read(BUFFER + 36, 2)).isEqualTo(0x3fff);
    assertThat(m.cpu.fpu.control).isEqualTo(0x37f);
    assertThat(m.cpu.fpu.tag).isEqualTo(0xffff);
    assertThat(m.cpu.fpu.top).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"dd33 dd23", "66dd33 66dd23"})
  @DisplayName("frstor takes back what fnsave stored")
  void frstor(String code) {
    FakeMachine m = protected32();
    Fpu f = m.cpu.fpu;
    for (int r = 0; r < 8; r++) {
      f.significand[r] = 0x8123456789abcde0L + r;
      f.signExponent[r] = 0xc000 + r;
    }
    String[] insn = code.split(" ");
    m.exec(insn[0]);
    Arrays.fill(f.significand, 0);
    Arrays.fill(f.signExponent, 0);
    m.exec(insn[1]);
    for (int r = 0; r < 8; r++) {
      assertThat(f.significand[r]).isEqualTo(0x8123456789abcde0L + r);
      assertThat(f.signExponent[r]).isEqualTo(0xc000 + r);
    }
    assertThat(f.top).isEqualTo(6);
  }

  // ---- pointers

  @Test
  @DisplayName("fadd qword [ebx+8] is remembered with its prefix, opcode and operand")
  void pointersOfMemoryForm() {
    FakeMachine m = protected32();
    m.exec("3edc4308");
    Fpu f = m.cpu.fpu;
    assertThat(f.ip).isEqualTo(FakeMachine.CODE);
    assertThat(f.cs).isEqualTo(FakeMachine.CODE32);
    assertThat(f.opcode).isEqualTo(0x443);
    assertThat(f.dp).isEqualTo(BUFFER + 8);
    assertThat(f.ds).isEqualTo(FakeMachine.DATA);
  }

  @Test
  @DisplayName("fadd st0, st1 leaves the operand pointer alone")
  void pointersOfRegisterForm() {
    FakeMachine m = protected32().exec("d8c1");
    assertThat(m.cpu.fpu.opcode).isEqualTo(0x0c1);
    assertThat(m.cpu.fpu.dp).isEqualTo(0x67890);
  }

  @ParameterizedTest
  @ValueSource(strings = {"dbe2", "d92b", "d93b", "dd3b", "dfe0", "9b"})
  @DisplayName("control instructions do not count as the last instruction")
  void controlInstructions(String code) {
    FakeMachine m = protected32();
    m.bus.write(BUFFER, HexFormat.of().parseHex("7f03"));
    m.exec(code);
    assertThat(m.delivered).isEmpty();
    assertThat(m.cpu.fpu.ip).isEqualTo(0x12345);
    assertThat(m.cpu.fpu.dp).isEqualTo(0x67890);
    assertThat(m.cpu.fpu.opcode).isEqualTo(0x5d9);
  }
}
