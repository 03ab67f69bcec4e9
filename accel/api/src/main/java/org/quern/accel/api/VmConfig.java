package org.quern.accel.api;

import java.util.List;
import java.util.function.Supplier;
import org.quern.x86.bus.EntropySource;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.state.CpuModel;

/**
 * What a virtual machine is made of.
 *
 * @param model the model of every processor
 * @param buses ports and physical memory as each processor sees them, by index
 * @param interrupts one local interrupt controller for each processor, by index
 * @param time the time-stamp counter
 * @param entropy makes what one processor's RDRAND and RDSEED give
 */
public record VmConfig(
    CpuModel model,
    List<GuestBus> buses,
    List<LocalInterrupts> interrupts,
    TimeSource time,
    Supplier<EntropySource> entropy) {
  public VmConfig {
    buses = List.copyOf(buses);
    interrupts = List.copyOf(interrupts);
    if (buses.isEmpty() || buses.size() != interrupts.size()) {
      throw new IllegalArgumentException("one bus and one interrupt controller a processor");
    }
  }

  /** With the host's random numbers. */
  public VmConfig(
      CpuModel model, List<GuestBus> buses, List<LocalInterrupts> interrupts, TimeSource time) {
    this(model, buses, interrupts, time, EntropySource::host);
  }

  /** The same with other random numbers. */
  public VmConfig withEntropy(Supplier<EntropySource> source) {
    return new VmConfig(model, buses, interrupts, time, source);
  }

  public int cpus() {
    return interrupts.size();
  }

  public GuestBus bus(int cpu) {
    return buses.get(cpu);
  }
}
