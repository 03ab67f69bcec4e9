package org.quern.tests.conformance;

import org.quern.accel.api.Accelerator;
import org.quern.accel.software.SoftwareAccelerator;
import org.quern.accel.software.Tiering;

/** AVX under {@code -accel interp}. */
class InterpAvxTest extends AvxConformance {
  @Override
  Accelerator accelerator() {
    return new SoftwareAccelerator(Tiering.INTERPRET);
  }
}
