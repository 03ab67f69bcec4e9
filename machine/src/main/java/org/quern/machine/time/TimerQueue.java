package org.quern.machine.time;

import java.lang.System.Logger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.machine.core.Timers;
import org.quern.machine.core.VirtualClock;

/**
 * Timers in real time. One event thread sleeps until the earliest deadline and runs callbacks, one
 * at a time, under the machine lock.
 *
 * <p>Arming takes no lock, so it is safe with any lock held: it stores the deadline and wakes the
 * event thread only if that sleeps past it. A machine has a few dozen timers, so finding the
 * earliest is a scan. No wake-up is lost because the event thread publishes its alarm time before
 * it scans a second time: an arming thread either sees the alarm or is seen by the scan.
 *
 * <p>On a busy host the event thread may be kept waiting for longer than a guest expects an
 * interrupt to take. A processor that looks at the time meanwhile rings the timers itself, see
 * {@link #pollingNanos}: kernels that test a timer spin on the time-stamp counter.
 */
public final class TimerQueue implements Timers, AutoCloseable {
  private static final Logger LOG = System.getLogger("quern.machine");
  private static final long NEVER = Long.MAX_VALUE;

  /** So late may the event thread be, in nanoseconds: about what it takes to wake. */
  private static final long LATE = 100_000;

  private final HostClock clock;
  private final ReentrantLock machineLock;
  private final Thread thread;
  private volatile Entry[] entries = {};
  private volatile long alarm = Long.MIN_VALUE;

  /**
   * The earliest deadline, for pollers. Two threads may write it at once, and then it may be too
   * early, which costs a scan, or too late, which leaves the timer to the event thread.
   */
  private volatile long due = NEVER;

  private volatile boolean closed;

  /**
   * Creates the queue; no callback runs before {@link #start}.
   *
   * @param machineLock held around every callback
   */
  public TimerQueue(HostClock clock, ReentrantLock machineLock) {
    this.clock = clock;
    this.machineLock = machineLock;
    thread = new Thread(this::run, "quern-timers");
    thread.setDaemon(true);
    clock.onChange(() -> LockSupport.unpark(thread));
  }

  public void start() {
    thread.start();
  }

  /** Ends the event thread; a callback under way is waited for, unless it is the caller. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    if (Thread.currentThread() == thread || machineLock.isHeldByCurrentThread()) {
      return;
    }
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public synchronized Timer create(String name, Runnable callback) {
    Entry[] old = entries;
    Entry[] grown = new Entry[old.length + 1];
    System.arraycopy(old, 0, grown, 0, old.length);
    Entry entry = new Entry(name, callback);
    grown[old.length] = entry;
    entries = grown;
    return entry;
  }

  @Override
  public VirtualClock clock() {
    return clock;
  }

  /**
   * The time; rings what the event thread should have rung long ago. For processors, which hold no
   * lock when they ask.
   */
  long pollingNanos() {
    long now = clock.nanos();
    if (now - LATE >= due && !machineLock.isHeldByCurrentThread() && machineLock.tryLock()) {
      try {
        fireDue();
      } finally {
        machineLock.unlock();
      }
    }
    return now;
  }

  private void run() {
    while (!closed) {
      alarm = Long.MIN_VALUE;
      fireDue();
      long earliest = deadline(earliest());
      alarm = earliest;
      if (deadline(earliest()) < earliest || closed) {
        continue;
      }
      if (earliest == NEVER || !clock.running()) {
        LockSupport.park(this);
      } else {
        long wait = earliest - clock.nanos();
        if (wait > 0) {
          LockSupport.parkNanos(this, wait);
        }
      }
    }
  }

  private void fireDue() {
    while (!closed) {
      Entry entry = earliest();
      long deadline = deadline(entry);
      if (deadline == NEVER || deadline > clock.nanos()) {
        due = deadline;
        return;
      }
      machineLock.lock();
      try {
        if (entry.compareAndSet(deadline, NEVER)) {
          entry.callback.run();
        }
      } catch (RuntimeException e) {
        // Our own bug. All timers share this thread: without it the guest would hang in silence.
        LOG.log(Logger.Level.ERROR, "timer " + entry.name + " failed", e);
      } finally {
        machineLock.unlock();
      }
    }
  }

  private Entry earliest() {
    Entry first = null;
    long earliest = NEVER;
    for (Entry entry : entries) {
      long deadline = entry.get();
      if (deadline < earliest) {
        earliest = deadline;
        first = entry;
      }
    }
    return first;
  }

  private static long deadline(Entry entry) {
    return entry == null ? NEVER : entry.get();
  }

  /** The value is the deadline. */
  private final class Entry extends AtomicLong implements Timer {
    private static final long serialVersionUID = 1L;
    private final transient String name;
    private final transient Runnable callback;

    Entry(String name, Runnable callback) {
      super(NEVER);
      this.name = name;
      this.callback = callback;
    }

    @Override
    public void arm(long nanos) {
      set(nanos);
      if (nanos < due) {
        due = nanos;
      }
      if (nanos < alarm) {
        LockSupport.unpark(thread);
      }
    }

    @Override
    public void disarm() {
      set(NEVER);
    }

    @Override
    public String toString() {
      return name + "@" + get();
    }
  }
}
