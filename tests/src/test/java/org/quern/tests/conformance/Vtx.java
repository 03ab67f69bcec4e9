package org.quern.tests.conformance;

import org.quern.accel.software.Observation;
import org.quern.accel.software.Tiering;
import org.quern.accel.vtx.VtxAccelerator;
import org.quern.accel.vtx.VtxOptions;

/** Accelerators of the kind vtx for tests. */
final class Vtx {
  private Vtx() {}

  /** One that translates every branch target at its first execution. */
  static VtxAccelerator with(VtxOptions options) {
    return new VtxAccelerator(options, new Tiering(1, 0, false, true), Observation.NONE, null);
  }
}
