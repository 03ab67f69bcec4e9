package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** Whole machines under {@code -accel jit}. */
class JitMachineTest extends MachineConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(new Tiering(1, 1, false, true));
  }
}
