package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/**
 * The conformance suite with every branch target translated at its first execution, in the compact
 * form, and again in the fast form at the second.
 */
class JitConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(new Tiering(1, 1, false, true));
  }
}
