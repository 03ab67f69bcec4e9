package org.quern.x86.semantics;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** Hardware task switches by JMP, CALL, IRET and task gates, with both kinds of TSS. */
class TaskSwitchTest {
  private static final int OLD = FakeMachine.TSS;
  private static final int NEW = 0x4000;
  private static final int SELECTOR = FakeMachine.FREE;
  private static final int GATE = FakeMachine.FREE + 8;
  private static final int EIP = 0x4560;

  private final FakeMachine m = FakeMachine.protected32();
  private final Cpu c = m.cpu;

  {
    newTask32();
    for (int r = 0; r < 8; r++) {
      c.gpr[r] = 0x1000L + r;
    }
    c.gpr[Reg.RSP] = FakeMachine.STACK0;
  }

  private void newTask32() {
    m.descriptor(SELECTOR, NEW, 0x67, 0x89);
    m.bus.write(NEW + 32, 4, EIP);
    m.bus.write(NEW + 36, 4, RFlags.CF | RFlags.FIXED);
    for (int r = 0; r < 8; r++) {
      m.bus.write(NEW + 40 + 4 * r, 4, 0xaaaa0000L + r);
    }
    m.bus.write(NEW + 56, 4, 0x7000);
    segments(FakeMachine.CODE32, FakeMachine.DATA);
  }

  private void segments(int cs, int data) {
    for (int s = 0; s < 6; s++) {
      m.bus.write(NEW + 72 + 4 * s, 2, s == Reg.CS ? cs : data);
    }
  }

  private void newTask16() {
    m.descriptor(SELECTOR, NEW, 0x2b, 0x81);
    m.bus.write(NEW + 14, 2, EIP);
    m.bus.write(NEW + 16, 2, RFlags.CF | RFlags.FIXED);
    for (int r = 0; r < 8; r++) {
      m.bus.write(NEW + 18 + 2 * r, 2, 0x2000 + r);
    }
    for (int s = 0; s < 4; s++) {
      m.bus.write(NEW + 34 + 2 * s, 2, s == Reg.CS ? FakeMachine.CODE32 : FakeMachine.DATA);
    }
    m.bus.write(NEW + 42, 2, 0);
  }

  private static String far(String opcode, int selector) {
    return opcode + "00000000" + String.format("%02x%02x", selector & 0xff, selector >> 8);
  }

  private static final String JMP = far("ea", SELECTOR);
  private static final String CALL = far("9a", SELECTOR);

  private int access(int selector) {
    return (int) m.bus.read(FakeMachine.GDT + selector + 5, 1);
  }

