package org.quern.accel.software;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.CodeCounters;
import org.quern.accel.api.TranslationCounts;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.x86.mmu.ExclusiveSection;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuModel;

/**
 * A virtual machine whose processors run in software, one host thread each.
 *
 * <p><b>Exclusive sections.</b> A processor that must be alone asks all others to stop between two
 * instructions and waits until each has stopped, is outside {@link Vcpu#run}, or waits for a
 * section of its own. It must not hold the machine lock then; devices never ask for a section.
 */
final class SoftwareVm implements Vm, CodeCounters, ExclusiveSection {
  private final SoftwareVcpu[] vcpus;
  private final CodeCache cache = new CodeCache(this::codeInvalidated);

  private final TranslationQueue queue;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Processors inside run() and not waiting here. Guarded by {@link #lock}. */
  private int running;

  /** The section's owner, or null. Guarded by {@link #lock}. */
  private Cpu owner;

  SoftwareVm(VmConfig config, Tiering tiering, Observation observation) {
    this(processors(config), tiering, observation);
  }

  private static List<Cpu> processors(VmConfig config) {
    List<Cpu> cpus = new ArrayList<>();
    CpuModel model = config.model().withProcessors(config.cpus());
    for (int i = 0; i < config.cpus(); i++) {
      Cpu cpu = new Cpu(i, model, config.bus(i), config.interrupts().get(i), config.time());
      cpu.entropy = config.entropy().get();
      cpus.add(cpu);
    }
    return cpus;
  }

  /** With processors that share physical memory. */
  SoftwareVm(List<Cpu> cpus, Tiering tiering, Observation observation) {
    queue = new TranslationQueue(tiering, observation);
    vcpus = new SoftwareVcpu[cpus.size()];
    for (int i = 0; i < vcpus.length; i++) {
      Cpu cpu = cpus.get(i);
      cpu.mmu.setCodeTracker(cache);
      cpu.mmu.setFlushListener((kind, la) -> FlightEvents.flushed(cpu.index, kind, la));
      if (vcpus.length > 1) {
        cpu.exclusive = this;
      }
      vcpus[i] = new SoftwareVcpu(this, cpu, cache, queue);
    }
  }

  @Override
  public int cpus() {
    return vcpus.length;
  }

  @Override
  public SoftwareVcpu vcpu(int index) {
    return vcpus[index];
  }

  @Override
  public void memoryWritten(long physical, long bytes) {
    cache.storedRange(physical, bytes);
  }

  @Override
  public long translations() {
    return queue.counters().regions();
  }

  @Override
  public long invalidations() {
    return cache.invalidations();
  }

  @Override
  public boolean translates() {
    return queue.tiering().translates();
  }

  @Override
  public TranslationCounts counts() {
    long misses = 0;
    for (SoftwareVcpu v : vcpus) {
      misses += v.core.misses;
    }
    return queue.counters().counts(cache.invalidatedRegions(), misses);
  }

  @Override
  public void close() {
    for (SoftwareVcpu v : vcpus) {
      v.kick();
    }
    queue.close();
  }

  private void codeInvalidated() {
    for (SoftwareVcpu v : vcpus) {
      if (v != null) {
        v.core.codeDied();
        v.cpu.request(Cpu.REQ_CODE);
      }
    }
  }

  /** A page begins to hold code: no processor may store to it unseen from now on. */
  void protectCode(Core by, long physicalPage) {
    if (vcpus.length == 1) {
      by.cpu.mmu.dropWriteTags(physicalPage);
      return;
    }
    enter(by.cpu);
    try {
      for (SoftwareVcpu v : vcpus) {
        v.cpu.mmu.dropWriteTags(physicalPage);
      }
    } finally {
      leave(by.cpu);
    }
  }

  // ---- exclusive sections

  /** A processor enters {@link Vcpu#run}. */
  void startRunning() {
    lock.lock();
    try {
      while (owner != null) {
        changed.awaitUninterruptibly();
      }
      running++;
    } finally {
      lock.unlock();
    }
  }

  /** A processor leaves {@link Vcpu#run}. */
  void stopRunning() {
    lock.lock();
    try {
      running--;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Called between two instructions by a processor that was asked to stop. */
  void yieldToExclusive() {
    stopRunning();
    startRunning();
  }

  @Override
  public void enter(Cpu c) {
    lock.lock();
    try {
      running--;
      changed.signalAll();
      while (owner != null) {
        changed.awaitUninterruptibly();
      }
      owner = c;
      for (SoftwareVcpu v : vcpus) {
        if (v.cpu != c) {
          v.cpu.request(Cpu.REQ_EXCLUSIVE);
        }
      }
      while (running != 0) {
        changed.awaitUninterruptibly();
      }
      running++;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void leave(Cpu c) {
    lock.lock();
    try {
      owner = null;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
