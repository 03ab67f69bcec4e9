package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;

/** The conformance suite with every branch target translated at its first execution. */
class JitConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(1);
  }
}
