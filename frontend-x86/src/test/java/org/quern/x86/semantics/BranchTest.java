package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

class BranchTest {
  private final TestCpu t = TestCpu.long64();
  private final Cpu c = t.c;

  @Test
  @DisplayName("jmp rel8, rel32, rax, [rbx]")
  void jumps() {
    t.exec("eb fe");
    assertThat(c.rip).isEqualTo(TestCpu.CODE);
    t.exec("e9 00 10 00 00");
    assertThat(c.rip).isEqualTo(0x2005);
    c.gpr[Reg.RAX] = 0xffff8000_00001234L;
    t.exec("ff e0");
    assertThat(c.rip).isEqualTo(0xffff8000_00001234L);
    c.gpr[Reg.RBX] = 0x3000;
    t.write(0x3000, 8, 0x4444);
    t.exec("ff 23");
    assertThat(c.rip).isEqualTo(0x4444);
  }

  @Test
  @DisplayName("jmp rax to a non-canonical address: #GP(0) at the jump")
  void nonCanonical() {
    c.gpr[Reg.RAX] = 1L << 47;
    assertThat(t.exec("ff e0")).isEqualTo("#GP(0)");
    assertThat(c.rip).isEqualTo(TestCpu.CODE);
  }

  @Test
  @DisplayName("call rel32; ret 8")
  void callAndReturn() {
    t.exec("e8 fb 0f 00 00");
    assertThat(c.rip).isEqualTo(0x2000);
    assertThat(t.read(0x7ff8, 8)).isEqualTo(TestCpu.CODE + 5);
    t.exec("c2 08 00");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 5);
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8008);
  }

  @Test
  @DisplayName("call [rsp]: the target is read before the push")
  void callThroughStack() {
    t.write(0x8000, 8, 0x5000);
    t.exec("ff 14 24");
    assertThat(c.rip).isEqualTo(0x5000);
    assertThat(t.read(0x7ff8, 8)).isEqualTo(TestCpu.CODE + 3);
  }

  @Test
  @DisplayName("call to a non-canonical address pushes nothing")
  void callFaults() {
    c.gpr[Reg.RAX] = 1L << 47;
    assertThat(t.exec("ff d0")).isEqualTo("#GP(0)");
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
    assertThat(t.read(0x7ff8, 8)).isZero();
  }

  @Test
  @DisplayName("ret to a non-canonical address leaves RSP")
  void returnFaults() {
    t.write(0x8000, 8, 1L << 47);
    assertThat(t.exec("c3")).isEqualTo("#GP(0)");
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x8000);
  }

  @Test
  @DisplayName("jz, jnz by ZF")
  void conditional() {
    c.setStatusFlags(RFlags.ZF);
    t.exec("75 10");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 2);
    t.exec("74 10");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 0x14);
    t.exec("0f 84 00 00 00 80");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 0x1a - 0x80000000L);
  }

  @Test
  @DisplayName("loop, loope, loopne, jecxz by address size")
  void counted() {
    c.gpr[Reg.RCX] = 0x1_0000_0001L;
    t.exec("67 e2 10");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 3);
    assertThat(c.gpr[Reg.RCX]).isZero();
    t.exec("67 e3 0d");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 0x13);
    c.rip = TestCpu.CODE;
    t.exec("e2 0e");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 0x10);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(-1);
    c.rip = TestCpu.CODE;
    c.setStatusFlags(RFlags.ZF);
    t.exec("e0 0e");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 2);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(-2);
    t.exec("e1 0c");
    assertThat(c.rip).isEqualTo(TestCpu.CODE + 0x10);
    assertThat(c.gpr[Reg.RCX]).isEqualTo(-3);
  }

  @Test
  @DisplayName("loop whose target is beyond the limit of CS: #GP(0), ECX kept")
  void loopFaults() {
    TestCpu p = TestCpu.protected32();
    p.c.seg[Reg.CS].limit = 0x1010;
    p.c.gpr[Reg.RCX] = 5;
    assertThat(p.exec("e2 7f")).isEqualTo("#GP(0)");
    assertThat(p.c.gpr[Reg.RCX]).isEqualTo(5);
    assertThat(p.exec("e2 0e")).isEmpty();
    assertThat(p.c.rip).isEqualTo(0x1010);
  }

  @Test
  @DisplayName("16-bit: jmp wraps IP; o32 jmp does not")
  void instructionPointerWidth() {
    TestCpu r = TestCpu.real();
    r.c.rip = 0xfff0;
    assertThat(r.exec("eb 7f")).isEmpty();
    assertThat(r.c.rip).isEqualTo(0x71);
    r.c.rip = 0xfff0;
    assertThat(r.exec("66 e9 00 01 00 00")).isEqualTo("#GP(0)");
    assertThat(r.c.rip).isEqualTo(0xfff0);
  }

  @Test
  @DisplayName("32-bit: o16 call pushes IP and truncates the target")
  void narrowCall() {
    TestCpu p = TestCpu.protected32();
    p.c.rip = 0x12340;
    p.exec("66 e8 00 10");
    assertThat(p.c.rip).isEqualTo(0x3344);
    assertThat(p.c.gpr[Reg.RSP]).isEqualTo(0x7ffe);
    assertThat(p.read(0x7ffe, 2)).isEqualTo(0x2344);
  }
}
