package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** What models hide, in VMX non-root operation, under the VMM. */
class VtxModelTest extends ModelConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.DEFAULT);
  }
}
