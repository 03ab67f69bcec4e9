package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.quern.x86.FakeMachine;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/** What later processors added to VMX. Source: SDM vol. 3C, chapters 25, 26 and 29. */
class VmxExtensionsTest {
  private static final long LOG = 0x330000;
  private static final long INFORMATION = 0x331000;
  private static final long LIST = 0x332000;
  private static final long OTHER_EPT = 0x334000;
  private static final String STORE = "a20000800000000000"; // mov [0x800000], al

  private static VmxRig rig(int secondary) {
    VmxRig r = VmxRig.prepared();
    r.add(VmcsField.PRIMARY_CONTROLS, 1L << 31);
    r.add(VmcsField.SECONDARY_CONTROLS, secondary);
    return r;
  }

  // ---- the preemption timer

  @Test
  void preemptionTimerCountsWithTheTsc() {
    VmxRig r = rig(0);
    r.add(VmcsField.PIN_CONTROLS, Controls.PIN_PREEMPTION_TIMER);
    r.add(VmcsField.EXIT_CONTROLS, Controls.EXIT_SAVE_PREEMPTION_TIMER);
    r.set(VmcsField.PREEMPTION_TIMER_VALUE, 100);
    r.machine.bytes(VmxRig.GUEST, "90");
    assertEquals("in", r.launch());
    assertFalse(r.c.nonRoot.interrupted());
    r.machine.time.tsc += 40 << PreemptionTimer.RATE;
    assertFalse(r.c.nonRoot.interrupted());
    r.c.nonRoot.leave(ExitReason.HLT, 0);
    assertEquals(60, r.get(VmcsField.PREEMPTION_TIMER_VALUE));
    assertEquals("in", r.resume());
    r.machine.time.tsc += 60 << PreemptionTimer.RATE;
    assertTrue(r.c.nonRoot.interrupted());
    assertEquals(ExitReason.PREEMPTION_TIMER, r.get(VmcsField.EXIT_REASON));
    assertEquals(0, r.get(VmcsField.PREEMPTION_TIMER_VALUE));
  }

  // ---- PAUSE loops, TSC, XSAVES

  @Test
  void pauseLoopLeavesBehindItsWindow() {
    VmxRig r = rig(Controls.PAUSE_LOOP);
    r.set(VmcsField.PLE_GAP, 100);
    r.set(VmcsField.PLE_WINDOW, 1000);
    r.guest("f390".repeat(40));
    for (int n = 0; n < 10; n++) {
      assertNotNull(r.c.nonRoot);
      r.machine.time.tsc += 100;
      r.machine.step();
    }
    assertNotNull(r.c.nonRoot);
    r.machine.time.tsc += 101; // a gap: the loop begins anew
    r.machine.step();
    assertNotNull(r.c.nonRoot);
    for (int n = 0; n < 10; n++) {
      r.machine.time.tsc += 100;
      r.machine.step();
    }
    assertNotNull(r.c.nonRoot);
    r.c.rip = VmxRig.GUEST;
    r.machine.time.tsc += 50;
    r.machine.step();
    assertEquals(ExitReason.PAUSE, r.get(VmcsField.EXIT_REASON));
  }

  @Test
  void tscIsScaledThenMoved() {
    VmxRig r = rig(Controls.TSC_SCALING);
    r.add(VmcsField.PRIMARY_CONTROLS, Controls.TSC_OFFSETTING);
    r.set(VmcsField.TSC_MULTIPLIER, 3L << 47); // 1.5
    r.set(VmcsField.TSC_OFFSET, 7);
    r.machine.time.tsc = 0x1_0000_0000L;
    r.guest("0f31");
    assertEquals(0x8000_0007L, r.c.gpr[Reg.RAX]);
    assertEquals(1, r.c.gpr[Reg.RDX]);
  }

  @Test
  void xsavesNeedsItsControl() {
    VmxRig r = rig(0);
    r.c.cr4 |= Cr.CR4_OSXSAVE;
    r.set(VmcsField.GUEST_CR4, r.c.cr4);
    r.guest("480fc72b"); // xsaves64 [rbx]
    assertEquals(6, r.machine.handler());
  }

  @Test
  void xsavesLeavesByItsBitmap() {
    VmxRig r = rig(Controls.XSAVES);
    r.set(VmcsField.GUEST_CR4, r.c.cr4 | Cr.CR4_OSXSAVE);
    r.c.msr.xss = 0x100;
    r.set(VmcsField.XSS_EXITING_BITMAP, 0x300);
    r.c.gpr[Reg.RAX] = 0x100;
    r.c.gpr[Reg.RDX] = 0;
    r.guest("480fc71b"); // xrstors64 [rbx]
    assertEquals(ExitReason.XRSTORS, r.get(VmcsField.EXIT_REASON));
  }

  // ---- EPT

