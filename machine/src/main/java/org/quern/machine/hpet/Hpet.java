package org.quern.machine.hpet;

import java.util.ArrayList;
import java.util.List;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;
import org.quern.machine.core.Timers;

/**
 * Three comparators on a 64-bit counter at 100 MHz, with legacy replacement: then timer 0 takes
 * interrupt 0 from the PIT and timer 1 interrupt 8 from the RTC, whose lines therefore run through
 * {@link #pitInput} and {@link #rtcInput}. All calls come under the machine lock. Source: IA-PC
 * HPET Specification 1.0a. FSB delivery is not offered.
 */
public final class Hpet implements MmioDevice, Stateful<Hpet.State>, Resettable {
  public static final int SIZE = 0x400;
  public static final int TIMERS = 3;

  /** Period of the counter in nanoseconds. */
  static final int TICK_NANOS = 10;

  private static final int LEGACY_TIMER0_IRQ = 0;
  private static final int LEGACY_TIMER1_IRQ = 8;

  // Offsets and bits, HPET specification, 2.3.
  private static final int CAPABILITIES = 0x000;
  private static final int CONFIGURATION = 0x010;
  private static final int STATUS = 0x020;
  private static final int COUNTER = 0x0f0;
  private static final int FIRST_TIMER = 0x100;
  private static final int TIMER_STRIDE = 0x20;
  private static final long ENABLE = 1;
  private static final long LEGACY = 2;
  // 10^7 fs a tick; vendor 8086, legacy capable, 64 bits, revision 1.
  private static final long CAPABILITIES_VALUE =
      10_000_000L << 32 | 0x8086_0000L | 1 << 15 | 1 << 13 | (TIMERS - 1) << 8 | 1;

  private final Timers timers;
  private final List<IrqLine> gsi;
  private final HpetTimer[] comparators = new HpetTimer[TIMERS];
  private long config;
  private long status;
  private long counter; // while disabled: the count; while enabled: count minus ticks of the clock
  private boolean pit;
  private boolean rtc;

  /**
   * Creates the HPET in its reset state.
   *
   * @param gsi lines by global system interrupt: at least 0, 8 and those of {@code routes}; 0 is
   *     the PIT's
   * @param routes which interrupts a timer may be routed to, a bit each
   */
  public Hpet(Timers timers, List<IrqLine> gsi, int routes) {
    this.timers = timers;
    this.gsi = List.copyOf(gsi);
    for (int i = 0; i < TIMERS; i++) {
      comparators[i] = new HpetTimer(this, i, routes, timers);
    }
    reset();
  }

  /** Where the PIT's output goes instead of to interrupt 0. */
  public IrqLine pitInput() {
    return level -> {
      pit = level;
      if (!legacy()) {
        gsi.get(LEGACY_TIMER0_IRQ).set(level);
      }
    };
  }

  /** Where the RTC's output goes instead of to interrupt 8. */
  public IrqLine rtcInput() {
    return level -> {
      rtc = level;
      if (!legacy()) {
        gsi.get(LEGACY_TIMER1_IRQ).set(level);
      }
    };
  }

  boolean enabled() {
    return (config & ENABLE) != 0;
  }

  private boolean legacy() {
    return (config & LEGACY) != 0;
  }

  long count() {
    return enabled() ? clockTicks() + counter : counter;
  }

  /** Guest time in nanoseconds at which the running counter reaches {@code count}. */
  long nanosAt(long count) {
    return (count - counter) * TICK_NANOS;
  }

  private long clockTicks() {
    return timers.clock().nanos() / TICK_NANOS;
  }

  /** The line of a timer with a route field. */
  IrqLine line(int timer, int route) {
    if (legacy() && timer < 2) {
      return gsi.get(timer == 0 ? LEGACY_TIMER0_IRQ : LEGACY_TIMER1_IRQ);
    }
    return route < gsi.size() ? gsi.get(route) : IrqLine.UNCONNECTED;
  }

  /** Sets a timer's bit in the interrupt status register. */
  void raise(int timer) {
    status |= 1L << timer;
  }

  boolean raised(int timer) {
    return (status >>> timer & 1) != 0;
  }

  @Override
  public long read(long offset, int size) {
    long register = register((int) offset & ~7);
    long shifted = register >>> (offset & 7) * 8;
    return size == 8 ? shifted : shifted & (1L << size * 8) - 1;
  }

