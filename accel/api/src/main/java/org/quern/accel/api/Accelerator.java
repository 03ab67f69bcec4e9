package org.quern.accel.api;

/** A way to run guest code. */
public interface Accelerator {
  /** Name as after {@code -accel}. */
  String name();

  /**
   * Creates a virtual machine with all its processors in their power-on state.
   *
   * @throws AcceleratorException if the accelerator cannot run this configuration here
   */
  Vm createVm(VmConfig config) throws AcceleratorException;
}
