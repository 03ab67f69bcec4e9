package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** The extensions with every branch target translated at its first execution. */
class JitExtensionTest extends ExtensionConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(new Tiering(1, 0, false, true));
  }
}
