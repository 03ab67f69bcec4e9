package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** The extensions in VMX non-root operation, under the VMM. */
class VtxExtensionTest extends ExtensionConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.DEFAULT);
  }
}
