package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** What models hide, under {@code -accel interp}. */
class InterpModelTest extends ModelConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(Tiering.INTERPRET);
  }
}