  private static void modificationLog(VmxRig r, int index) {
    r.add(VmcsField.EPT_POINTER, 1 << 6);
    r.add(VmcsField.SECONDARY_CONTROLS, Controls.MODIFICATION_LOG);
    r.set(VmcsField.PML_ADDRESS, LOG);
    r.set(VmcsField.PML_INDEX, index);
  }

  @Test
  void dirtiedPagesAreLogged() {
    VmxRig r = rig(0);
    r.ept();
    modificationLog(r, 400);
    r.guest(STORE + STORE);
    long logged = r.get(VmcsField.PML_INDEX);
    assertEquals(0x800000, r.machine.bus.read(LOG + 8 * (logged + 1), 8));
    r.machine.step();
    assertEquals(logged, r.get(VmcsField.PML_INDEX));
  }

  @Test
  void aFullLogLeavesBeforeTheStore() {
    VmxRig r = rig(0);
    long entries = r.ept();
    modificationLog(r, 0xffff);
    for (int n = 0; n < 4; n++) {
      r.machine.bus.write(entries + 8L * n, 8, (long) n << 21 | 0x3b7);
    }
    r.guest(STORE);
    assertEquals(ExitReason.MODIFICATION_LOG_FULL, r.get(VmcsField.EXIT_REASON));
    assertEquals(0, r.machine.bus.read(entries + 8 * 4, 8) & 0x200);
  }

  private static VmxRig virtualizationException(long entry) {
    VmxRig r = rig(Controls.VIRTUALIZATION_EXCEPTION);
    r.set(VmcsField.VIRTUALIZATION_EXCEPTION_INFORMATION_ADDRESS, INFORMATION);
    r.set(VmcsField.EPTP_INDEX, 5);
    r.machine.bus.write(r.ept() + 8 * 4, 8, entry);
    r.guest(STORE);
    return r;
  }

  @Test
  void violationBecomesAnException() {
    VmxRig r = virtualizationException(4L << 21 | 0xb1);
    assertEquals(20, r.machine.handler());
    assertEquals(ExitReason.EPT_VIOLATION, r.machine.bus.read(INFORMATION, 4));
    assertEquals(0xffffffffL, r.machine.bus.read(INFORMATION + 4, 4));
    assertEquals(0x18a, r.machine.bus.read(INFORMATION + 8, 8));
    assertEquals(0x800000, r.machine.bus.read(INFORMATION + 16, 8));
    assertEquals(0x800000, r.machine.bus.read(INFORMATION + 24, 8));
    assertEquals(5, r.machine.bus.read(INFORMATION + 32, 2));
    r.c.rip = VmxRig.GUEST;
    r.machine.step(); // the area is not free
    assertEquals(ExitReason.EPT_VIOLATION, r.get(VmcsField.EXIT_REASON));
  }

