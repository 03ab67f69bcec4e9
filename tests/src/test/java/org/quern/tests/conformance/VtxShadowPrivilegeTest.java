package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** Changes of privilege, task and mode with shadow page tables. */
class VtxShadowPrivilegeTest extends PrivilegeConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.of(false, false, false));
  }
}
