package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** Guests that are hypervisors under {@code -accel interp}. */
class InterpVmxTest extends VmxConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(Tiering.INTERPRET);
  }
}
