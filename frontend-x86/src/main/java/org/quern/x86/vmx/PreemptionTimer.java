package org.quern.x86.vmx;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.quern.x86.state.Cpu;

/**
 * The VMX-preemption timer: counts down with a bit of the time-stamp counter, from VM entry on.
 * Owned by the processor's thread, which another one wakes when the time may have come. Source: SDM
 * vol. 3C, 26.5.1.
 */
final class PreemptionTimer {
  /** It counts when this bit of the TSC changes: IA32_VMX_MISC bits 0 to 4. */
  static final int RATE = 5;

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final long LONGEST_NANOS = 60 * NANOS_PER_SECOND;

  /** A halted processor looks at the time this often. */
  private static final long IDLE_NANOS = 50_000;

  private final Cpu c;
  private boolean active;

  /** The count, as the TSC has it, at which the timer is 0. */
  private long deadline;

  /** {@code System.nanoTime} of a wake-up that is under way. */
  private volatile long wakeAt;

  private volatile boolean waking;

  PreemptionTimer(Cpu c) {
    this.c = c;
  }

  private long count() {
    return c.time.tsc() >>> RATE;
  }

  /** VM entry. */
  void start(int value) {
    deadline = count() + Integer.toUnsignedLong(value);
    active = true;
    arm();
  }

  /** VM exit; the value is that of {@link #value} until the next VM entry. */
  void stop() {
    active = false;
  }

  boolean active() {
    return active;
  }

  /** What the timer has come down to. */
  int value() {
    return (int) Math.max(deadline - count(), 0);
  }

  /** Whether it is 0; if not, the processor will look again in time. */
  boolean expired() {
    if (!active) {
      return false;
    }
    if (count() >= deadline) {
      return true;
    }
    arm();
    return false;
  }

  /** Passes some time of a halted processor. */
  void idle() {
    if (c.pending == 0) {
      LockSupport.parkNanos(this, IDLE_NANOS);
    }
  }

  private void arm() {
    double ticks = (double) (deadline - count()) * (1 << RATE);
    long nanos = (long) Math.min(ticks * NANOS_PER_SECOND / c.time.tscFrequency(), LONGEST_NANOS);
    if (nanos <= 0) {
      c.request(Cpu.REQ_TIMER);
      return;
    }
    long at = System.nanoTime() + nanos;
    if (!waking || at - wakeAt < 0) {
      wakeAt = at;
      waking = true;
      Waker.SERVICE.schedule(this::wake, nanos, TimeUnit.NANOSECONDS);
    }
  }

  private void wake() {
    waking = false;
    c.request(Cpu.REQ_TIMER);
  }

  /** One thread for all processors, from the first timer that runs. */
  private static final class Waker {
    static final ScheduledExecutorService SERVICE =
        Executors.newSingleThreadScheduledExecutor(
            r -> {
              Thread t = new Thread(r, "vmx-preemption-timer");
              t.setDaemon(true);
              return t;
            });

    private Waker() {}
  }
}
