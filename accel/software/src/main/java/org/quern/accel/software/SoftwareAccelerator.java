package org.quern.accel.software;

import org.quern.accel.api.Accelerator;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;

/**
 * {@code -accel interp} (decode once, then execute linked ops) and {@code -accel jit} (the same,
 * and translate what is hot). Works everywhere.
 */
public final class SoftwareAccelerator implements Accelerator {
  private final Tiering tiering;
  private final Observation observation;

  /** An accelerator that translates when {@code tiering} says so. */
  public SoftwareAccelerator(Tiering tiering) {
    this(tiering, Observation.NONE);
  }

  /** The same, watched. */
  public SoftwareAccelerator(Tiering tiering, Observation observation) {
    this.tiering = tiering;
    this.observation = observation;
  }

  @Override
  public String name() {
    return tiering.translates() ? "jit" : "interp";
  }

  @Override
  public Vm createVm(VmConfig config) {
    return new SoftwareVm(config, tiering, observation);
  }
}
