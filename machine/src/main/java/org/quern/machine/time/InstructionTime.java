package org.quern.machine.time;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.quern.machine.core.Timers;
import org.quern.machine.core.VirtualClock;

/**
 * Deterministic time: an {@link InstructionClock} and timers that ring when {@link #ring} is
 * called, in the order of their deadlines, those with the same deadline in the order of their
 * creation. Everything belongs to one thread, the one that runs the processors.
 */
public final class InstructionTime implements Timebase, Timers {
  private static final long NEVER = Long.MAX_VALUE;

  private final InstructionClock clock;
  private final ReentrantLock machineLock;
  private final VirtualClock seen;
  private final List<Entry> entries = new ArrayList<>();

  /** The earliest deadline at most; {@link #ring} is called far more often than anything is due. */
  private long earliest = NEVER;

  /**
   * Creates it without timers.
   *
   * @param machineLock held around every callback
   * @param onRead runs before each time the guest or a device looks at the clock
   */
  public InstructionTime(InstructionClock clock, ReentrantLock machineLock, Runnable onRead) {
    this.clock = clock;
    this.machineLock = machineLock;
    this.seen =
        () -> {
          onRead.run();
          return clock.nanos();
        };
  }

  /** Rings every timer that is due; a callback may make others due. */
  public void ring() {
    while (clock.nanos() >= earliest) {
      Entry due = first();
      earliest = due == null ? NEVER : due.deadline;
      if (clock.nanos() < earliest) {
        return;
      }
      due.deadline = NEVER;
      machineLock.lock();
      try {
        due.callback.run();
      } finally {
        machineLock.unlock();
      }
    }
  }

  /** The earliest deadline in nanoseconds; {@link Long#MAX_VALUE} if no timer is armed. */
  public long deadline() {
    Entry next = first();
    return next == null ? NEVER : next.deadline;
  }

  private Entry first() {
    Entry first = null;
    for (Entry e : entries) {
      if (e.deadline != NEVER && (first == null || e.deadline < first.deadline)) {
        first = e;
      }
    }
    return first;
  }

  @Override
  public Timer create(String name, Runnable callback) {
    Entry entry = new Entry(name, callback);
    entries.add(entry);
    return entry;
  }

  @Override
  public VirtualClock clock() {
    return seen;
  }

  @Override
  public Timers timers() {
    return this;
  }

  @Override
  public VirtualClock processorClock() {
    return seen;
  }

  /** Time flows with the instructions only. */
  @Override
  public void start() {}

  @Override
  public void stop() {}

  @Override
  public void close() {
    entries.clear();
    earliest = NEVER;
  }

  private final class Entry implements Timer {
    private final String name;
    private final Runnable callback;
    private long deadline = NEVER;

    Entry(String name, Runnable callback) {
      this.name = name;
      this.callback = callback;
    }

    @Override
    public void arm(long nanos) {
      deadline = nanos;
      earliest = Math.min(earliest, nanos);
    }

    @Override
    public void disarm() {
      deadline = NEVER;
    }

    @Override
    public String toString() {
      return name + "@" + deadline;
    }
  }
}
