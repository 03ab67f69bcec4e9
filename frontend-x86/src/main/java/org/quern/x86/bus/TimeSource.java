package org.quern.x86.bus;

/** Guest time as the time-stamp counter sees it. Thread-safe, monotonic. */
public interface TimeSource {
  /** Ticks since reset at {@link #tscFrequency()}, before IA32_TSC_ADJUST. */
  long tsc();

  /** Ticks a second, in Hz. */
  long tscFrequency();
}