  @Test
  void jmp_tss_saves_the_old_task_and_loads_the_new() {
    c.setRflags(RFlags.ZF);
    m.exec(JMP);
    assertThat(m.bus.read(OLD + 32, 4)).isEqualTo(FakeMachine.CODE + 7);
    assertThat(m.bus.read(OLD + 36, 4)).isEqualTo(RFlags.ZF | RFlags.FIXED);
    assertThat(m.bus.read(OLD + 40, 4)).isEqualTo(0x1000);
    assertThat(m.bus.read(OLD + 68, 4)).isEqualTo(0x1007);
    assertThat(m.bus.read(OLD + 76, 2)).isEqualTo(FakeMachine.CODE32);
    assertThat(c.rip).isEqualTo(EIP);
    assertThat(c.rflags()).isEqualTo(RFlags.CF | RFlags.FIXED);
    assertThat(c.gpr[Reg.RDI]).isEqualTo(0xaaaa0007L);
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x7000);
    assertThat(c.tr.selector).isEqualTo(SELECTOR);
    assertThat(c.tr.base).isEqualTo(NEW);
    assertThat(c.cr0 & Cr.CR0_TS).isEqualTo(Cr.CR0_TS);
  }

  @Test
  void jmp_frees_the_old_task_and_call_nests_in_it() {
    m.exec(JMP);
    assertThat(access(FakeMachine.TSS_SELECTOR)).isEqualTo(0x89);
    assertThat(access(SELECTOR)).isEqualTo(0x8b);
    assertThat(c.eflags & RFlags.NT).isZero();
    // The new task calls the old one.
    m.exec(far("9a", FakeMachine.TSS_SELECTOR));
    assertThat(access(SELECTOR)).isEqualTo(0x8b);
    assertThat(access(FakeMachine.TSS_SELECTOR)).isEqualTo(0x8b);
    assertThat(m.bus.read(OLD, 2)).isEqualTo(SELECTOR);
    assertThat(c.eflags & RFlags.NT).isEqualTo(RFlags.NT);
    assertThat(c.rip).isEqualTo(FakeMachine.CODE + 7);
  }

  @Test
  void iret_with_nt_returns_to_the_calling_task() {
    m.exec(CALL);
    assertThat(c.rip).isEqualTo(EIP);
    m.exec("cf");
    assertThat(c.rip).isEqualTo(FakeMachine.CODE + 7);
    assertThat(c.tr.selector).isEqualTo(FakeMachine.TSS_SELECTOR);
    assertThat(access(SELECTOR)).isEqualTo(0x89);
    assertThat(access(FakeMachine.TSS_SELECTOR)).isEqualTo(0x8b);
    assertThat(m.bus.read(NEW + 36, 4) & RFlags.NT).as("cleared in the saved image").isZero();
    assertThat(c.gpr[Reg.RDI]).isEqualTo(0x1007);
  }

  @Test
  void a_16_bit_task_loads_16_bit_registers() {
    newTask16();
    m.exec(JMP);
    assertThat(c.rip).isEqualTo(EIP);
    assertThat(c.gpr[Reg.RDI] & 0xffff).isEqualTo(0x2007);
    assertThat(c.seg[Reg.FS].usable).isFalse();
    // And back: its own registers go where a 16-bit TSS has them.
    m.exec(far("ea", FakeMachine.TSS_SELECTOR));
    assertThat(m.bus.read(NEW + 14, 2)).isEqualTo(EIP + 7);
    assertThat(m.bus.read(NEW + 32, 2)).isEqualTo(0x2007);
    assertThat(c.gpr[Reg.RDI]).isEqualTo(0x1007);
  }

  @ParameterizedTest
  @CsvSource({
    "89, 67, -",
    "8b, 67, #GP(50)", // busy
    "09, 67, #NP(50)",
    "89, 66, #TS(50)", // too short
    "81, 2b, -",
    "81, 2a, #TS(50)",
    "83, 2b, #GP(50)"
  })
  void tss_descriptors(String access, String limit, String expected) {
    if (access.startsWith("81")) {
      newTask16();
    }
    m.descriptor(SELECTOR, NEW, Integer.parseInt(limit, 16), Integer.parseInt(access, 16));
    assertThat(m.outcome(JMP)).isEqualTo(expected);
    if (!expected.equals("-")) {
      assertThat(c.tr.selector).isEqualTo(FakeMachine.TSS_SELECTOR);
      assertThat(c.rip).isEqualTo(FakeMachine.CODE);
    }
  }

  @Test
  void a_tss_of_dpl_0_is_closed_to_cpl_3_but_a_task_gate_opens_it() {
    m.user();
    m.bus.write(FakeMachine.GDT + GATE, 8, FakeMachine.encodeGate(0xe5, SELECTOR, 0, 0));
    assertThat(m.outcome(JMP)).isEqualTo("#GP(50)");
    assertThat(m.outcome(far("9a", GATE | 3))).isEqualTo("-");
    assertThat(c.tr.selector).isEqualTo(SELECTOR);
    assertThat(c.cpl).isZero();
  }

  @ParameterizedTest
  @CsvSource({
    "8d, 50, #GP(58)", // no such type
    "85, 8, #GP(8)", // not a TSS
    "85, 54, #GP(54)", // in the LDT
    "05, 50, #NP(58)",
    "85, 1000, #GP(1000)"
  })
  void task_gates(String access, String tss, String expected) {
    m.bus.write(
        FakeMachine.GDT + GATE,
        8,
        FakeMachine.encodeGate(Integer.parseInt(access, 16), Integer.parseInt(tss, 16), 0, 0));
    assertThat(m.outcome(far("9a", GATE))).isEqualTo(expected);
  }

  @Test
  void an_exception_through_a_task_gate_pushes_its_error_code_on_the_new_stack() {
    m.gate(13, 0x85, SELECTOR, 0);
    c.gpr[Reg.RAX] = 0x1000;
    m.exec("8e d8");
    assertThat(c.tr.selector).isEqualTo(SELECTOR);
    assertThat(c.gpr[Reg.RSP]).isEqualTo(0x6ffc);
    assertThat(m.stack(0, 4)).isEqualTo(0x1000);
    assertThat(m.bus.read(OLD + 32, 4)).as("EIP of the fault").isEqualTo(FakeMachine.CODE);
    assertThat(m.bus.read(OLD + 36, 4) & RFlags.RF).isEqualTo(RFlags.RF);
    assertThat(m.bus.read(NEW, 2)).isEqualTo(FakeMachine.TSS_SELECTOR);
    assertThat(c.eflags & RFlags.NT).isEqualTo(RFlags.NT);
  }

  @ParameterizedTest
  @CsvSource({
    // register, selector, fault in the new task
    "1, 0, #TS(0)",
    "1, 10, #TS(10)",
    "1, 68, #NP(68)",
    "2, 0, #TS(0)",
    "2, 8, #TS(8)",
    "2, 23, #TS(20)",
    "2, 70, #SS(70)",
    "3, 1000, #TS(1000)",
    "3, 70, #NP(70)",
    "0, 38, #TS(38)",
    "4, 0, -",
    "5, 20, -"
  })
  void segments_of_the_new_task(int register, String selector, String expected) {
    m.descriptor(0x68, 0, 0xfffff, 0xc01b);
    m.descriptor(0x70, 0, 0xfffff, 0xc013);
    m.bus.write(NEW + 72 + 4 * register, 2, Integer.parseInt(selector, 16));
    assertThat(m.outcome(JMP)).isEqualTo(expected);
    assertThat(c.tr.selector).as("the switch is done").isEqualTo(SELECTOR);
    assertThat(c.rip).as("RIP of the new task").isEqualTo(EIP);
  }

  @ParameterizedTest
  @CsvSource({"4, #TS(4)", "1000, #TS(1000)", "10, #TS(10)", "78, -", "80, #TS(80)"})
  void ldt_of_the_new_task(String selector, String expected) {
    m.descriptor(0x78, 0x5000, 0xff, 0x82);
    m.descriptor(0x80, 0x5000, 0xff, 0x02);
    m.bus.write(NEW + 96, 2, Integer.parseInt(selector, 16));
    assertThat(m.outcome(JMP)).isEqualTo(expected);
  }

  @Test
  void a_fault_of_the_new_task_is_delivered_in_the_new_task() {
    m.bus.write(NEW + 72 + 4 * Reg.DS, 2, 0x1000);
    m.exec(JMP);
    assertThat(m.handler()).isEqualTo(10);
    assertThat(m.stack(0, 4)).isEqualTo(0x1000);
    assertThat(m.stack(4, 4)).isEqualTo(EIP);
    assertThat(c.tr.selector).isEqualTo(SELECTOR);
  }

  @Test
  void the_trap_bit_raises_a_debug_exception_in_the_new_task() {
    m.bus.write(NEW + 100, 1, 1);
    m.exec(JMP);
    assertThat(c.pendingDebug).isEqualTo(Debug.DR6_BT);
    Interrupts.deliverDebugTrap(c);
    assertThat(m.handler()).isEqualTo(1);
    assertThat(c.dr[6] & Debug.DR6_BT).isEqualTo(Debug.DR6_BT);
    assertThat(m.stack(0, 4)).isEqualTo(EIP);
  }

  @Test
  void a_task_may_start_in_virtual_8086_mode() {
    m.bus.write(NEW + 36, 4, RFlags.VM | RFlags.FIXED);
    segments(0x1000, 0x2000);
    m.exec(JMP);
    assertThat(c.v86()).isTrue();
    assertThat(c.cpl).isEqualTo(3);
    assertThat(c.seg[Reg.CS].base).isEqualTo(0x10000);
    assertThat(c.seg[Reg.GS].base).isEqualTo(0x20000);
  }

  @Test
  void a_switch_to_cpl_3_takes_the_level_of_cs() {
    segments(FakeMachine.USER_CODE32, FakeMachine.USER_DATA);
    m.exec(JMP);
    assertThat(c.cpl).isEqualTo(3);
    assertThat(c.seg[Reg.SS].selector).isEqualTo(FakeMachine.USER_DATA);
  }

  @Test
  void local_breakpoints_are_disabled() {
    c.dr[7] = 0x4ff | 0x100;
    m.exec(JMP);
    assertThat(c.dr[7]).isEqualTo(0x4aa);
  }

  @Test
  void eip_beyond_the_limit_of_the_new_cs_is_gp_in_the_new_task() {
    m.descriptor(0x68, 0, 0xfff, 0x409b);
    m.bus.write(NEW + 72 + 4 * Reg.CS, 2, 0x68);
    assertThat(m.outcome(JMP)).isEqualTo("#GP(0)");
    assertThat(c.tr.selector).isEqualTo(SELECTOR);
  }

  @ParameterizedTest
  @CsvSource({"54, #TS(54)", "1000, #TS(1000)", "50, #TS(50)", "10, #TS(10)"})
  void iret_with_a_bad_link(String link, String expected) {
    c.setRflags(RFlags.NT);
    m.bus.write(OLD, 2, Integer.parseInt(link, 16));
    assertThat(m.outcome("cf")).isEqualTo(expected);
    assertThat(c.tr.selector).isEqualTo(FakeMachine.TSS_SELECTOR);
  }
}
