package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** The conformance suite with EPT where real mode and unpaged code are emulated. */
class VtxRestrictedConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.of(true, true, false));
  }
}
