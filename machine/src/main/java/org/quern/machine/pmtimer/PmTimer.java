package org.quern.machine.pmtimer;

import org.quern.machine.core.VirtualClock;
import org.quern.machine.time.Ticks;

/**
 * The ACPI PM timer: 24 bits counting up at 3.579545 MHz from power-on. Its status bit TMR_STS
 * belongs to the PM1 block, which asks {@link #carries} whether bit 23 has changed since it last
 * looked. Thread-safe; without state of its own. Source: ACPI 6.4, 4.8.2.1.
 */
public final class PmTimer {
  public static final long HZ = 3_579_545;
  private static final int VALUE_MASK = 0xff_ffff;
  private static final int CARRY_SHIFT = 23;

  private final VirtualClock clock;

  public PmTimer(VirtualClock clock) {
    this.clock = clock;
  }

  /** What the port reads: bits 31 to 24 are 0. */
  public int value() {
    return (int) Ticks.fromNanos(clock.nanos(), HZ) & VALUE_MASK;
  }

  /** How often bit 23 has changed since power-on; each change sets TMR_STS. */
  public long carries() {
    return Ticks.fromNanos(clock.nanos(), HZ) >>> CARRY_SHIFT;
  }

  /** When bit 23 changes next, in nanoseconds of guest time; about every 2.34 s. */
  public long nextCarry() {
    return Ticks.toNanos((carries() + 1) << CARRY_SHIFT, HZ);
  }
}
