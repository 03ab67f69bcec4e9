package org.quern.accel.api;

import java.util.List;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.state.CpuModel;

/**
 * What a virtual machine is made of.
 *
 * @param model the model of every processor
 * @param bus ports and physical memory
 * @param interrupts one local interrupt controller for each processor, by index
 * @param time the time-stamp counter
 */
public record VmConfig(
    CpuModel model, GuestBus bus, List<LocalInterrupts> interrupts, TimeSource time) {
  public VmConfig {
    interrupts = List.copyOf(interrupts);
  }

  public int cpus() {
    return interrupts.size();
  }
}
