package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cpu;

/** VM entry: what is refused and how, and what is loaded. Source: SDM vol. 3C, chapter 27. */
class VmEntryTest {
  /** Each row sets one field to a value that one check refuses. */
  @ParameterizedTest
  @CsvSource({
    "PIN_CONTROLS, 0, ZF 7",
    "PIN_CONTROLS, 96, ZF 7",
    "PRIMARY_CONTROLS, 0, ZF 7",
    "CR3_TARGET_COUNT, 5, ZF 7",
    "EXIT_CONTROLS, 0, ZF 7",
    "ENTRY_CONTROLS, 0, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x80000120, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x80000203, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x80000320, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x8000030d, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x80000b06, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x80001306, ZF 7",
    "ENTRY_INTERRUPTION_INFORMATION, 0x80000403, ZF 7",
    "HOST_CR0, 0x21, ZF 8",
    "HOST_CR4, 0x20, ZF 8",
    "HOST_CR3, 0x10000000000, ZF 8",
    "HOST_SYSENTER_EIP, 0x100000000000000, ZF 8",
    "HOST_CS_SELECTOR, 0, ZF 8",
    "HOST_CS_SELECTOR, 0x2b, ZF 8",
    "HOST_TR_SELECTOR, 0, ZF 8",
    "HOST_FS_BASE, 0x100000000000000, ZF 8",
    "HOST_RIP, 0x800000000000, ZF 8",
  })
  void controlsAndHost(VmcsField field, String value, String outcome) {
    VmxRig r = VmxRig.prepared();
    r.set(field, Long.decode(value));
    assertEquals(outcome, r.launch());
  }

  @ParameterizedTest
  @CsvSource({
    "GUEST_CR0, 0x80000001, 0",
    "GUEST_CR4, 0x20, 0",
    "GUEST_CR3, 0x10000000000, 0",
    "GUEST_SYSENTER_ESP, 0x100000000000000, 0",
    "GUEST_GDTR_LIMIT, 0x10000, 0",
    "GUEST_IDTR_BASE, 0x100000000000000, 0",
    "GUEST_RIP, 0x100000000000000, 0",
    "GUEST_RFLAGS, 0, 0",
    "GUEST_RFLAGS, 0x20002, 0",
    "GUEST_CS_ACCESS_RIGHTS, 0xa093, 0",
    "GUEST_CS_ACCESS_RIGHTS, 0xe09b, 0",
    "GUEST_CS_ACCESS_RIGHTS, 0xa01b, 0",
    "GUEST_CS_ACCESS_RIGHTS, 0xa19b, 0",
    "GUEST_CS_BASE, 0x100000000, 0",
    "GUEST_SS_ACCESS_RIGHTS, 0xc09b, 0",
    "GUEST_DS_ACCESS_RIGHTS, 0xc092, 0",
    "GUEST_DS_LIMIT, 0x1000, 0",
    "GUEST_TR_ACCESS_RIGHTS, 0x89, 0",
    "GUEST_TR_ACCESS_RIGHTS, 0x1008b, 0",
    "GUEST_TR_SELECTOR, 0x3c, 0",
    "GUEST_LDTR_ACCESS_RIGHTS, 0x8b, 0",
    "GUEST_ACTIVITY, 2, 0",
    "GUEST_ACTIVITY, 4, 0",
    "GUEST_INTERRUPTIBILITY, 3, 0",
    "GUEST_INTERRUPTIBILITY, 1, 0",
    "GUEST_PENDING_DEBUG, 0x10, 0",
    "VMCS_LINK_POINTER, 0x123, 4",
  })
  void guestState(VmcsField field, String value, long qualification) {
    VmxRig r = VmxRig.prepared();
    r.set(field, Long.decode(value));
    assertEquals("exit", r.launch());
    assertEquals(0x80000021L, r.get(VmcsField.EXIT_REASON));
    assertEquals(qualification, r.get(VmcsField.EXIT_QUALIFICATION));
    assertEquals(VmxRig.HOST, r.c.rip);
  }

