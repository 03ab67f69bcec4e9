package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** The conformance suite with shadow page tables and the FPU switched lazily. */
class VtxShadowConformanceTest extends AcceleratorConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.of(false, true, false));
  }
}
