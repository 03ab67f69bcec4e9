package org.quern.accel.api;

/** A virtual machine under one accelerator. */
public interface Vm extends AutoCloseable {
  int cpus();

  Vcpu vcpu(int index);

  /**
   * Tells that something other than a processor (DMA, a loader, a debugger) has written guest RAM,
   * so that code derived from it is dropped. Any thread.
   */
  void memoryWritten(long physical, long bytes);

  @Override
  void close();
}
