package org.quern.accel.software;

import java.util.ArrayList;
import java.util.List;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.VmExit;
import org.quern.x86.state.Cpu;

/**
 * The processors of a host whose VMM is Java code: each runs the code of a guest in VMX non-root
 * operation and gives the VMM back control at a VM exit. Beside each stands an emulator, by which
 * the VMM executes single instructions of that guest with the same semantics.
 *
 * <p>An emulator belongs to the thread of its processor. Both see the same physical memory, so that
 * what is known of code there is shared.
 */
public final class VmxProcessors implements AutoCloseable {
  private final SoftwareVm vm;
  private final List<Emulator> emulators = new ArrayList<>();
  private final int count;

  /**
   * Processors that run nothing yet.
   *
   * @param processors with VMX
   * @param guests as the guest knows its own processors, in the same order
   */
  public VmxProcessors(
      List<Cpu> processors, List<Cpu> guests, Tiering tiering, Observation observation) {
    List<Cpu> all = new ArrayList<>(processors);
    all.addAll(guests);
    this.vm = new SoftwareVm(all, tiering, observation);
    this.count = processors.size();
    for (int i = 0; i < count; i++) {
      emulators.add(new Emulator(vm.vcpu(count + i)));
    }
  }

  public Emulator emulator(int index) {
    return emulators.get(index);
  }

  /** A processor begins to run guest code or to handle its exits; the others may wait for it. */
  public void begin() {
    vm.startRunning();
  }

  /** The end of what {@link #begin} began. */
  public void end() {
    vm.stopRunning();
  }

  /**
   * Runs guest code up to the next VM exit.
   *
   * @return null for a VM exit; otherwise what happened in its stead
   */
  public VmExit run(int index) {
    return vm.vcpu(index).core.runNonRoot();
  }

  /** As {@link org.quern.accel.api.Vm#memoryWritten}. */
  public void memoryWritten(long physical, long bytes) {
    vm.memoryWritten(physical, bytes);
  }

  public CodeCounters counters() {
    return vm;
  }

  @Override
  public void close() {
    vm.close();
  }
}
