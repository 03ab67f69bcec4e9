package org.quern.machine.lapic;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.quern.machine.core.CpuLines;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.ManualTimers;
import org.quern.machine.ioapic.IoApic;
import org.quern.machine.pic.PicPair;
import org.quern.machine.time.Tsc;

/** Processors and devices on their own threads: nothing deadlocks and no interrupt is lost. */
class ApicThreadsTest {
  private static final int ROUNDS = 2_000;
  private static final int IPI = 0x40;
  private static final int DEVICE = 0x60;

  private final ReentrantLock lock = new ReentrantLock();
  private final ApicBus bus = new ApicBus(lock);
  private final PicPair pic = new PicPair(bus.picOutput());
  private final IoApic ioapic = new IoApic(bus);
  private final List<Cpu> cpus = new ArrayList<>();

  /** A processor that sleeps until INTR rises. */
  private final class Cpu implements CpuLines {
    private final Semaphore wake = new Semaphore(0);
    private final LocalApic apic;
    private volatile boolean intr;

    Cpu(int id) {
      ManualTimers timers = new ManualTimers();
      LocalApic.Config config = new LocalApic.Config(id, id == 0, 40, true);
      apic = new LocalApic(config, bus, timers, new Tsc(timers.clock(), 1_000_000_000), this);
    }

    @Override
    public void intr(boolean level) {
      intr = level;
      if (level) {
        wake.release();
      }
    }

    @Override
    public void nmi() {}

    @Override
    public void init() {}

    @Override
    public void startup(int vector) {}

    @Override
    public void smi() {}

    /** Takes the next interrupt. */
    int take() throws InterruptedException {
      while (true) {
        if (intr) {
          int vector = apic.acknowledge();
          if (vector >= 0) {
            return vector;
          }
        }
        if (!wake.tryAcquire(10, TimeUnit.SECONDS)) {
          throw new AssertionError("processor " + apic.id() + " waits in vain");
        }
      }
    }
  }

  private void locked(Runnable action) {
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  @Test
  void ipisDeviceLevelsAndThePicTogether() throws Exception {
    bus.connectPic(pic::acknowledge);
    for (int i = 0; i < 2; i++) {
      Cpu cpu = new Cpu(i);
      cpu.apic.writeMsr(ApicRig.IA32_APIC_BASE, 0xfee00c00L);
      cpu.apic.writeMsr(0x80f, 0x1ff);
      cpus.add(cpu);
    }
    pic.masterPorts().write(0, 1, 0x13);
    pic.masterPorts().write(1, 1, 0x20);
    pic.masterPorts().write(1, 1, 0x03);
    cpus.get(0).apic.writeMsr(0x835, 0x700);
    ioapic.write(0, 4, 0x10 + 2 * 5);
    ioapic.write(0x10, 4, 0x8000 | DEVICE);
    IrqLine level = ioapic.input(5);
    IrqLine edge = pic.input(3);
    Semaphore levelDone = new Semaphore(0);
    Semaphore edgeDone = new Semaphore(0);

    Callable<Integer> first =
        () -> {
          int taken = 0;
          int pings = 0;
          while (taken < 3 * ROUNDS) {
            int vector = cpus.get(0).take();
            taken++;
            if (vector == 0x23) {
              edgeDone.release();
              continue;
            }
            if (vector == DEVICE) {
              locked(() -> level.set(false));
              levelDone.release();
            } else if (++pings < ROUNDS) {
              cpus.get(0).apic.writeMsr(0x830, 1L << 32 | IPI);
            }
            cpus.get(0).apic.writeMsr(0x80b, 0);
          }
          return taken;
        };
    Callable<Integer> second =
        () -> {
          cpus.get(1).apic.writeMsr(0x830, IPI);
          int taken = 0;
          for (int i = 1; i < ROUNDS; i++) {
            assertThat(cpus.get(1).take()).isEqualTo(IPI);
            taken++;
            cpus.get(1).apic.writeMsr(0x80b, 0);
            cpus.get(1).apic.writeMsr(0x830, IPI);
          }
          return taken;
        };
    Callable<Integer> levels = () -> drive(level, levelDone, false);
    Callable<Integer> edges = () -> drive(edge, edgeDone, true);

    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> results = new ArrayList<>();
      for (Callable<Integer> task : List.of(first, second, levels, edges)) {
        results.add(threads.submit(task));
      }
      assertThat(results.get(0).get(60, TimeUnit.SECONDS)).isEqualTo(3 * ROUNDS);
      assertThat(results.get(1).get(60, TimeUnit.SECONDS)).isEqualTo(ROUNDS - 1);
      assertThat(results.get(2).get(60, TimeUnit.SECONDS)).isEqualTo(ROUNDS);
      assertThat(results.get(3).get(60, TimeUnit.SECONDS)).isEqualTo(ROUNDS);
    } finally {
      threads.shutdownNow();
    }
  }

  private int drive(IrqLine line, Semaphore done, boolean pulse) throws InterruptedException {
    int count = 0;
    while (count < ROUNDS) {
      locked(
          () -> {
            line.set(true);
            if (pulse) {
              line.set(false);
            }
          });
      if (!done.tryAcquire(10, TimeUnit.SECONDS)) {
        return count;
      }
      count++;
    }
    return count;
  }
}
