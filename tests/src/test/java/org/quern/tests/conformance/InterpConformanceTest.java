package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** The conformance suite under {@code -accel interp}. */
class InterpConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(Tiering.INTERPRET);
  }
}
