package org.quern.accel.software;

import org.quern.accel.api.Accelerator;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;

/** {@code -accel interp}: decode once, then execute linked ops. Works everywhere. */
public final class SoftwareAccelerator implements Accelerator {
  @Override
  public String name() {
    return "interp";
  }

  @Override
  public Vm createVm(VmConfig config) {
    return new SoftwareVm(config);
  }
}
