package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** The virtual APIC. Source: SDM vol. 3C, chapter 30. */
class VirtualApicTest {
  private static final long PAGE = 0x330000;
  private static final long ACCESS = 0x331000;
  private static final long DESCRIPTOR = 0x332000;

  private static VmxRig rig(int secondary) {
    VmxRig r = VmxRig.prepared();
    r.add(VmcsField.PIN_CONTROLS, Controls.PIN_EXTERNAL_INTERRUPT);
    r.add(VmcsField.PRIMARY_CONTROLS, Controls.TPR_SHADOW | 1L << 31);
    r.add(VmcsField.SECONDARY_CONTROLS, secondary);
    r.set(VmcsField.VIRTUAL_APIC_ADDRESS, PAGE);
    r.set(VmcsField.APIC_ACCESS_ADDRESS, ACCESS);
    return r;
  }

  private static long page(VmxRig r, int offset) {
    return r.machine.bus.read(PAGE + offset, 4);
  }

  @Test
  void cr8IsTheShadowAndLeavesBelowTheThreshold() {
    VmxRig r = rig(0);
    r.machine.bus.write(PAGE + 0x80, 4, 0x70);
    r.set(VmcsField.TPR_THRESHOLD, 6);
    r.machine.interrupts.taskPriority = 3;
    r.c.gpr[Reg.RAX] = 5;
    r.guest("440f20c3" + "440f22c0"); // mov rbx, cr8; mov cr8, rax
    assertEquals(7, r.c.gpr[Reg.RBX]);
    r.machine.step();
    assertEquals(0x50, page(r, 0x80));
    assertEquals(3, r.machine.interrupts.taskPriority);
    assertTrue(r.c.nonRoot.trapped());
    assertEquals(ExitReason.TPR_BELOW_THRESHOLD, r.get(VmcsField.EXIT_REASON));
    assertEquals(VmxRig.GUEST + 8, r.get(VmcsField.GUEST_RIP));
  }

  @Test
  void entryBelowTheThresholdLeavesAtOnce() {
    VmxRig r = rig(Controls.APIC_ACCESSES);
    r.set(VmcsField.TPR_THRESHOLD, 1);
    assertEquals("in", r.launch());
    assertTrue(r.c.nonRoot.trapped());
    assertEquals(ExitReason.TPR_BELOW_THRESHOLD, r.get(VmcsField.EXIT_REASON));
    assertEquals(VmxRig.GUEST, r.get(VmcsField.GUEST_RIP));
  }

  /** MOV EAX to or from the APIC-access page: what leaves, and with which qualification. */
  @ParameterizedTest
  @CsvSource({
    "read, 0, 80, -",
    "read, 0, 20, 20",
    "read, 200, b0, -",
    "read, 200, 20, 20",
    "read, 100, 20, -",
    "read, 100, 170, -",
    "read, 100, 390, 390",
    "read, 100, 84, 84",
    "write, 0, 80, -",
    "write, 0, b0, 10b0",
    "write, 100, 30, 1030",
    "write, 100, 310, -",
  })
  void accesses(String access, String controls, String offset, String qualification) {
    VmxRig r = rig(Controls.APIC_ACCESSES | Integer.parseInt(controls, 16));
    int at = Integer.parseInt(offset, 16);
    r.machine.bus.write(PAGE + at, 4, 0x30);
    r.c.gpr[Reg.RBX] = ACCESS + at;
    r.c.gpr[Reg.RAX] = 0x40;
    r.guest(access.equals("read") ? "8b03" : "8903");
    if (qualification.equals("-")) {
      assertNotNull(r.c.nonRoot);
      if (access.equals("read")) {
        assertEquals(0x30, r.c.gpr[Reg.RAX]);
      }
    } else {
      assertNull(r.c.nonRoot);
      assertEquals(ExitReason.APIC_ACCESS, r.get(VmcsField.EXIT_REASON));
      assertEquals(Long.parseLong(qualification, 16), r.get(VmcsField.EXIT_QUALIFICATION));
      assertEquals(2, r.get(VmcsField.EXIT_INSTRUCTION_LENGTH));
    }
  }

  @Test
  void writesOfOtherRegistersLeaveBehindTheInstruction() {
    VmxRig r = rig(Controls.APIC_ACCESSES | Controls.APIC_REGISTERS);
    r.c.gpr[Reg.RBX] = ACCESS + 0xf0;
    r.c.gpr[Reg.RAX] = 0x1ff;
    r.guest("8903");
    assertEquals(0x1ff, page(r, 0xf0));
    assertTrue(r.c.nonRoot.trapped());
    assertEquals(ExitReason.APIC_WRITE, r.get(VmcsField.EXIT_REASON));
    assertEquals(0xf0, r.get(VmcsField.EXIT_QUALIFICATION));
    assertEquals(VmxRig.GUEST + 2, r.get(VmcsField.GUEST_RIP));
  }

