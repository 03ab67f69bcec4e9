package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** The conformance suite in VMX non-root operation, under the VMM. */
class VtxConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.DEFAULT);
  }
}
