package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** Changes of privilege, task and mode under {@code -accel interp}. */
class InterpPrivilegeTest extends PrivilegeConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(Tiering.INTERPRET);
  }
}
