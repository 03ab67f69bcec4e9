package org.quern.x86.vmx;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** A VMM in Java: entries and exits without the guest code of a VMM. */
class VmxHostTest {
  private static final int CPUID_BYTES = 2;

  private final List<Long> reasons = new ArrayList<>();

  /** Skips CPUID and goes on; leaves at anything else. */
  private boolean exited(Cpu c) {
    Vmcs s = c.vmx.current();
    reasons.add(s.get(VmcsField.EXIT_REASON));
    if (s.get(VmcsField.EXIT_REASON) != ExitReason.CPUID) {
      return false;
    }
    s.set(VmcsField.GUEST_RIP, s.get(VmcsField.GUEST_RIP) + CPUID_BYTES);
    return new VmxPort(c).vmresume() == VmxPort.Outcome.SUCCEED;
  }

  private VmxRig started(String code) {
    VmxRig r = VmxRig.hosted(this::exited);
    r.machine.bytes(VmxRig.GUEST, code);
    assertEquals(VmxPort.Outcome.SUCCEED, new VmxPort(r.c).vmlaunch());
    return r;
  }

  @Test
  void exitsComeToTheHostWhichGoesOn() {
    VmxRig r = started("0fa2" + "40b701" + "0f01c1");
    r.machine.step();
    assertTrue(r.c.vmx.serveHost());
    assertNotNull(r.c.nonRoot);
    assertEquals(VmxRig.GUEST + CPUID_BYTES, r.c.rip);
    r.machine.run(2);
    assertEquals(1, r.c.gpr[Reg.RDI] & 0xff);
    assertEquals(false, r.c.vmx.serveHost());
    assertEquals(List.of((long) ExitReason.CPUID, (long) ExitReason.VMCALL), reasons);
    assertEquals(1, r.c.gpr[Reg.RDI] & 0xff);
  }

  @Test
  void failedEntryIsAnExit() {
    VmxRig r = VmxRig.hosted(this::exited);
    r.set(VmcsField.GUEST_RFLAGS, 0);
    assertEquals(VmxPort.Outcome.SUCCEED, new VmxPort(r.c).vmlaunch());
    assertEquals(false, r.c.vmx.serveHost());
    assertEquals(List.of(0x80000021L), reasons);
  }

  @Test
  void errorsOfOperations() {
    VmxRig r = VmxRig.hosted(this::exited);
    VmxPort p = new VmxPort(r.c);
    assertEquals(VmxPort.Outcome.FAIL_VALID, p.vmresume());
    assertEquals(InstructionError.VMRESUME_NOT_LAUNCHED, p.vmread(VmcsField.VM_INSTRUCTION_ERROR));
    p.vmwrite(VmcsField.PIN_CONTROLS, 0);
    assertEquals(VmxPort.Outcome.FAIL_VALID, p.vmlaunch());
    assertEquals(InstructionError.ENTRY_CONTROLS, p.vmread(VmcsField.VM_INSTRUCTION_ERROR));
    p.vmclear(p.current());
    assertEquals(VmxPort.Outcome.FAIL_INVALID, p.vmlaunch());
  }
}
