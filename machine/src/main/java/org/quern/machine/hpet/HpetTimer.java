package org.quern.machine.hpet;

import org.quern.machine.core.IrqLine;
import org.quern.machine.core.Timers;
import org.quern.machine.time.MissedTicks;

/** One comparator of the HPET. Source: HPET specification, 2.3.8 and 2.3.9. */
final class HpetTimer {
  private static final int CONFIGURATION = 0x00;
  private static final int COMPARATOR = 0x08;

  private static final long LEVEL = 1 << 1;
  private static final long INTERRUPT = 1 << 2;
  private static final long PERIODIC = 1 << 3;
  private static final long PERIODIC_CAPABLE = 1 << 4;
  private static final long WIDE_CAPABLE = 1 << 5;
  private static final long SET_VALUE = 1 << 6;
  private static final long NARROW = 1 << 8;
  private static final long WRITABLE = 0x3f4e;
  private static final long LOW = 0xffff_ffffL;

  /** Periods shorter than this many ticks are delivered at this rate: 10 microseconds. */
  private static final long SHORTEST_PERIOD = 1000;

  private final Hpet hpet;
  private final int index;
  private final long capabilities;
  private final Timers.Timer alarm;
  private long config;
  private long comparator;
  private long period;
  private long target;
  private boolean waiting;

  /** Edges that the host was too busy for. Not part of the state: a restored timer owes nothing. */
  private final MissedTicks missed = new MissedTicks(SHORTEST_PERIOD);

  HpetTimer(Hpet hpet, int index, int routes, Timers timers) {
    this.hpet = hpet;
    this.index = index;
    capabilities = (long) routes << 32 | PERIODIC_CAPABLE | WIDE_CAPABLE;
    alarm = timers.create("hpet" + index, this::match);
  }

  void reset() {
    config = capabilities;
    comparator = -1;
    period = 0;
    target = 0;
    waiting = false;
    missed.forget();
    alarm.disarm();
  }

  private boolean periodic() {
    return (config & PERIODIC) != 0;
  }

  private boolean narrow() {
    return (config & NARROW) != 0;
  }

  long read(int register) {
    settle();
    return switch (register) {
      case CONFIGURATION -> config;
      case COMPARATOR -> narrow() ? comparator & LOW : comparator;
      default -> 0;
    };
  }

  void write(int register, long value, long mask) {
    switch (register) {
      case CONFIGURATION -> {
        settle();
        release();
        config = config & ~(WRITABLE & mask) | value & WRITABLE;
        if (narrow()) {
          comparator &= LOW;
          period &= LOW;
        }
        drive();
        schedule(false);
      }
      case COMPARATOR -> writeComparator(value, mask);
      default -> {} // FSB route: not offered
    }
  }

  /** In periodic mode a write sets the period, and with VAL_SET the next match too. */
  private void writeComparator(long value, long mask) {
    long kept = narrow() ? LOW : -1;
    if (!periodic() || (config & SET_VALUE) != 0) {
      comparator = (comparator & ~mask | value) & kept;
    }
    if (periodic()) {
      period = (period & ~mask | value) & kept;
    }
    config &= ~SET_VALUE;
    schedule(true);
  }

  /**
   * Finds the next match.
   *
   * @param lateMatches whether a comparator behind the counter matches at once: so for one just
   *     written, or a guest that we made slow would miss its deadline by the counter's whole round
   */
  void schedule(boolean lateMatches) {
    missed.forget();
    waiting = hpet.enabled();
    if (waiting) {
      long now = hpet.count();
      long ahead = comparator - now;
      if (narrow()) {
        ahead = lateMatches && (int) ahead < 0 ? 0 : ahead & LOW;
        target = now + ahead;
      } else if (comparator >= 0 && (ahead >= 0 || lateMatches)) {
        target = now + Math.max(ahead, 0);
      } else {
        waiting = false; // a round of 64 bits takes 5,800 years
      }
    }
    arm();
  }

  private void arm() {
    boolean never = target > Long.MAX_VALUE / 2 / Hpet.TICK_NANOS;
    if (!waiting || (config & INTERRUPT) == 0 || never) {
      alarm.disarm();
    } else {
      alarm.arm(hpet.nanosAt(missed.next(hpet.count(), target, step())));
    }
  }

  private long step() {
    return Math.max(period, SHORTEST_PERIOD);
  }

  /** Moves on by whole periods, beyond now; returns how many more than one. */
  private long advance(long now) {
    long step = step();
    long passed = (now - target) / step;
    target += (passed + 1) * step;
    comparator = narrow() ? target & LOW : target;
    return passed;
  }

  /**
   * The comparator of a periodic timer runs on while its interrupt is off and no alarm is armed.
   */
  void settle() {
    if (waiting && (config & INTERRUPT) == 0 && periodic() && period != 0 && hpet.enabled()) {
      long now = hpet.count();
      if (now >= target) {
        advance(now);
      }
    }
  }

  private void match() {
    if (!waiting || !hpet.enabled()) {
      arm();
      return;
    }
    long now = hpet.count();
    if (now < target) {
      boolean late = missed.take();
      arm();
      if (late) {
        line().pulse();
      }
      return;
    }
    waiting = false;
    if (periodic() && period != 0) {
      long passed = advance(now);
      if ((config & LEVEL) == 0) {
        missed.add(passed);
      }
      waiting = true;
    } else if (narrow()) {
      target += 1L << 32;
      waiting = true;
    }
    arm();
    if ((config & LEVEL) != 0) {
      hpet.raise(index);
      drive();
    } else {
      line().pulse();
    }
  }

  private IrqLine line() {
    return hpet.line(index, (int) (config >> 9) & 0x1f);
  }

  /** Lets go of the line before its route changes. */
  void release() {
    if (hpet.raised(index) && (config & LEVEL) != 0) {
      line().set(false);
    }
  }

  /** Drives the line of a level-triggered timer from its status bit. */
  void drive() {
    if ((config & LEVEL) != 0) {
      line().set(hpet.raised(index) && (config & INTERRUPT) != 0);
    }
  }

  Hpet.TimerState state() {
    settle();
    return new Hpet.TimerState(config, comparator, period, target, waiting);
  }

  void restore(Hpet.TimerState state) {
    config = state.config() & WRITABLE | capabilities;
    comparator = state.comparator();
    period = state.period();
    target = state.target();
    waiting = state.waiting();
    missed.forget();
    drive();
    arm();
  }
}
