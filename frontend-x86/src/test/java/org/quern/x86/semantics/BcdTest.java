package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** {@link Bcd} by what decimal arithmetic means, not by the manual's pseudocode. */
class BcdTest {
  private final TestCpu t = TestCpu.protected32();
  private final Cpu c = t.c;

  private static int packed(int decimal) {
    return decimal / 10 % 10 << 4 | decimal % 10;
  }

  @Test
  @DisplayName("add al, bl; daa: all pairs of two-digit decimals")
  void decimalAddition() {
    for (int a = 0; a < 100; a++) {
      for (int b = 0; b < 100; b++) {
        c.gpr[Reg.RAX] = packed(a);
        c.gpr[Reg.RBX] = packed(b);
        t.exec("00 d8");
        t.exec("27");
        assertThat(c.gpr8(Reg.RAX)).isEqualTo(packed(a + b));
        assertThat(c.cf()).isEqualTo(a + b > 99);
        assertThat(c.zf()).isEqualTo((a + b) % 100 == 0);
      }
    }
  }

  @Test
  @DisplayName("sub al, bl; das: all pairs of two-digit decimals")
  void decimalSubtraction() {
    for (int a = 0; a < 100; a++) {
      for (int b = 0; b < 100; b++) {
        c.gpr[Reg.RAX] = packed(a);
        c.gpr[Reg.RBX] = packed(b);
        t.exec("28 d8");
        t.exec("2f");
        assertThat(c.gpr8(Reg.RAX)).isEqualTo(packed(a - b + 100));
        assertThat(c.cf()).isEqualTo(a < b);
      }
    }
  }

  @Test
  @DisplayName("add al, bl; aaa and sub al, bl; aas: all pairs of digits")
  void unpackedDigits() {
    for (int a = 0; a < 10; a++) {
      for (int b = 0; b < 10; b++) {
        c.gpr[Reg.RAX] = 0x500 | a;
        c.gpr[Reg.RBX] = b;
        t.exec("00 d8");
        t.exec("37");
        assertThat(c.gpr16(Reg.RAX)).isEqualTo((5 + (a + b) / 10) << 8 | (a + b) % 10);
        assertThat(c.cf()).isEqualTo(a + b > 9);
        assertThat(c.af()).isEqualTo(a + b > 9);

        c.gpr[Reg.RAX] = 0x500 | a;
        t.exec("28 d8");
        t.exec("3f");
        assertThat(c.gpr16(Reg.RAX)).isEqualTo((a < b ? 4 : 5) << 8 | (a - b + 10) % 10);
        assertThat(c.cf()).isEqualTo(a < b);
      }
    }
  }

  @Test
  @DisplayName("aam; aad: every byte in every base comes back")
  void splitAndJoin() {
    for (int base = 1; base < 256; base++) {
      for (int v = 0; v < 256; v++) {
        c.gpr[Reg.RAX] = 0xff00 | v;
        Bcd.aam(c, base);
        assertThat(c.gpr8h(Reg.RAX)).isEqualTo(v / base);
        assertThat(c.gpr8(Reg.RAX)).isEqualTo(v % base);
        Bcd.aad(c, base);
        assertThat(c.gpr16(Reg.RAX)).isEqualTo(v);
      }
    }
  }

  @Test
  @DisplayName("aam 0: #DE")
  void splitByZero() {
    assertThat(t.exec("d4 00")).isEqualTo("#DE");
  }

  @Test
  @DisplayName("salc: AL is 0 or ff by CF")
  void carryIntoAl() {
    c.gpr[Reg.RAX] = 0x1234;
    c.setStatusFlags(RFlags.CF);
    t.exec("d6");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x12ff);
    c.setStatusFlags(0);
    t.exec("d6");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x1200);
  }
}
