package org.quern.accel.vtx;

import org.quern.accel.api.Accelerator;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.software.Observation;
import org.quern.accel.software.Tiering;

/**
 * {@code -accel vtx}: the guest runs in VMX non-root operation of a modelled processor, under a VMM
 * in Java. Works everywhere; what hardware assistance costs can be counted exit by exit.
 */
public final class VtxAccelerator implements Accelerator {
  private final VtxOptions options;
  private final Tiering tiering;
  private final Observation observation;
  private final ExitLog log;

  /**
   * An accelerator.
   *
   * @param tiering when the code of guests is translated
   * @param observation of translation
   * @param log is told of each VM exit; null for nobody
   */
  public VtxAccelerator(VtxOptions options, Tiering tiering, Observation observation, ExitLog log) {
    this.options = options;
    this.tiering = tiering;
    this.observation = observation;
    this.log = log;
  }

  @Override
  public String name() {
    return "vtx";
  }

  @Override
  public Vm createVm(VmConfig config) throws AcceleratorException {
    return new VtxVm(config, options, tiering, observation, log);
  }
}
