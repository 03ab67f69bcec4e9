package org.quern.machine.core;

import java.util.ArrayList;
import java.util.List;

/** Timers that ring while a test moves the clock, each at its exact deadline. */
public final class ManualTimers implements Timers {
  private final FakeClock clock = new FakeClock();
  private final List<Manual> timers = new ArrayList<>();
  private int rung;

  @Override
  public Timer create(String name, Runnable callback) {
    Manual timer = new Manual(callback);
    timers.add(timer);
    return timer;
  }

  @Override
  public FakeClock clock() {
    return clock;
  }

  /** Moves the clock forward, ringing what falls due on the way. */
  public void advance(long nanos) {
    long end = clock.nanos() + nanos;
    Manual next = earliest();
    while (next != null && next.deadline <= end) {
      clock.set(Math.max(clock.nanos(), next.deadline));
      next.ring();
      next = earliest();
    }
    clock.set(end);
  }

  /** Moves the clock forward as if the event thread were late: everything rings at the end. */
  public void advanceLate(long nanos) {
    clock.set(clock.nanos() + nanos);
    advance(0);
  }

  /** How many deadlines are armed. */
  public long armed() {
    return timers.stream().filter(t -> t.deadline != Long.MAX_VALUE).count();
  }

  /** How many callbacks have run. */
  public int rung() {
    return rung;
  }

  private Manual earliest() {
    Manual first = null;
    for (Manual timer : timers) {
      if (timer.deadline != Long.MAX_VALUE && (first == null || timer.deadline < first.deadline)) {
        first = timer;
      }
    }
    return first;
  }

  private final class Manual implements Timer {
    private final Runnable callback;
    private long deadline = Long.MAX_VALUE;

    Manual(Runnable callback) {
      this.callback = callback;
    }

    void ring() {
      deadline = Long.MAX_VALUE;
      rung++;
      callback.run();
    }

    @Override
    public void arm(long nanos) {
      deadline = nanos;
    }

    @Override
    public void disarm() {
      deadline = Long.MAX_VALUE;
    }
  }
}
