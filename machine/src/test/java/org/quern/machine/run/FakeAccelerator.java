package org.quern.machine.run;

import java.util.ArrayList;
import java.util.List;
import org.quern.accel.api.Accelerator;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.Vm;
import org.quern.accel.api.VmConfig;
import org.quern.accel.api.VmExit;

/** Processors whose run is a test's own code. */
public final class FakeAccelerator implements Accelerator {
  /** What a processor does. */
  @FunctionalInterface
  public interface Program {
    /** One run; give back {@link Cpu#kicked}, {@link Cpu#halted} or another exit. */
    VmExit run(Cpu cpu) throws InterruptedException;
  }

  private final Program program;
  private final List<Cpu> cpus = new ArrayList<>();
  private final List<String> written = new ArrayList<>();
  private boolean closed;

  public FakeAccelerator(Program program) {
    this.program = program;
  }

  public Cpu cpu(int i) {
    return cpus.get(i);
  }

  /** Ranges reported as written by others than processors. */
  public List<String> written() {
    return written;
  }

  public boolean closed() {
    return closed;
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public Vm createVm(VmConfig config) {
    for (int i = 0; i < config.cpus(); i++) {
      cpus.add(new Cpu(i, program));
    }
    return new Vm() {
      @Override
      public int cpus() {
        return cpus.size();
      }

      @Override
      public Vcpu vcpu(int index) {
        return cpus.get(index);
      }

      @Override
      public void memoryWritten(long physical, long bytes) {
        written.add(physical + "+" + bytes);
      }

      @Override
      public void close() {
        closed = true;
      }
    };
  }

  /** One of them. */
  public static final class Cpu implements Vcpu {
    private final int index;
    private final Program program;
    private final VmExit exit = new VmExit();
    private boolean kick;
    private boolean intr;
    private String events = "";
    private int kicksToLose;
    private int runs;
    private int resets;

    Cpu(int index, Program program) {
      this.index = index;
      this.program = program;
    }

    public synchronized int runs() {
      return runs;
    }

    public synchronized int resets() {
      return resets;
    }

    /** Pins touched, in order: n(mi), i(nit), s(tartup). */
    public synchronized String events() {
      return events;
    }

    public synchronized boolean intr() {
      return intr;
    }

    /** The next so many kicks are ignored. */
    public synchronized void loseKicks(int count) {
      kicksToLose = count;
    }

    /** Runs on until kicked. */
    public synchronized VmExit kicked() throws InterruptedException {
      while (!kick) {
        wait();
      }
      kick = false;
      return exit.set(VmExit.Kind.KICKED, null);
    }

    /** Nothing to do. */
    public VmExit halted() {
      return exit.set(VmExit.Kind.HLT, null);
    }

    public VmExit exit(VmExit.Kind kind, String message) {
      return exit.set(kind, message);
    }

    @Override
    public int index() {
      return index;
    }

    @Override
    public VmExit run() {
      synchronized (this) {
        runs++;
        notifyAll();
      }
      try {
        return program.run(this);
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Waits until the processor has been run so often. */
    public synchronized void awaitRuns(int count) throws InterruptedException {
      while (runs < count) {
        wait();
      }
    }

    @Override
    public synchronized void kick() {
      if (kicksToLose > 0) {
        kicksToLose--;
        return;
      }
      kick = true;
      notifyAll();
    }

    @Override
    public synchronized void setInterruptLine(boolean level) {
      intr = level;
    }

    @Override
    public synchronized void nmi() {
      events += "n";
    }

    @Override
    public synchronized void init() {
      events += "i";
    }

    @Override
    public synchronized void startup(int vector) {
      events += "s" + vector;
    }

    @Override
    public synchronized void reset() {
      resets++;
    }

    @Override
    public CpuState state() {
      return new CpuState();
    }

    @Override
    public void state(CpuState state) {}

    @Override
    public long instructions() {
      return 5;
    }
  }
}
