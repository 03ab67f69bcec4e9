package org.quern.accel.kvm;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongConsumer;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.DirtyLog;
import org.quern.accel.api.ExitCounts;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.x86.bus.TimeSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/**
 * A machine whose processors the host's KVM runs. All memory, descriptors and interrupt state of it
 * belong to file descriptors of this process: however the process ends, the kernel frees them.
 */
final class KvmMachine implements Vm, ExitCounts, DirtyLog {
  private static final int KHZ = 1000;
  private static final System.Logger LOG = System.getLogger("org.quern.accel.kvm");

  private final KvmVm vm;
  private final KvmMemory memory;
  private final List<KvmProcessor> processors = new ArrayList<>();
  private boolean closed;

  /** A machine as the configuration says; nothing stays open if that fails. */
  static KvmMachine create(KvmDevice device, VmConfig config) throws AcceleratorException {
    int max = Math.max(device.extension(KvmAbi.CAP_MAX_VCPUS), 1);
    if (config.cpus() > max) {
      throw new AcceleratorException(
          "the KVM of this host has at most " + max + " processors, not " + config.cpus());
    }
    KvmKick.handleSignal();
    KvmMachine machine = new KvmMachine(device, config);
    try {
      machine.build(device, config);
    } catch (AcceleratorException e) {
      machine.close();
      throw e;
    }
    return machine;
  }

  private KvmMachine(KvmDevice device, VmConfig config) throws AcceleratorException {
    vm = device.createVm();
    memory =
        new KvmMemory(vm, config.bus(0), config.model().physicalBits(), device.readOnlyMemory());
  }

  private void build(KvmDevice device, VmConfig config) throws AcceleratorException {
    vm.reserveTss();
    memory.update();
    config.bus(0).addRemapListener(this::remapped);
    KvmCpuid supported = device.supportedCpuid();
    Set<Integer> listed = device.msrs();
    CpuModel model = KvmCpuModel.cut(config.model(), supported).withProcessors(config.cpus());
    boolean scales = device.extension(KvmAbi.CAP_TSC_CONTROL) > 0;
    for (int i = 0; i < config.cpus(); i++) {
      KvmVcpu vcpu = vm.createVcpu(i);
      TimeSource time = time(vcpu, config.time(), scales);
      Cpu cpu = new Cpu(i, model, config.bus(i), config.interrupts().get(i), time);
      vcpu.setCpuid(KvmCpuModel.leaves(cpu, supported));
      if (model.has(CpuFeature.MCA) && device.extension(KvmAbi.CAP_MCE) >= KvmMsrs.MC_BANKS) {
        vcpu.machineCheckBanks(KvmMsrs.MC_BANKS);
      }
      KvmState state = new KvmState(vcpu, new KvmMsrs(model, listed), cpu.interrupts, time);
      processors.add(new KvmProcessor(vcpu, state, cpu));
    }
  }

  /** The machine's counter at the frequency that KVM gives the guest. */
  private static TimeSource time(KvmVcpu vcpu, TimeSource machine, boolean scales)
      throws AcceleratorException {
    if (scales) {
      vcpu.tscKhz((int) (machine.tscFrequency() / KHZ));
    }
    long hz = (long) vcpu.tscKhz() * KHZ;
    return new TimeSource() {
      @Override
      public long tsc() {
        return machine.tsc();
      }

      @Override
      public long tscFrequency() {
        return hz;
      }
    };
  }

  private void remapped() {
    try {
      if (!closed) {
        memory.update();
      }
    } catch (AcceleratorException e) {
      // What the guest sees is wrong from here on; its processors go on until they notice.
      LOG.log(System.Logger.Level.ERROR, "guest memory cannot be remapped", e);
    }
  }

  @Override
  public int cpus() {
    return processors.size();
  }

  @Override
  public Vcpu vcpu(int index) {
    return processors.get(index);
  }

  /** Nothing is derived from memory that could be stale; only the log of written pages cares. */
  @Override
  public void memoryWritten(long physical, long bytes) {
    memory.written(physical, bytes);
  }

  @Override
  public List<Exit> exits() {
    return KvmExits.sum(processors.stream().map(p -> p.exits).toList());
  }

  @Override
  public void logDirtyPages(boolean on) throws AcceleratorException {
    memory.log(on);
  }

  @Override
  public void takeDirtyPages(LongConsumer page) throws AcceleratorException {
    memory.take(page);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      processors.forEach(KvmProcessor::close);
      vm.close();
    }
  }
}
