package org.quern.accel.vtx;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.ExitCounts;
import org.quern.accel.api.TranslationCounts;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.software.Observation;
import org.quern.accel.software.Tiering;
import org.quern.accel.software.VmxProcessors;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/**
 * A virtual machine of the VMM: a processor with VMX for each virtual one, the VMM's private memory
 * and what all of them share. The processors of the host are those of the guest, with VMX.
 */
final class VtxVm implements Vm, CodeCounters, ExitCounts, ExitSites {
  /** The host addresses at least this much: above what old guests can name. */
  private static final int PHYSICAL_BITS_MIN = 40;

  /** Four entries of PAE paging. */
  private static final int PDPT_BYTES = 32;

  /** As many as have their PAE root in one page. */
  private static final int CPUS_MAX = PrivateMemory.PAGE / PDPT_BYTES;

  private final VtxOptions options;
  private final PrivateMemory memory;
  private final EptTables ept;
  private final Bitmaps bitmaps;
  private final VmxProcessors processors;
  private final List<VtxVcpu> vcpus = new ArrayList<>();

  VtxVm(VmConfig config, VtxOptions options, Tiering tiering, Observation observation, ExitLog log)
      throws AcceleratorException {
    this.options = options;
    if (config.model().has(CpuFeature.VMX)) {
      throw new AcceleratorException("a guest cannot have VMX under vtx; leave out +vmx");
    }
    CpuModel guestModel = guestModel(config, options);
    if (!options.ept() && config.cpus() > CPUS_MAX) {
      throw new AcceleratorException("at most " + CPUS_MAX + " processors with ept=off");
    }
    CpuModel hostModel = hostModel(guestModel);
    this.memory = new PrivateMemory(hostModel.physicalBits());
    this.ept = new EptTables(memory);
    this.bitmaps = new Bitmaps(memory);
    List<Cpu> hosts = new ArrayList<>();
    List<Cpu> guests = new ArrayList<>();
    for (int i = 0; i < config.cpus(); i++) {
      GuestBus bus = config.bus(i);
      hosts.add(new Cpu(i, hostModel, new HostBus(bus, memory), new NoInterrupts(), config.time()));
      guests.add(new Cpu(i, guestModel, bus, config.interrupts().get(i), config.time()));
      hosts.get(i).entropy = config.entropy().get();
      guests.get(i).entropy = hosts.get(i).entropy;
    }
    this.processors = new VmxProcessors(hosts, guests, tiering, observation);
    for (Cpu host : hosts) {
      vcpus.add(new VtxVcpu(this, host, processors, shadow(guests.get(host.index)), log));
    }
    config.bus(0).addRemapListener(this::remapped);
  }

  /** Shadow tables have no room for protection keys, and four levels. */
  private static CpuModel guestModel(VmConfig config, VtxOptions options) {
    CpuModel model = config.model().withProcessors(config.cpus());
    if (options.ept()) {
      return model;
    }
    Set<CpuFeature> features = new HashSet<>(model.features());
    features.removeAll(List.of(CpuFeature.PKU, CpuFeature.PKS, CpuFeature.LA57));
    return model.withFeatures(features);
  }

  private ShadowTables shadow(Cpu guest) {
    if (options.ept()) {
      return null;
    }
    return new ShadowTables(memory, guest, memory.lowPage() + (long) PDPT_BYTES * guest.index);
  }

  private static CpuModel hostModel(CpuModel guest) {
    Set<CpuFeature> features = EnumSet.of(CpuFeature.VMX);
    features.addAll(guest.features());
    int bits = Math.max(guest.physicalBits(), PHYSICAL_BITS_MIN);
    return guest.withFeatures(features).withPhysicalBits(bits);
  }

  /** The machine's memory map has changed. */
  private void remapped() {
    ept.clear();
    for (VtxVcpu v : vcpus) {
      v.signals.remapped();
    }
  }

  VtxOptions options() {
    return options;
  }

  EptTables ept() {
    return ept;
  }

  Bitmaps bitmaps() {
    return bitmaps;
  }

  @Override
  public int cpus() {
    return vcpus.size();
  }

  @Override
  public Vcpu vcpu(int index) {
    return vcpus.get(index);
  }

  @Override
  public void memoryWritten(long physical, long bytes) {
    processors.memoryWritten(physical, bytes);
  }

  @Override
  public void close() {
    for (VtxVcpu v : vcpus) {
      v.kick();
    }
    processors.close();
  }

  @Override
  public long translations() {
    return processors.counters().translations();
  }

  @Override
  public long invalidations() {
    return processors.counters().invalidations();
  }

  @Override
  public boolean translates() {
    return processors.counters().translates();
  }

  @Override
  public TranslationCounts counts() {
    return processors.counters().counts();
  }

  @Override
  public List<Exit> exits() {
    List<Exit> list = new ArrayList<>();
    for (int reason = 0; reason < ExitNames.REASONS; reason++) {
      long count = 0;
      long nanos = 0;
      for (VtxVcpu v : vcpus) {
        count += v.counts().count[reason];
        nanos += v.counts().nanos[reason];
      }
      if (count != 0) {
        list.add(new Exit(ExitNames.of(reason), count, nanos));
      }
    }
    list.sort(Comparator.comparingLong(Exit::count).reversed());
    return list;
  }

  @Override
  public List<Site> busiest(int most) {
    List<Site> list = new ArrayList<>();
    for (VtxVcpu v : vcpus) {
      v.counts().sites(list::add);
    }
    list.sort(Comparator.comparingLong(Site::count).reversed());
    return list.subList(0, Math.min(most, list.size()));
  }
}
