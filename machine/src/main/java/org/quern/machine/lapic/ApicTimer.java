package org.quern.machine.lapic;

import org.quern.machine.core.Timers;
import org.quern.machine.time.Tsc;

/**
 * The timer of one local APIC: counts down at 1 GHz through the divider, or waits for a time-stamp.
 * The count is computed from the clock when asked for; a host timer is armed only while an expiry
 * would interrupt. After every write the caller asks {@link #expire}, which also arms. All methods
 * are called under the lock of the local APIC. Source: SDM vol. 3A, 11.5.4.
 */
final class ApicTimer {
  /** Periods shorter than this are delivered at this rate. */
  private static final long SHORTEST_PERIOD = 10_000;

  private final Timers.Timer alarm;
  private final Timers timers;
  private final Tsc tsc;

  private int mode; // LVT timer mode bits
  private boolean masked = true;
  private int divide; // register value
  private int initial;
  private boolean counting;
  private long start; // when the current count-down began, ns
  private long deadline; // TSC deadline, 0: disarmed
  private boolean fired; // expired unmasked, interrupt not yet taken

  /**
   * @param expired runs under the machine lock when an alarm rings; must call {@link #expire}
   */
  ApicTimer(Timers timers, Tsc tsc, String name, Runnable expired) {
    this.timers = timers;
    this.tsc = tsc;
    alarm = timers.create(name, expired);
  }

  void reset() {
    mode = 0;
    masked = true;
    divide = 0;
    initial = 0;
    counting = false;
    start = 0;
    deadline = 0;
    fired = false;
    alarm.disarm();
  }

  /** The LVT entry was written. */
  void lvt(int value) {
    settle();
    int newMode = value & ApicReg.LVT_TIMER_MODE;
    boolean deadlineBefore = mode == ApicReg.LVT_TIMER_DEADLINE;
    if (deadlineBefore != (newMode == ApicReg.LVT_TIMER_DEADLINE)) {
      counting = false;
      initial = 0;
      deadline = 0;
    }
    mode = newMode;
    masked = (value & ApicReg.LVT_MASKED) != 0;
  }

  int divide() {
    return divide;
  }

  void divide(int value) {
    long now = timers.clock().nanos();
    settle(now);
    long left = remaining(now);
    divide = value & 0xb;
    if (counting) {
      start = now - (Integer.toUnsignedLong(initial) - left) * divisor();
    }
  }

  int initial() {
    return initial;
  }

  void initial(int value) {
    if (mode == ApicReg.LVT_TIMER_DEADLINE) {
      return;
    }
    initial = value;
    counting = value != 0;
    start = timers.clock().nanos();
  }

  int current() {
    // One look at the clock: the host may take us away between two, for longer than the count.
    long now = timers.clock().nanos();
    settle(now);
    return (int) remaining(now);
  }

  /** IA32_TSC_DEADLINE as RDMSR gives it. */
  long deadline() {
    settle();
    return deadline;
  }

  /** Arms for a time-stamp, 0 disarms. */
  void deadline(long value) {
    if (mode == ApicReg.LVT_TIMER_DEADLINE) {
      deadline = value;
    }
  }

  /**
   * Takes note of the time and arms for the next expiry.
   *
   * @return whether the timer has expired since it was last asked and wants its interrupt
   */
  boolean expire() {
    settle();
    schedule();
    boolean result = fired;
    fired = false;
    return result;
  }

  private long divisor() {
    int code = divide & 3 | divide >> 1 & 4;
    return code == 7 ? 1 : 2L << code;
  }

  private long period() {
    return Integer.toUnsignedLong(initial) * divisor();
  }

  private void settle() {
    settle(timers.clock().nanos());
  }

  /** Brings the state up to now. */
  private void settle(long now) {
    if (deadline != 0) {
      if (Long.compareUnsigned(tsc.tsc(), deadline) >= 0) {
        deadline = 0;
        fired |= !masked;
      }
    } else if (counting) {
      long elapsed = now - start;
      long period = period();
      if (elapsed < period) {
        return;
      }
      if (mode == ApicReg.LVT_TIMER_PERIODIC) {
        start += elapsed / period * period;
      } else {
        counting = false;
      }
      fired |= !masked;
    }
  }

  private long remaining(long now) {
    if (!counting) {
      return 0;
    }
    return Integer.toUnsignedLong(initial) - (now - start) / divisor();
  }

  private void schedule() {
    if (masked) {
      alarm.disarm();
    } else if (deadline != 0) {
      alarm.arm(tsc.nanosAt(deadline));
    } else if (counting) {
      long period = period();
      boolean tooFast = mode == ApicReg.LVT_TIMER_PERIODIC && period < SHORTEST_PERIOD;
      alarm.arm(start + (tooFast ? SHORTEST_PERIOD : period));
    } else {
      alarm.disarm();
    }
  }

  LocalApic.TimerState state() {
    return new LocalApic.TimerState(divide, initial, counting, start, deadline, fired);
  }

  /** The LVT entry is restored by the caller, first. */
  void restore(int lvt, LocalApic.TimerState state) {
    mode = lvt & ApicReg.LVT_TIMER_MODE;
    masked = (lvt & ApicReg.LVT_MASKED) != 0;
    divide = state.divide();
    initial = state.initial();
    counting = state.counting();
    start = state.start();
    deadline = state.deadline();
    fired = state.fired();
    schedule();
  }
}