  @Test
  void widerAccessesAndFetchesLeave() {
    VmxRig r = rig(Controls.APIC_ACCESSES);
    r.c.gpr[Reg.RBX] = ACCESS + 0x80;
    r.guest("488b03");
    assertEquals(ExitReason.APIC_ACCESS, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x80, r.get(VmcsField.EXIT_QUALIFICATION));
    r = rig(Controls.APIC_ACCESSES);
    r.c.gpr[Reg.RBX] = ACCESS + 0x80;
    r.guest("ffe3"); // jmp rbx
    r.machine.step();
    assertEquals(0x2080, r.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void aStoreInTranslatedCodeIsRunAgainByItself() {
    VmxRig r = rig(Controls.APIC_ACCESSES);
    r.c.gpr[Reg.RBX] = ACCESS + 0x80;
    r.machine.bytes(VmxRig.GUEST, "8903");
    assertEquals("in", r.launch());
    r.c.single = false;
    assertEquals("#257", r.machine.outcome("8903"));
    assertEquals(0, page(r, 0x80));
  }

  // ---- virtual interrupts

  private static VmxRig delivering() {
    VmxRig r = rig(Controls.X2APIC | Controls.VIRTUAL_INTERRUPTS);
    r.set(VmcsField.GUEST_RFLAGS, 0x202);
    return r;
  }

  private static void wrmsr(VmxRig r, int msr, long v) {
    r.c.gpr[Reg.RCX] = msr;
    r.c.gpr[Reg.RAX] = v;
    r.c.gpr[Reg.RDX] = 0;
    r.add(VmcsField.PRIMARY_CONTROLS, Controls.MSR_BITMAPS);
    r.set(VmcsField.MSR_BITMAP, 0x340000);
    r.guest("0f30");
  }

  @Test
  void requestedInterruptIsDelivered() {
    VmxRig r = delivering();
    r.set(VmcsField.GUEST_INTERRUPT_STATUS, 0x51);
    r.machine.bus.write(PAGE + 0x220, 4, 1 << 0x11);
    r.machine.bus.write(PAGE + 0x210, 4, 4);
    assertEquals("in", r.launch());
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(0x51, r.machine.handler());
    assertEquals(0x5122, r.get(VmcsField.GUEST_INTERRUPT_STATUS));
    assertEquals(1 << 0x11, page(r, 0x120));
    assertEquals(0, page(r, 0x220));
    assertEquals(0x50, page(r, 0xa0));
  }

  @Test
  void taskPriorityHoldsItBack() {
    VmxRig r = delivering();
    r.machine.bus.write(PAGE + 0x80, 4, 0x50);
    r.set(VmcsField.GUEST_INTERRUPT_STATUS, 0x51);
    assertEquals("in", r.launch());
    assertFalse(r.c.nonRoot.interrupted());
    r.machine.bytes(VmxRig.GUEST, "440f22c0");
    r.c.gpr[Reg.RAX] = 4;
    r.machine.step();
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(0x51, r.machine.handler());
  }

  @Test
  void endOfInterruptTakesTheNextOrLeaves() {
    VmxRig r = delivering();
    r.set(VmcsField.GUEST_INTERRUPT_STATUS, 0x6151);
    r.machine.bus.write(PAGE + 0x130, 4, 2);
    r.machine.bus.write(PAGE + 0x220, 4, 1 << 0x11);
    wrmsr(r, 0x80b, 0);
    assertEquals(0, page(r, 0x130));
    assertEquals(0x51, r.get(VmcsField.GUEST_INTERRUPT_STATUS));
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(0x51, r.machine.handler());

    VmxRig s = delivering();
    s.set(VmcsField.GUEST_INTERRUPT_STATUS, 0x6100);
    s.set(VmcsField.EOI_EXIT_BITMAP_1, 1L << 0x21);
    wrmsr(s, 0x80b, 0);
    assertTrue(s.c.nonRoot.trapped());
    assertEquals(ExitReason.VIRTUALIZED_EOI, s.get(VmcsField.EXIT_REASON));
    assertEquals(0x61, s.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void interruptToSelf() {
    VmxRig r = delivering();
    wrmsr(r, 0x83f, 0x72);
    assertEquals(0x72, r.get(VmcsField.GUEST_INTERRUPT_STATUS));
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(0x72, r.machine.handler());
    VmxRig s = delivering();
    wrmsr(s, 0x83f, 0x100);
    assertEquals(13, s.machine.handler());
  }

  @Test
  void postedInterruptsDoNotLeave() {
    VmxRig r = delivering();
    r.add(VmcsField.PIN_CONTROLS, Controls.PIN_POSTED_INTERRUPTS);
    r.add(VmcsField.EXIT_CONTROLS, Controls.EXIT_ACKNOWLEDGE);
    r.set(VmcsField.POSTED_INTERRUPT_VECTOR, 0xf2);
    r.set(VmcsField.POSTED_INTERRUPT_DESCRIPTOR_ADDRESS, DESCRIPTOR);
    r.machine.bus.write(DESCRIPTOR + 8, 8, 1L << 0x21);
    r.machine.bus.write(DESCRIPTOR + 32, 8, 3);
    assertEquals("in", r.launch());
    r.machine.interrupts.pending.add(0xf2);
    r.c.setIntr(true);
    assertTrue(r.c.nonRoot.interrupted());
    assertNotNull(r.c.nonRoot);
    assertEquals(0x61, r.machine.handler());
    assertEquals(0, r.machine.bus.read(DESCRIPTOR + 8, 8));
    assertEquals(2, r.machine.bus.read(DESCRIPTOR + 32, 8));
    r.c.setSystemFlags(r.c.eflags | 0x200);
    r.machine.interrupts.pending.add(0x40);
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(ExitReason.EXTERNAL_INTERRUPT, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x80000040L, r.get(VmcsField.EXIT_INTERRUPTION_INFORMATION));
  }

  @Test
  void haltedGuestWakes() {
    VmxRig r = delivering();
    r.set(VmcsField.GUEST_ACTIVITY, 1);
    r.set(VmcsField.GUEST_INTERRUPT_STATUS, 0x51);
    assertEquals("in", r.launch());
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(Cpu.Activity.ACTIVE, r.c.activity);
  }
}
