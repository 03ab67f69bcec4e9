package org.quern.tests.conformance;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInfo;
import org.quern.accel.api.Accelerator;
import org.quern.accel.kvm.KvmAccelerator;

/** The extensions under {@code -accel kvm}. */
@Tag("kvm")
class KvmExtensionTest extends ExtensionConformance {
  @BeforeEach
  void needKvm(TestInfo test) {
    HostKvm.assumeHardware(test);
  }

  @Override
  Accelerator accelerator() {
    return new KvmAccelerator();
  }
}
