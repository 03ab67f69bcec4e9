package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class BitOpsTest {
  private final TestCpu t = TestCpu.long64();
  private final Cpu c = t.c;

  @ParameterizedTest(name = "bts [0x2000], {0}-bit register = {1}: byte {2} becomes {3}")
  @CsvSource({
    "16, 0, 2000, 1", "16, 15, 2001, 80", "16, 17, 2002, 2", "16, -1, 1fff, 80",
    "16, -16, 1ffe, 1", "16, 32767, 2fff, 80", "32, 100, 200c, 10", "32, -33, 1ffb, 80",
    "64, 4096, 2200, 1", "64, -64, 1ff8, 1"
  })
  void bitString(int bits, long n, String at, String value) {
    c.gpr[Reg.RBX] = n;
    String prefix = bits == 16 ? "66" : bits == 64 ? "48" : "";
    assertThat(t.exec(prefix + "0f ab 1c 25 00 20 00 00")).isEmpty();
    assertThat(c.cf()).isFalse();
    assertThat(t.read(Long.parseLong(at, 16), 1)).isEqualTo(Long.parseLong(value, 16));
    t.exec(prefix + "0f a3 1c 25 00 20 00 00");
    assertThat(c.cf()).isTrue();
    t.exec("f0" + prefix + "0f b3 1c 25 00 20 00 00");
    assertThat(c.cf()).isTrue();
    assertThat(t.read(Long.parseLong(at, 16), 1)).isZero();
    t.exec(prefix + "0f bb 1c 25 00 20 00 00");
    assertThat(c.cf()).isFalse();
    assertThat(t.read(Long.parseLong(at, 16), 1)).isEqualTo(Long.parseLong(value, 16));
  }

  @Test
  @DisplayName("bts [bx], ax with 16-bit addresses wraps inside the segment")
  void bitStringWraps() {
    TestCpu r = TestCpu.real();
    r.c.gpr[Reg.RBX] = 0xfffe;
    r.c.gpr[Reg.RAX] = 40;
    assertThat(r.exec("0f ab 07")).isEmpty();
    assertThat(r.read(0x0003 - 1, 2)).isEqualTo(0x100);
  }

  @Test
  @DisplayName("bt dword [0x2000], 37: an immediate stays inside the operand")
  void immediate() {
    t.write(0x2000, 8, 1L << 5);
    t.exec("0f ba 24 25 00 20 00 00 25");
    assertThat(c.cf()).isTrue();
  }

  @Test
  @DisplayName("bt eax, ebx keeps ZF and OF")
  void keepsOtherFlags() {
    c.setStatusFlags(RFlags.STATUS & ~RFlags.CF);
    c.gpr[Reg.RAX] = 1;
    c.gpr[Reg.RBX] = 32;
    t.exec("0f a3 d8");
    assertThat(t.flags()).isEqualTo("OSZAPC");
    c.gpr[Reg.RBX] = 1;
    t.exec("0f a3 d8");
    assertThat(t.flags()).isEqualTo("OSZAP");
  }

  @Test
  @DisplayName("bsf and bsr of zero leave all 64 bits of the destination")
  void scanOfZero() {
    c.gpr[Reg.RAX] = -1;
    c.gpr[Reg.RBX] = 0xffff_ffff_0000_0000L;
    t.exec("0f bc c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(-1);
    assertThat(c.zf()).isTrue();
    t.exec("0f bd c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(-1);
    t.exec("48 0f bc c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(32);
    assertThat(c.zf()).isFalse();
    t.exec("48 0f bd c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(63);
  }

  @Test
  @DisplayName("bsf eax, 1: bit 0 is found, ZF clear")
  void scanFindsBitZero() {
    c.gpr[Reg.RBX] = 1;
    t.exec("0f bc c3");
    assertThat(c.gpr[Reg.RAX]).isZero();
    assertThat(c.zf()).isFalse();
  }

  @Test
  @DisplayName("setg bl; setng [0x2000]")
  void setcc() {
    c.setStatusFlags(RFlags.SF | RFlags.OF);
    c.gpr[Reg.RBX] = 0xffff;
    t.exec("0f 9f c3");
    assertThat(c.gpr[Reg.RBX]).isEqualTo(0xff01);
    t.write(0x2000, 2, 0xffff);
    t.exec("0f 9e 04 25 00 20 00 00");
    assertThat(t.read(0x2000, 2)).isEqualTo(0xff00);
  }

  @Test
  @DisplayName("cmovz eax, ebx: a false condition still clears the upper half, cmovz ax does not")
  void cmovcc() {
    c.setStatusFlags(0);
    c.gpr[Reg.RAX] = -1;
    c.gpr[Reg.RBX] = 0x12345678;
    t.exec("66 0f 44 c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(-1);
    t.exec("0f 44 c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0xffffffffL);
    c.setStatusFlags(RFlags.ZF);
    t.exec("0f 44 c3");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x12345678);
  }

  @Test
  @DisplayName("cmovz eax, [rbx]: a false condition still faults")
  void cmovccReads() {
    c.setStatusFlags(0);
    c.gpr[Reg.RBX] = 1L << 60;
    assertThat(t.exec("0f 44 03")).isEqualTo("#GP(0)");
  }
}
