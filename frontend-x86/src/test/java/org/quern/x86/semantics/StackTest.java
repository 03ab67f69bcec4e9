package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

class StackTest {
  @Nested
  class In64BitMode {
    private final TestCpu t = TestCpu.long64();
    private final Cpu c = t.c;

    @Test
    @DisplayName("push rax; pop rbx; push and pop of 16 bits")
    void pushPop() {
      c.gpr[Reg.RAX] = 0x1122334455667788L;
      t.exec("50");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7ff8);
      assertThat(t.read(0x7ff8, 8)).isEqualTo(0x1122334455667788L);
      t.exec("5b");
      assertThat(c.gpr[Reg.RBX]).isEqualTo(0x1122334455667788L);
      t.exec("66 50");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7ffe);
      t.exec("66 59");
      assertThat(c.gpr[Reg.RCX]).isEqualTo(0x7788);
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
    }

    @Test
    @DisplayName("push -1; push imm32: sign-extended to 64 bits")
    void pushImmediate() {
      t.exec("6a ff");
      assertThat(t.read(0x7ff8, 8)).isEqualTo(-1);
      t.exec("68 00 00 00 80");
      assertThat(t.read(0x7ff0, 8)).isEqualTo(0xffffffff80000000L);
    }

    @Test
    @DisplayName("push rsp pushes the old value; pop rsp loads the popped one")
    void stackPointerItself() {
      t.exec("54");
      assertThat(t.read(0x7ff8, 8)).isEqualTo(0x8000);
      t.exec("5c");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
    }

    @Test
    @DisplayName("pop [rsp+8] addresses with the incremented RSP")
    void popToStack() {
      t.write(0x8000, 8, 42);
      t.exec("8f 44 24 08");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8008);
      assertThat(t.read(0x8010, 8)).isEqualTo(42);
    }

    @Test
    @DisplayName("pop [rbx] that faults leaves RSP")
    void popFaults() {
      c.gpr[Reg.RBX] = 1L << 62;
      assertThat(t.exec("8f 03")).isEqualTo("#GP(0)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
    }

    @Test
    @DisplayName("push rax with a non-canonical RSP: #SS(0)")
    void nonCanonical() {
      c.gpr[Reg.RSP] = 0x8000_0000_0004L + 4;
      assertThat(t.exec("50")).isEqualTo("#SS(0)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000_0000_0008L);
    }

    @Test
    @DisplayName("enter 0x20, 0; leave")
    void frame() {
      c.gpr[Reg.RBP] = 0x1234;
      assertThat(t.exec("c8 20 00 00")).isEmpty();
      assertThat(c.gpr[Reg.RBP]).isEqualTo(0x7ff8);
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7fd8);
      assertThat(t.read(0x7ff8, 8)).isEqualTo(0x1234);
      t.exec("c9");
      assertThat(c.gpr[Reg.RBP]).isEqualTo(0x1234);
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
    }

    @Test
    @DisplayName("enter 8, 3 copies two frame pointers and adds its own")
    void nestedFrame() {
      c.gpr[Reg.RBP] = 0x9000;
      t.write(0x9000 - 8, 8, 0xaaaa);
      t.write(0x9000 - 16, 8, 0xbbbb);
      t.exec("c8 08 00 03");
      assertThat(t.read(0x7ff8, 8)).isEqualTo(0x9000);
      assertThat(t.read(0x7ff0, 8)).isEqualTo(0xaaaa);
      assertThat(t.read(0x7fe8, 8)).isEqualTo(0xbbbb);
      assertThat(t.read(0x7fe0, 8)).isEqualTo(0x7ff8);
      assertThat(c.gpr[Reg.RBP]).isEqualTo(0x7ff8);
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7fd8);
    }
  }

  @Nested
  class In32BitMode {
    private final TestCpu t = TestCpu.protected32();
    private final Cpu c = t.c;

    @Test
    @DisplayName("pusha; popa: ESP is pushed as it was and skipped")
    void all() {
      for (int r = 0; r < 8; r++) {
        c.gpr[r] = r == Reg.RSP ? 0x8000 : 0x1000 + r;
      }
      t.exec("60");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7fe0);
      for (int r = 0; r < 8; r++) {
        assertThat(t.read(0x7ffc - 4L * r, 4)).isEqualTo(r == Reg.RSP ? 0x8000 : 0x1000 + r);
      }
      t.write(0x7ffc - 4L * Reg.RSP, 4, 0x5555);
      for (int r = 0; r < 8; r++) {
        c.gpr[r] = r == Reg.RSP ? 0x7fe0 : 0;
      }
      t.exec("61");
      for (int r = 0; r < 8; r++) {
        assertThat(c.gpr[r]).isEqualTo(r == Reg.RSP ? 0x8000 : 0x1000 + r);
      }
    }

    @Test
    @DisplayName("pusha over a missing page: #PF, nothing moved")
    void pushaFaults() {
      t.paged();
      t.unmap(0x7000);
      c.gpr[Reg.RSP] = 0x8010;
      c.gpr[Reg.RAX] = 0x1111;
      assertThat(t.exec("60")).isEqualTo("#PF(2)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8010);
      assertThat(t.read(0x800c, 4)).isZero();
    }

    @Test
    @DisplayName("popa over a missing page: #PF, no register changed")
    void popaFaults() {
      t.paged();
      t.unmap(0x8000);
      c.gpr[Reg.RSP] = 0x7ff0;
      c.gpr[Reg.RDI] = 7;
      assertThat(t.exec("61")).isEqualTo("#PF(0)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7ff0);
      assertThat(c.gpr[Reg.RDI]).isEqualTo(7);
    }

    @Test
    @DisplayName("enter 0x2000, 0: #PF at the final stack pointer leaves ESP and EBP")
    void enterProbes() {
      t.paged();
      t.unmap(0x5000);
      c.gpr[Reg.RBP] = 1;
      assertThat(t.exec("c8 00 20 00")).isEqualTo("#PF(2)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
      assertThat(c.gpr[Reg.RBP]).isEqualTo(1);
    }

    @Test
    @DisplayName("push eax below the limit of an expand-down stack: #SS(0)")
    void expandDown() {
      c.seg[Reg.SS].attr |= Segment.EXPAND_DOWN;
      c.seg[Reg.SS].limit = 0x7fff;
      c.gpr[Reg.RSP] = 0x8004;
      assertThat(t.exec("50")).isEmpty();
      assertThat(t.exec("50")).isEqualTo("#SS(0)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
    }

    @Test
    @DisplayName("push eax on a 16-bit stack wraps SP and keeps the upper half of ESP")
    void narrowStack() {
      c.seg[Reg.SS].attr &= ~Segment.DB;
      CpuMode.update(c);
      c.gpr[Reg.RSP] = 0x12340000;
      c.gpr[Reg.RAX] = 0xabcd;
      assertThat(t.exec("50")).isEmpty();
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x1234fffcL);
      assertThat(t.read(0xfffc, 4)).isEqualTo(0xabcd);
    }
  }

  @Nested
  class InRealMode {
    private final TestCpu t = TestCpu.real();
    private final Cpu c = t.c;

    @Test
    @DisplayName("push ax with SP = 1: #SS")
    void limit() {
      c.gpr[Reg.RSP] = 1;
      assertThat(t.exec("50")).isEqualTo("#SS(0)");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(1);
    }

    @Test
    @DisplayName("push ax; pop bx through SS:SP")
    void segmentBase() {
      c.seg[Reg.SS].base = 0x10000;
      c.gpr[Reg.RSP] = 0x100;
      c.gpr[Reg.RAX] = 0x1234;
      t.exec("50");
      assertThat(t.read(0x100fe, 2)).isEqualTo(0x1234);
      t.exec("5b");
      assertThat(c.gpr[Reg.RBX]).isEqualTo(0x1234);
    }

    @Test
    @DisplayName("leave: SP becomes BP, the upper half of ESP stays")
    void leave() {
      c.gpr[Reg.RSP] = 0x55550000;
      c.gpr[Reg.RBP] = 0x66664000;
      t.write(0x4000, 2, 0x1111);
      t.exec("c9");
      assertThat(c.gpr[Reg.RSP]).isEqualTo(0x55554002);
      assertThat(c.gpr[Reg.RBP]).isEqualTo(0x66661111);
    }
  }
}
