package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.vtx.VtxOptions;

/** Changes of privilege, task and mode in VMX non-root operation, under the VMM. */
class VtxPrivilegeTest extends PrivilegeConformance {
  @Override
  Accelerator accelerator() {
    return Vtx.with(VtxOptions.DEFAULT);
  }
}
