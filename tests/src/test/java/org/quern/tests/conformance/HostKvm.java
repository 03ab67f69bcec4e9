package org.quern.tests.conformance;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.TestInfo;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.VmExit;
import org.quern.accel.kvm.Kvm;
import org.quern.accel.kvm.KvmAccelerator;

/**
 * What the KVM of the host running the tests can do; a test that it cannot run says why.
 *
 * <p>Some hosts have a KVM without hardware behind it: 64-bit user code runs on the processor, all
 * other code goes through KVM's instruction emulator. That knows the instructions kernels need for
 * MMIO and little more. Such a host is recognized by what it does, and what is known to fail there
 * is skipped by name; on hosts with VT-x or SVM everything runs.
 */
final class HostKvm {
  private static final Kvm.Probe PROBE = Kvm.probe();
  private static final boolean EMULATES = PROBE.available() && emulates();

  private static final String NO_X87 = "its emulator has no x87";
  private static final String NO_DEBUG = "its emulator has no data breakpoints and no int1";
  private static final String NO_INT = "its emulator has no int n outside real mode";
  private static final String NO_TASK = "its emulator has no task gates";
  private static final String NO_V86 = "it does not enter virtual-8086 mode";

  /** Why a test method cannot pass on a host that emulates privileged code. */
  private static final Map<String, String> KNOWN = new HashMap<>();

  static {
    KNOWN.put("x87", NO_X87);
    KNOWN.put("x87Exception", NO_X87);
    KNOWN.put("dataBreakpoint", NO_DEBUG);
    KNOWN.put("singleStepBehindMovSs", NO_DEBUG);
    KNOWN.put("softwareInterrupts", NO_INT);
    KNOWN.put("ist", NO_INT);
    KNOWN.put("callGate", "its emulator has no call gates");
    KNOWN.put("lockCmpxchg16b", "its emulator has no cmpxchg16b");
    KNOWN.put("pageFaultCrossing", "its emulator writes the first page before the second faults");
    KNOWN.put("userModeAndSyscall", "it answers syscall with #GP");
    KNOWN.put("task", NO_TASK);
    KNOWN.put("doubleFaultTask", NO_TASK);
    KNOWN.put("faultAfterTaskSwitch", NO_TASK);
    KNOWN.put("virtual8086", NO_V86);
    KNOWN.put("virtual8086Limit", NO_V86);
  }

  private HostKvm() {}

  /** Whether all code but 64-bit user code goes through KVM's emulator. */
  private static boolean emulates() {
    try {
      GuestResult r = new GuestMachine(new KvmAccelerator(), Mode.LONG64).code("fldz").run();
      return r.kind() == VmExit.Kind.INTERNAL_ERROR;
    } catch (AcceleratorException e) {
      throw new IllegalStateException("KVM is there and cannot be used", e);
    }
  }

  /** Whether interrupts out of ring 3 lose IOPL: so they do where user code alone is native. */
  static boolean losesIopl() {
    return EMULATES;
  }

  /** Skips the test if the host has no KVM, or one that is known not to do what it needs. */
  static void assumeCanRun(TestInfo test) {
    assume(PROBE.available(), test, PROBE.reason());
    String why = KNOWN.get(test.getTestMethod().orElseThrow().getName());
    assume(!EMULATES || why == null, test, "this host's KVM emulates privileged code, and " + why);
  }

  /** Skips the test unless privileged code runs on the host's processor. */
  static void assumeHardware(TestInfo test) {
    assume(PROBE.available(), test, PROBE.reason());
    assume(!EMULATES, test, "this host's KVM emulates privileged code without these instructions");
  }

  private static void assume(boolean holds, TestInfo test, String reason) {
    if (!holds) {
      System.out.println("skipped: " + test.getDisplayName() + ": " + reason);
    }
    Assumptions.assumeTrue(holds, () -> "skipped: " + reason);
  }
}