  @Test
  void badMsrOfTheLoadListIsNamed() {
    VmxRig r = VmxRig.prepared();
    r.machine.bus.write(0x310000, 4, 0x174);
    r.machine.bus.write(0x310010, 4, 0xc0000100);
    r.set(VmcsField.ENTRY_MSR_LOAD_ADDRESS, 0x310000);
    r.set(VmcsField.ENTRY_MSR_LOAD_COUNT, 2);
    assertEquals("exit", r.launch());
    assertEquals(0x80000022L, r.get(VmcsField.EXIT_REASON));
    assertEquals(2, r.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void loadsTheGuest() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.GUEST_RSP, 0x7777);
    r.set(VmcsField.GUEST_FS_BASE, 0x123456789aL);
    r.set(VmcsField.GUEST_RFLAGS, 0x202);
    r.set(VmcsField.GUEST_ACTIVITY, 1);
    assertEquals("in", r.launch());
    assertEquals(VmxRig.GUEST, r.c.rip);
    assertEquals(0x7777, r.c.gpr[4]);
    assertEquals(0x123456789aL, r.c.seg[4].base);
    assertEquals(0x202, r.c.rflags());
    assertEquals(Cpu.Activity.HALTED, r.c.activity);
  }

  @Test
  void injectedFaultPushesErrorCode() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.ENTRY_INTERRUPTION_INFORMATION, 0x80000b0dL);
    r.set(VmcsField.ENTRY_EXCEPTION_ERROR_CODE, 0x28);
    assertEquals("in", r.launch());
    assertEquals(13, r.machine.handler());
    assertEquals(0x28, r.machine.stack(0, 8));
    assertEquals(VmxRig.GUEST, r.machine.stack(8, 8));
  }

  @Test
  void injectedSoftwareInterruptPushesRipBehindIt() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.ENTRY_INTERRUPTION_INFORMATION, 0x80000480L);
    r.set(VmcsField.ENTRY_INSTRUCTION_LENGTH, 2);
    assertEquals("in", r.launch());
    assertEquals(128, r.machine.handler());
    assertEquals(VmxRig.GUEST + 2, r.machine.stack(0, 8));
  }

  @Test
  void injectedNmiBlocksFurtherOnes() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.ENTRY_INTERRUPTION_INFORMATION, 0x80000202L);
    assertEquals("in", r.launch());
    assertEquals(2, r.machine.handler());
    assertTrue(r.c.nmiBlocked);
  }

  @Test
  void faultWhileInjectingIsReportedWithTheEvent() {
    VmxRig r = VmxRig.prepared();
    r.set(VmcsField.EXCEPTION_BITMAP, 1 << 13);
    r.set(VmcsField.GUEST_IDTR_LIMIT, 0xff);
    r.set(VmcsField.ENTRY_INTERRUPTION_INFORMATION, 0x80000480L);
    r.set(VmcsField.ENTRY_INSTRUCTION_LENGTH, 2);
    assertEquals("exit", r.launch());
    assertEquals(0x80000b0dL, r.get(VmcsField.EXIT_INTERRUPTION_INFORMATION));
    assertEquals(0x402, r.get(VmcsField.EXIT_INTERRUPTION_ERROR_CODE));
    assertEquals(0x80000480L, r.get(VmcsField.IDT_VECTORING_INFORMATION));
    assertEquals(2, r.get(VmcsField.EXIT_INSTRUCTION_LENGTH));
    assertEquals(VmxRig.GUEST, r.get(VmcsField.GUEST_RIP));
  }

  @Test
  void unrestrictedGuestRunsWithoutPaging() {
    VmxRig r = VmxRig.prepared();
    r.ept();
    r.add(VmcsField.SECONDARY_CONTROLS, Controls.UNRESTRICTED_GUEST);
    r.set(VmcsField.ENTRY_CONTROLS, r.get(VmcsField.ENTRY_CONTROLS) & ~Controls.ENTRY_IA32E);
    r.set(VmcsField.GUEST_CR0, 0x20);
    r.guest("0fa2");
    assertEquals(ExitReason.CPUID, r.get(VmcsField.EXIT_REASON));
    assertEquals(FakeMachine.STACK0, r.c.gpr[4]);
  }
}
