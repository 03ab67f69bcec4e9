package org.quern.tests.conformance;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.quern.accel.api.Accelerator;
import org.quern.accel.kvm.KvmAccelerator;

/** Whole machines under {@code -accel kvm}. */
@Tag("kvm")
class KvmMachineTest extends MachineConformance {
  @BeforeEach
  void needKvm(TestInfo test) {
    HostKvm.assumeCanRun(test);
  }

  @Override
  Accelerator accelerator() {
    return new KvmAccelerator();
  }
}
