package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** Whole machines under {@code -accel vtx}. */
class VtxMachineTest extends MachineConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.DEFAULT);
  }
}
