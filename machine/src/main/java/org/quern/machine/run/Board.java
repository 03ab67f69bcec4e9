package org.quern.machine.run;

import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.VmConfig;
import org.quern.machine.bus.RamAccess;
import org.quern.machine.bus.SystemDma;

/** A board as {@link Machine} sees it. */
public interface Board {
  /** The machine lock: guards all device state, innermost but for none. */
  ReentrantLock lock();

  /** What an accelerator needs to make the processors. */
  VmConfig vmConfig();

  /** Guest memory for devices; its write listener belongs to the machine. */
  SystemDma dma();

  /** RAM for loaders; its write listener belongs to the machine. */
  RamAccess ramAccess();

  /** System reset of every device; RAM keeps its contents. Under the machine lock. */
  void reset();

  /** Lets guest time flow. Not under the machine lock. */
  void start();

  /** Stops guest time. Not under the machine lock. */
  void stop();

  /** Ends the board's threads for good. Not under the machine lock. */
  void close();
}
