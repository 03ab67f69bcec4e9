package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** Changes of privilege, task and mode where real mode and unpaged code are emulated. */
class VtxRestrictedPrivilegeTest extends PrivilegeConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.of(true, false, false));
  }
}
