package org.quern.accel.software;

import org.quern.accel.api.Accelerator;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;

/**
 * {@code -accel interp} (decode once, then execute linked ops) and {@code -accel jit} (the same,
 * and translate what is hot). Works everywhere.
 */
public final class SoftwareAccelerator implements Accelerator {
  /** Executions of a branch target before its region is translated. */
  public static final int DEFAULT_THRESHOLD = 2000;

  private final int translateAfter;

  /** The interpreter. */
  public SoftwareAccelerator() {
    this(0);
  }

  /**
   * The translator.
   *
   * @param translateAfter executions of a branch target before it is translated, 1 or more; 0 never
   */
  public SoftwareAccelerator(int translateAfter) {
    this.translateAfter = translateAfter;
  }

  @Override
  public String name() {
    return translateAfter > 0 ? "jit" : "interp";
  }

  @Override
  public Vm createVm(VmConfig config) {
    return new SoftwareVm(config, translateAfter);
  }
}