  private long register(int offset) {
    if (offset >= FIRST_TIMER) {
      int index = (offset - FIRST_TIMER) / TIMER_STRIDE;
      return index < TIMERS ? comparators[index].read(offset & TIMER_STRIDE - 1) : 0;
    }
    return switch (offset) {
      case CAPABILITIES -> CAPABILITIES_VALUE;
      case CONFIGURATION -> config;
      case STATUS -> status;
      case COUNTER -> count();
      default -> 0;
    };
  }

  /** Registers take 32 or 64 bits; other writes are ignored. */
  @Override
  public void write(long offset, int size, long value) {
    int at = (int) offset & ~7;
    boolean upper = (offset & 4) != 0;
    if (size < 4 || (offset & (size - 1)) != 0) {
      return;
    }
    long mask = size == 8 ? -1 : upper ? 0xffff_ffffL << 32 : 0xffff_ffffL;
    long placed = upper ? value << 32 : value & mask;
    if (at >= FIRST_TIMER) {
      int index = (at - FIRST_TIMER) / TIMER_STRIDE;
      if (index < TIMERS) {
        comparators[index].write(at & TIMER_STRIDE - 1, placed, mask);
      }
      return;
    }
    switch (at) {
      case CONFIGURATION -> configure(config & ~mask | placed & (ENABLE | LEGACY));
      case STATUS -> acknowledge(placed);
      case COUNTER -> {
        if (!enabled()) {
          counter = counter & ~mask | placed;
        }
      }
      default -> {}
    }
  }

  private void configure(long next) {
    long changed = config ^ next;
    for (HpetTimer comparator : comparators) {
      comparator.settle();
    }
    if ((changed & LEGACY) != 0) {
      for (HpetTimer comparator : comparators) {
        comparator.release();
      }
    }
    if ((changed & ENABLE) != 0) {
      counter += (next & ENABLE) != 0 ? -clockTicks() : clockTicks();
    }
    config = next;
    if ((changed & LEGACY) != 0 && legacy()) {
      gsi.get(LEGACY_TIMER0_IRQ).set(false);
      gsi.get(LEGACY_TIMER1_IRQ).set(false);
    } else if ((changed & LEGACY) != 0) {
      gsi.get(LEGACY_TIMER0_IRQ).set(pit);
      gsi.get(LEGACY_TIMER1_IRQ).set(rtc);
    }
    for (HpetTimer comparator : comparators) {
      comparator.drive();
      comparator.schedule(false);
    }
  }

  private void acknowledge(long bits) {
    status &= ~bits;
    for (HpetTimer comparator : comparators) {
      comparator.drive();
    }
  }

  @Override
  public void reset() {
    for (HpetTimer comparator : comparators) {
      comparator.release();
    }
    config = 0;
    status = 0;
    counter = 0;
    for (HpetTimer comparator : comparators) {
      comparator.reset();
    }
  }

  @Override
  public State state() {
    List<TimerState> states = new ArrayList<>();
    for (HpetTimer comparator : comparators) {
      states.add(comparator.state());
    }
    return new State(config, status, counter, pit, rtc, List.copyOf(states));
  }

  @Override
  public void restore(State state) {
    config = state.config;
    status = state.status;
    counter = state.counter;
    pit = state.pit;
    rtc = state.rtc;
    if (!legacy()) {
      gsi.get(LEGACY_TIMER0_IRQ).set(pit);
      gsi.get(LEGACY_TIMER1_IRQ).set(rtc);
    }
    for (int i = 0; i < TIMERS; i++) {
      comparators[i].restore(state.timers.get(i));
    }
  }

  /**
   * All registers.
   *
   * @param counter the count while disabled; while enabled, what to add to guest time in ticks
   * @param pit level of the PIT's output
   * @param rtc level of the RTC's output
   */
  public record State(
      long config, long status, long counter, boolean pit, boolean rtc, List<TimerState> timers) {
    public State {
      if (timers.size() != TIMERS || (config & ~(ENABLE | LEGACY)) != 0) {
        throw new IllegalArgumentException("HPET state with a wrong number of timers or modes");
      }
    }
  }

  /**
   * One comparator.
   *
   * @param target the count of the next match, beyond 32 bits even in 32-bit mode
   * @param waiting whether the match is still to come
   */
  public record TimerState(
      long config, long comparator, long period, long target, boolean waiting) {}
}
