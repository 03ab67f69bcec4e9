package org.quern.machine.run;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.machine.core.CpuLines;

/**
 * One processor's thread, and its pins. A halted processor parks until one of its pins is touched.
 *
 * <p>No wake-up is lost: a touch first reaches the processor and is then counted, and the thread
 * takes note of the count only right before a run, which would see what was touched.
 */
final class CpuRunner implements CpuLines, Runnable, Halts.Processor {
  /** What the thread reports. */
  interface Events {
    /** The processor is in shutdown; it runs again only after a reset. */
    void shutdown(int cpu, String message);

    /** The processor halts and no maskable interrupt can wake it. */
    void stuck(int cpu, String message);

    /** The processor cannot go on. */
    void failed(int cpu, String message);

    /** The processor's thread ends by something thrown: our own bug, or the heap is full. */
    void threw(int cpu, Throwable thrown);
  }

  private final int index;
  private volatile Vcpu vcpu;
  private volatile boolean intrLevel;
  private final AtomicInteger touches = new AtomicInteger();

  /** {@link #touches} before the last run. */
  private volatile int noticed;

  private volatile boolean stuck;
  private volatile Thread thread;
  private final Pace pace;
  private RunGate gate;
  private Events events;

  CpuRunner(int index, Pace pace) {
    this.index = index;
    this.pace = pace;
  }

  Pace pace() {
    return pace;
  }

  /** Connects the processor and starts its thread, which stops at the gate. */
  void start(Vcpu newVcpu, RunGate newGate, Events newEvents) {
    gate = newGate;
    events = newEvents;
    vcpu = newVcpu;
    newVcpu.setInterruptLine(intrLevel);
    Thread t = new Thread(this, "quern-cpu-" + index);
    t.setDaemon(true);
    thread = t;
    t.start();
  }

  @Override
  public boolean stuck() {
    // In this order: one that wakes is no longer stuck first, and takes note of the touch then.
    return !touched() && stuck;
  }

  @Override
  public int touches() {
    return touches.get();
  }

  private boolean touched() {
    return touches.get() != noticed;
  }

  Thread thread() {
    return thread;
  }

  // ---- pins

  @Override
  public void intr(boolean level) {
    intrLevel = level;
    Vcpu v = vcpu;
    if (v != null) {
      v.setInterruptLine(level);
      if (level) {
        touch();
      }
    }
  }

  @Override
  public void nmi() {
    Vcpu v = vcpu;
    if (v != null) {
      v.nmi();
      touch();
    }
  }

  @Override
  public void init() {
    Vcpu v = vcpu;
    if (v != null) {
      v.init();
      touch();
    }
  }

  @Override
  public void startup(int vector) {
    Vcpu v = vcpu;
    if (v != null) {
      v.startup(vector);
      touch();
    }
  }

  @Override
  public void smi() {
    // No board has system management mode.
  }

  /** Makes the processor come back to the gate soon. Any thread. */
  void kick() {
    Vcpu v = vcpu;
    if (v != null) {
      v.kick();
      LockSupport.unpark(thread);
    }
  }

  private void touch() {
    touches.getAndIncrement();
    LockSupport.unpark(thread);
  }

  // ---- the thread

  @Override
  public void run() {
    try {
      while (gate.enter()) {
        noticed = touches.get();
        VmExit exit = pace.run(vcpu);
        switch (exit.kind) {
          case KICKED -> {}
          case HLT -> {
            stuck = exit.message != null;
            if (stuck) {
              events.stuck(index, exit.message);
            }
            park();
            stuck = false;
          }
          case SHUTDOWN -> events.shutdown(index, exit.message);
          case DEBUG -> events.failed(index, "processor " + index + " stopped for no debugger");
          case INTERNAL_ERROR -> events.failed(index, exit.message);
        }
      }
    } catch (Throwable t) {
      // Errors too: a processor that dies silently would leave the machine hanging.
      events.threw(index, t);
      drainGate();
    }
  }

  private void park() {
    long most = pace.halted(vcpu);
    long start = System.nanoTime();
    long passed = 0;
    while (!touched() && gate.open() && passed < most) {
      if (most == Long.MAX_VALUE) {
        LockSupport.park(this);
      } else {
        LockSupport.parkNanos(this, most - passed);
      }
      // An interrupt of this thread would make parking return at once for ever.
      Thread.interrupted();
      passed = System.nanoTime() - start;
    }
    pace.waited(Math.min(passed, most));
  }

  /** Takes part in holding until the end, so that nobody waits for this thread. */
  private void drainGate() {
    boolean passed = true;
    while (passed) {
      passed = gate.enter();
      if (passed) {
        LockSupport.parkNanos(this, 1_000_000);
      }
    }
  }
}
