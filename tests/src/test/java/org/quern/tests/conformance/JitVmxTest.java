package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** Guests that are hypervisors, with every branch target translated at its first execution. */
class JitVmxTest extends VmxConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(new Tiering(1, 0, false, true));
  }
}
