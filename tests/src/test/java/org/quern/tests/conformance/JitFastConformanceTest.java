package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** The conformance suite with every branch target in the fast form at its first execution. */
class JitFastConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(new Tiering(1, 0, false, true));
  }
}
