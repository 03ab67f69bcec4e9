package org.quern.machine.lapic;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.machine.core.FakeCpu;
import org.quern.machine.core.ManualTimers;
import org.quern.machine.time.Tsc;
import org.quern.x86.bus.LocalInterrupts.InvalidMsrAccess;

/** Some processors' local APICs on a bus, with short names for what tests do. */
final class ApicRig {
  static final int IA32_APIC_BASE = 0x1b;
  static final int IA32_TSC_DEADLINE = 0x6e0;

  final ManualTimers timers = new ManualTimers();
  final Tsc tsc = new Tsc(timers.clock(), 2_000_000_000);
  final ReentrantLock machineLock = new ReentrantLock();
  final ApicBus bus = new ApicBus(machineLock);
  final List<FakeCpu> cpus = new ArrayList<>();
  final List<LocalApic> apics = new ArrayList<>();
  final List<ApicWindow> windows = new ArrayList<>();

  ApicRig(int count) {
    for (int i = 0; i < count; i++) {
      FakeCpu cpu = new FakeCpu();
      cpus.add(cpu);
      LocalApic.Config config = new LocalApic.Config(i, i == 0, 40, true);
      LocalApic apic = new LocalApic(config, bus, timers, tsc, cpu);
      apics.add(apic);
      windows.add(new ApicWindow(apic));
    }
  }

  /** Software-enables all, spurious vector 0xff. */
  ApicRig enabled() {
    for (int i = 0; i < apics.size(); i++) {
      write(i, 0xf0, 0x1ff);
    }
    return this;
  }

  /** Puts all into x2APIC mode, software-enabled. */
  ApicRig x2apic() {
    for (LocalApic apic : apics) {
      wrmsr(apic, IA32_APIC_BASE, rdmsr(apic, IA32_APIC_BASE) | 0x400);
      wrmsr(apic, 0x80f, 0x1ff);
    }
    return this;
  }

  int read(int cpu, int offset) {
    return (int) windows.get(cpu).read(offset, 4);
  }

  void write(int cpu, int offset, int value) {
    windows.get(cpu).write(offset, 4, Integer.toUnsignedLong(value));
  }

  void eoi(int cpu) {
    write(cpu, 0xb0, 0);
  }

  /** Sends by the xAPIC's ICR. */
  void icr(int cpu, int destination, int low) {
    write(cpu, 0x310, destination << 24);
    write(cpu, 0x300, low);
  }

  boolean intr(int cpu) {
    return cpus.get(cpu).intr();
  }

  int acknowledge(int cpu) {
    return apics.get(cpu).acknowledge();
  }

  long rdmsr(LocalApic apic, int msr) {
    try {
      return apic.readMsr(msr);
    } catch (InvalidMsrAccess e) {
      throw new AssertionError("RDMSR " + Integer.toHexString(msr) + " faulted", e);
    }
  }

  void wrmsr(LocalApic apic, int msr, long value) {
    try {
      apic.writeMsr(msr, value);
    } catch (InvalidMsrAccess e) {
      throw new AssertionError("WRMSR " + Integer.toHexString(msr) + " faulted", e);
    }
  }

  long rdmsr(int cpu, int msr) {
    return rdmsr(apics.get(cpu), msr);
  }

  void wrmsr(int cpu, int msr, long value) {
    wrmsr(apics.get(cpu), msr, value);
  }
}
