package org.quern.machine.time;

import org.quern.machine.core.Timers;
import org.quern.machine.core.VirtualClock;

/** Where a board has its time from: {@link HostTime} or {@link InstructionTime}. */
public interface Timebase {
  /** The clock and the timers that follow it. */
  Timers timers();

  /**
   * The same clock for processors. Looking at it may ring timers that are late, so it is not for
   * devices, and not to be asked with a lock held.
   */
  VirtualClock processorClock();

  /** Lets time flow. Not under the machine lock. */
  void start();

  /** Stops time. Not under the machine lock. */
  void stop();

  /** No callback runs any more. */
  void close();
}