  @Test
  void suppressedExceptionsLeave() {
    VmxRig r = virtualizationException(1L << 63);
    assertEquals(ExitReason.EPT_VIOLATION, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x182, r.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void executionGoesByMode() {
    VmxRig r = rig(Controls.EXECUTE_BY_MODE);
    r.ept(); // no entry has user execution, and the guest's addresses are user-mode addresses
    r.guest("90");
    assertEquals(ExitReason.EPT_VIOLATION, r.get(VmcsField.EXIT_REASON));
    assertEquals(VmxRig.GUEST, r.get(VmcsField.GUEST_LINEAR_ADDRESS));
    assertEquals(0x1bc, r.get(VmcsField.EXIT_QUALIFICATION));
  }

  @Test
  void executionByModeIsAllowedByBit10() {
    VmxRig r = VmxRig.prepared();
    long entries = r.ept();
    r.add(VmcsField.SECONDARY_CONTROLS, Controls.EXECUTE_BY_MODE);
    for (long at : new long[] {entries - 0x1000, entries - 0x2000, entries, entries + 8 * 4}) {
      r.machine.bus.write(at, 8, r.machine.bus.read(at, 8) & ~4L | 1 << 10);
    }
    r.machine.bytes(0x800000, "90");
    r.c.gpr[Reg.RBX] = 0x800000;
    r.guest("ffe3");
    r.machine.step();
    assertEquals(0x800001, r.c.rip);
  }

  // ---- VMFUNC

  private static VmxRig function(int functions) {
    VmxRig r = rig(Controls.VM_FUNCTIONS);
    r.ept();
    r.set(VmcsField.VM_FUNCTION_CONTROLS, functions);
    r.set(VmcsField.EPTP_LIST_ADDRESS, LIST);
    // Another EPT, which has at 0x800000 what is at 0xa00000.
    r.machine.bus.write(LIST + 8, 8, OTHER_EPT | 0x1e);
    r.machine.bus.write(OTHER_EPT, 8, OTHER_EPT + 0x1000 | 7);
    r.machine.bus.write(OTHER_EPT + 0x1000, 8, OTHER_EPT + 0x2000 | 7);
    for (int n = 0; n < 8; n++) {
      r.machine.bus.write(OTHER_EPT + 0x2000 + 8L * n, 8, (n == 4 ? 5L : n) << 21 | 0xb7);
    }
    r.machine.bus.write(0xa00000, 1, 0x5a);
    return r;
  }

  @Test
  void eptpSwitching() {
    VmxRig r = function(1);
    r.c.gpr[Reg.RCX] = 1;
    r.guest("a00000800000000000" + "31c0" + "0f01d4" + "a00000800000000000");
    r.machine.run(3);
    assertEquals(0x5a, r.c.gpr[Reg.RAX]);
    assertEquals(OTHER_EPT | 0x1e, r.get(VmcsField.EPT_POINTER));
  }

  @Test
  void functionsThatLeaveOrAreUndefined() {
    VmxRig r = function(1);
    r.c.gpr[Reg.RCX] = 2; // no valid pointer there
    r.guest("0f01d4");
    assertEquals(ExitReason.VMFUNC, r.get(VmcsField.EXIT_REASON));
    r = function(1);
    r.c.gpr[Reg.RCX] = 512;
    r.guest("0f01d4");
    assertEquals(ExitReason.VMFUNC, r.get(VmcsField.EXIT_REASON));
    r = function(0);
    r.guest("0f01d4");
    assertEquals(ExitReason.VMFUNC, r.get(VmcsField.EXIT_REASON));
    r = VmxRig.prepared();
    r.guest("0f01d4");
    assertEquals(6, r.machine.handler());
  }

  // ---- VMCS shadowing

  @Test
  void fieldsOfTheShadowVmcs() {
    VmxRig r = rig(Controls.VMCS_SHADOWING);
    r.set(VmcsField.VMREAD_BITMAP, LIST);
    r.set(VmcsField.VMWRITE_BITMAP, LIST + 0x1000);
    r.machine.bus.write(LIST + 0x1000 + (0x681e >> 3), 1, 0x40);
    r.machine.bus.write(OTHER_EPT, 4, Vmcs.REVISION | Vmcs.SHADOW);
    r.set(VmcsField.VMCS_LINK_POINTER, OTHER_EPT);
    r.c.gpr[Reg.RCX] = 0x681c;
    r.c.gpr[Reg.RAX] = 0x1234;
    r.guest("0f79c8" + "0f78cb" + "b91e680000" + "0f79c8"); // vmwrite, vmread rbx, mov ecx, vmwrite
    r.machine.step();
    assertEquals(0x1234, r.c.gpr[Reg.RBX]);
    r.machine.run(2);
    assertEquals(ExitReason.VMWRITE, r.get(VmcsField.EXIT_REASON));
    assertEquals(FakeMachine.STACK0, r.get(VmcsField.HOST_RSP));
  }

  @Test
  void aShadowVmcsCannotBeLaunched() {
    VmxRig r = VmxRig.prepared();
    r.machine.bus.write(VmxRig.REGION, 4, Vmcs.REVISION | Vmcs.SHADOW);
    assertEquals("CF", r.run("0f01c2"));
  }

  // ---- IRET and NMIs, moving a guest

  @Test
  void faultOfIretSaysThatItUnblockedNmis() {
    VmxRig r = VmxRig.prepared();
    r.add(VmcsField.PIN_CONTROLS, Controls.PIN_NMI | Controls.PIN_VIRTUAL_NMIS);
    r.set(VmcsField.GUEST_INTERRUPTIBILITY, GuestState.BY_NMI);
    r.set(VmcsField.EXCEPTION_BITMAP, 1 << 13 | 1 << 14);
    r.guest("48cf"); // iretq with zeros on the stack
    assertEquals(ExitReason.EXCEPTION_OR_NMI, r.get(VmcsField.EXIT_REASON));
    assertEquals(0x80001b0dL, r.get(VmcsField.EXIT_INTERRUPTION_INFORMATION));
    assertEquals(0, r.get(VmcsField.GUEST_INTERRUPTIBILITY));
  }

  @Test
  void aGuestIsStoppedAndContinued() {
    VmxRig r = VmxRig.prepared();
    r.machine.bytes(VmxRig.GUEST, "0fa2");
    assertEquals("in", r.launch());
    VmxState s = new VmxState();
    r.c.vmx.save(s);
    assertEquals(VmxRig.REGION, s.vmcsPointer);
    r.c.vmx.reset();
    assertNull(r.c.nonRoot);
    r.c.vmx.load(s);
    r.machine.step();
    assertEquals(ExitReason.CPUID, r.get(VmcsField.EXIT_REASON));
    assertEquals(VmxRig.HOST, r.c.rip);
  }
}
