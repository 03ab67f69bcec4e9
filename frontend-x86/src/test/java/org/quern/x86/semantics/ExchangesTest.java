package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.mmu.ExclusiveSection;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class ExchangesTest {
  private final TestCpu t = TestCpu.long64();
  private final Cpu c = t.c;

  @Test
  @DisplayName("xchg eax, ebx clears both upper halves")
  void registers() {
    c.gpr[Reg.RAX] = 0xffff_ffff_0000_0001L;
    c.gpr[Reg.RBX] = 0xffff_ffff_0000_0002L;
    t.exec("87 d8");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(2);
    assertThat(c.gpr[Reg.RBX]).isEqualTo(1);
  }

  @Test
  @DisplayName("xchg [0x2001], bx: unaligned, with memory")
  void memory() {
    t.write(0x2001, 2, 0x1234);
    c.gpr[Reg.RBX] = 0x11110000abcdL;
    t.exec("66 87 1c 25 01 20 00 00");
    assertThat(t.read(0x2001, 2)).isEqualTo(0xabcd);
    assertThat(c.gpr[Reg.RBX]).isEqualTo(0x111100001234L);
  }

  @Test
  @DisplayName("xchg [rbx], rbx: the address is the old RBX")
  void addressRegister() {
    c.gpr[Reg.RBX] = 0x2000;
    t.write(0x2000, 8, 5);
    t.exec("48 87 1b");
    assertThat(c.gpr[Reg.RBX]).isEqualTo(5);
    assertThat(t.read(0x2000, 8)).isEqualTo(0x2000);
  }

  @Test
  @DisplayName("lock xadd [0x2000], ebx under a breakpoint on writes there: #DB is due")
  void lockedBreakpoint() {
    c.dr[0] = 0x2000;
    c.dr[7] = 1 | 1 << 16 | 3 << 18;
    c.mmu.debugRegistersChanged();
    assertThat(t.exec("f0 0f c1 1c 25 00 20 00 00")).isEmpty();
    assertThat(c.pendingDebug).isEqualTo(1);
  }

  @Test
  @DisplayName("xchg [0x100000], al in MMIO: written once, with every other processor stopped")
  void mmio() {
    t.answer = 0x11;
    c.gpr[Reg.RAX] = 0x22;
    assertThat(t.exec("86 04 25 00 00 10 00")).isEmpty();
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x11);
    assertThat(t.log).endsWith("write 100000/1=22").containsOnlyOnce("write 100000/1=22");
  }

  @Test
  @DisplayName("lock xadd [0x2000], ebx")
  void exchangeAndAdd() {
    t.write(0x2000, 4, 0xffffffffL);
    c.gpr[Reg.RBX] = 1;
    t.exec("f0 0f c1 1c 25 00 20 00 00");
    assertThat(t.read(0x2000, 4)).isZero();
    assertThat(c.gpr[Reg.RBX]).isEqualTo(0xffffffffL);
    assertThat(t.flags()).isEqualTo("ZAPC");
  }

  @Test
  @DisplayName("xadd eax, eax doubles")
  void exchangeAndAddItself() {
    c.gpr[Reg.RAX] = 21;
    t.exec("0f c1 c0");
    assertThat(c.gpr[Reg.RAX]).isEqualTo(42);
  }

  @Test
  @DisplayName("lock cmpxchg [0x2000], rbx: equal stores, unequal loads RAX")
  void compareExchange() {
    t.write(0x2000, 8, 5);
    c.gpr[Reg.RAX] = 5;
    c.gpr[Reg.RBX] = 9;
    t.exec("f0 48 0f b1 1c 25 00 20 00 00");
    assertThat(t.read(0x2000, 8)).isEqualTo(9);
    assertThat(c.gpr[Reg.RAX]).isEqualTo(5);
    assertThat(t.flags()).isEqualTo("ZP");
    t.exec("f0 48 0f b1 1c 25 00 20 00 00");
    assertThat(t.read(0x2000, 8)).isEqualTo(9);
    assertThat(c.gpr[Reg.RAX]).isEqualTo(9);
    assertThat(t.flags()).isEqualTo("SAPC");
  }

  @Test
  @DisplayName("cmpxchg8b [0x2000] changes ZF alone")
  void compareExchange8() {
    t.write(0x2000, 8, 0x1111111122222222L);
    c.gpr[Reg.RDX] = 0x11111111;
    c.gpr[Reg.RAX] = 0x22222222;
    c.gpr[Reg.RCX] = 0x33333333;
    c.gpr[Reg.RBX] = 0x44444444;
    c.setStatusFlags(RFlags.STATUS & ~RFlags.ZF);
    t.exec("f0 0f c7 0c 25 00 20 00 00");
    assertThat(t.read(0x2000, 8)).isEqualTo(0x3333333344444444L);
    assertThat(t.flags()).isEqualTo("OSZAPC");
    t.exec("0f c7 0c 25 00 20 00 00");
    assertThat(c.gpr[Reg.RDX]).isEqualTo(0x33333333);
    assertThat(c.gpr[Reg.RAX]).isEqualTo(0x44444444);
    assertThat(t.flags()).isEqualTo("OSAPC");
  }

  @Test
  @DisplayName("lock cmpxchg16b [0x2000]: alone among processors; unaligned is #GP(0)")
  void compareExchange16() {
    int[] sections = new int[2];
    c.exclusive =
        new ExclusiveSection() {
          @Override
          public void enter(Cpu cpu) {
            sections[0]++;
          }

          @Override
          public void leave(Cpu cpu) {
            sections[1]++;
          }
        };
    t.write(0x2000, 8, 1);
    t.write(0x2008, 8, 2);
    c.gpr[Reg.RAX] = 1;
    c.gpr[Reg.RDX] = 2;
    c.gpr[Reg.RBX] = 3;
    c.gpr[Reg.RCX] = 4;
    assertThat(t.exec("f0 48 0f c7 0c 25 00 20 00 00")).isEmpty();
    assertThat(t.read(0x2000, 8)).isEqualTo(3);
    assertThat(t.read(0x2008, 8)).isEqualTo(4);
    assertThat(c.zf()).isTrue();
    assertThat(sections).containsExactly(1, 1);
    assertThat(t.exec("48 0f c7 0c 25 00 20 00 00")).isEmpty();
    assertThat(c.gpr[Reg.RAX]).isEqualTo(3);
    assertThat(c.gpr[Reg.RDX]).isEqualTo(4);
    assertThat(c.zf()).isFalse();
    assertThat(t.exec("48 0f c7 0c 25 08 20 00 00")).isEqualTo("#GP(0)");
  }
}
