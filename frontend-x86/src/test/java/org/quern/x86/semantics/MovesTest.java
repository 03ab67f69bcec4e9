package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class MovesTest {
  private final TestCpu t = TestCpu.long64();
  private final Cpu c = t.c;

  @Test
  @DisplayName("mov eax, ebx clears the upper half; mov ax, bx and mov al, bl keep it")
  void widths() {
    c.gpr[Reg.RAX] = -1;
    c.gpr[Reg.RBX] = 0x1122334455667788L;
    t.exec("88 d8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffffffffffffff88L);
    t.exec("66 89 d8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffffffffffff7788L);
    t.exec("89 d8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x55667788);
  }

  @Test
  @DisplayName("mov ah, bl; with REX: mov spl, bl")
  void highBytes() {
    c.gpr[Reg.RAX] = 0;
    c.gpr[Reg.RSP] = 0x8000;
    c.gpr[Reg.RBX] = 0x55;
    t.exec("88 dc");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x5500);
    t.exec("40 88 dc");
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8055);
  }

  @Test
  @DisplayName("mov rax, imm32 is sign-extended, mov rax, imm64 whole")
  void immediates() {
    t.exec("48 c7 c0 ff ff ff ff");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(-1);
    t.exec("48 b8 88 77 66 55 44 33 22 11");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x1122334455667788L);
  }

  @Test
  @DisplayName("mov [0x2000], rax; mov eax, moffs64")
  void memory() {
    c.gpr[Reg.RAX] = 0x1122334455667788L;
    t.exec("48 89 04 25 00 20 00 00");
    assertThat(t.read(0x2000, 8)).isEqualTo(0x1122334455667788L);
    t.exec("a1 04 20 00 00 00 00 00 00");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x11223344);
  }

  @Test
  @DisplayName("mov eax, [rip+0x10] counts from the next instruction")
  void ripRelative() {
    t.write(TestCpu.CODE + 6 + 0x10, 4, 0xcafe);
    t.exec("8b 05 10 00 00 00");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xcafe);
  }

  @Test
  @DisplayName("movzx, movsx, movsxd")
  void extensions() {
    c.gpr[Reg.RBX] = 0x80008080L;
    c.gpr[Reg.RAX] = -1;
    t.exec("0f b6 c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x80);
    t.exec("66 0f be c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xff80);
    t.exec("0f bf c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffff8080L);
    t.exec("48 63 c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffffffff80008080L);
  }

  @Test
  @DisplayName("movzx eax, bh")
  void extensionOfHighByte() {
    c.gpr[Reg.RBX] = 0x1234;
    t.exec("0f b6 c7");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x12);
  }

  @Test
  @DisplayName("lea by address size and operand size; no memory is touched")
  void lea() {
    c.gpr[Reg.RBX] = 0xffff_ffff_ffffL;
    c.gpr[Reg.RCX] = 0x10;
    assertThat(t.exec("48 8d 44 8b 01")).isEmpty();
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x1_0000_0000_0040L);
    t.exec("8d 44 8b 01");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x40);
    t.exec("67 48 8d 03");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffffffffL);
  }

  @Test
  @DisplayName("xlat; with a segment override")
  void xlat() {
    c.gpr[Reg.RBX] = 0x2000;
    c.gpr[Reg.RAX] = 0xff05;
    t.write(0x2005, 1, 0x77);
    t.exec("d7");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xff77);
    c.seg[Reg.FS].base = 0x100;
    c.gpr[Reg.RAX] = 0;
    t.write(0x2100, 1, 0x66);
    t.exec("64 d7");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x66);
  }

  @Test
  @DisplayName("lahf; sahf keeps OF")
  void flagsThroughAh() {
    c.setStatusFlags(RFlags.STATUS);
    c.gpr[Reg.RAX] = 0;
    t.exec("9f");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xd700);
    c.gpr[Reg.RAX] = 0x2800;
    t.exec("9e");
    assertThat(t.flags()).isEqualTo("O");
    c.gpr[Reg.RAX] = 0xff00;
    t.exec("9e");
    assertThat(t.flags()).isEqualTo("OSZAPC");
  }

  @Test
  @DisplayName("cbw, cwde, cdqe; cwd, cdq, cqo")
  void signExtensions() {
    c.gpr[Reg.RAX] = 0x1111111111111180L;
    t.exec("66 98");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x111111111111ff80L);
    t.exec("98");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffffff80L);
    t.exec("48 98");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(-128);
    c.gpr[Reg.RDX] = 0x1111111111111111L;
    t.exec("66 99");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(0x111111111111ffffL);
    t.exec("99");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(0xffffffffL);
    t.exec("48 99");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(-1);
  }

  @Test
  @DisplayName("bswap eax, rax; bswap ax clears it")
  void bswap() {
    c.gpr[Reg.RAX] = 0x1122334455667788L;
    t.exec("66 0f c8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x1122334455660000L);
    c.gpr[Reg.RAX] = 0x1122334455667788L;
    t.exec("48 0f c8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x8877665544332211L);
    t.exec("0f c8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x11223344);
  }

  @Test
  @DisplayName("movnti [0x2000], rbx")
  void nonTemporal() {
    c.gpr[Reg.RBX] = 0x1122334455667788L;
    t.exec("48 0f c3 1c 25 00 20 00 00");
    assertThat(t.read(0x2000, 8)).isEqualTo(0x1122334455667788L);
  }

  @Test
  @DisplayName("mov eax, [rbx]: non-canonical is #GP(0), through SS #SS(0)")
  void nonCanonical() {
    c.gpr[Reg.RBX] = 1L << 47;
    c.gpr[Reg.RBP] = 1L << 47;
    assertThat(t.exec("8b 03")).isEqualTo("#GP(0)");
    assertThat(t.exec("8b 45 00")).isEqualTo("#SS(0)");
  }

  @Test
  @DisplayName("mov [ebx], eax at the limit of DS: #GP(0) and nothing written")
  void limit() {
    TestCpu p = TestCpu.protected32();
    p.c.seg[Reg.DS].limit = 0x2002;
    p.c.gpr[Reg.RAX] = -1;
    p.c.gpr[Reg.RBX] = 0x2000;
    assertThat(p.exec("89 03")).isEqualTo("#GP(0)");
    assertThat(p.read(0x2000, 4)).isZero();
    assertThat(p.exec("66 89 03")).isEmpty();
  }
}
