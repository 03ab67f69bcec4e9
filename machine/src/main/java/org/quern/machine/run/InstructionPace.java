package org.quern.machine.run;

import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.Stepping;
import org.quern.accel.api.Vcpu;
import org.quern.accel.api.VmExit;
import org.quern.machine.time.InstructionClock;
import org.quern.machine.time.InstructionTime;
import org.quern.machine.time.Timebase;

/**
 * Time that counts instructions (QEMU's {@code -icount}), for a machine of one processor: timers
 * ring on the processor's thread, between instructions, so that the same guest with the same input
 * does the same in every run.
 *
 * <p>Time stands still while the processor runs. A guest that looks at it is stopped soon, so that
 * it moves on.
 */
public final class InstructionPace implements Pace {
  /** Instructions after which the thread looks up at the latest. */
  private static final long SLICE = 1_000_000;

  private final InstructionClock clock;
  private final InstructionTime time;
  private final ReentrantLock lock;
  private final boolean sleep;
  private volatile Stepping running;

  /**
   * Creates it with its time.
   *
   * @param shift an instruction takes 2<sup>shift</sup> nanoseconds
   * @param sleep while the processor halts time passes as the host's does; otherwise it jumps
   * @param lock the machine lock
   */
  public InstructionPace(int shift, boolean sleep, ReentrantLock lock) {
    this.clock = new InstructionClock(shift);
    this.sleep = sleep;
    this.lock = lock;
    this.time = new InstructionTime(clock, lock, this::looked);
  }

  /** What the board's clocks and timers follow. */
  public Timebase time() {
    return time;
  }

  /** Guest time in nanoseconds; unlike the board's clock, nobody notices the question. */
  public long nanos() {
    return clock.nanos();
  }

  private void looked() {
    Stepping s = running;
    if (s != null) {
      s.stopSoon();
    }
  }

  /**
   * Whether a processor can be run this way.
   *
   * @param cpu of the accelerator in question
   */
  static boolean suits(Vcpu cpu) {
    return cpu instanceof Stepping;
  }

  @Override
  public VmExit run(Vcpu cpu) {
    Stepping stepping = (Stepping) cpu;
    long most = Math.min(SLICE, clock.instructionsUntil(advance(cpu)));
    running = stepping;
    try {
      return stepping.run(Math.max(1, most));
    } finally {
      running = null;
    }
  }

  /** Lets time catch up with the processor and timers ring; returns the next deadline. */
  private long advance(Vcpu cpu) {
    lock.lock();
    try {
      clock.executed(cpu.instructions());
      time.ring();
      return time.deadline();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public long halted(Vcpu cpu) {
    long deadline = advance(cpu);
    if (deadline == Long.MAX_VALUE) {
      return Long.MAX_VALUE;
    }
    if (sleep) {
      return Math.max(0, deadline - clock.nanos());
    }
    skip(deadline);
    return 0;
  }

  @Override
  public void waited(long nanos) {
    if (sleep) {
      skip(clock.nanos() + nanos);
    }
  }

  private void skip(long target) {
    lock.lock();
    try {
      // Not past a timer: what it does belongs to its time.
      clock.skipTo(Math.min(target, time.deadline()));
      time.ring();
    } finally {
      lock.unlock();
    }
  }
}
