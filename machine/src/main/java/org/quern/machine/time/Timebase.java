package org.quern.machine.time;

import org.quern.machine.core.Timers;

/** Where a board has its time from: {@link HostTime} or {@link InstructionTime}. */
public interface Timebase {
  /** The clock and the timers that follow it. */
  Timers timers();

  /** Lets time flow. Not under the machine lock. */
  void start();

  /** Stops time. Not under the machine lock. */
  void stop();

  /** No callback runs any more. */
  void close();
}
