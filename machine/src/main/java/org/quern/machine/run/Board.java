package org.quern.machine.run;

import java.util.concurrent.locks.ReentrantLock;
import org.quern.accel.api.VmConfig;
import org.quern.machine.bus.SystemDma;
import org.quern.x86.state.CpuModel;

/** A board as {@link Machine} sees it. */
public interface Board {
  /** The machine lock: guards all device state, innermost but for none. */
  ReentrantLock lock();

  /** What an accelerator needs to make the processors. */
  VmConfig vmConfig(CpuModel model);

  /** Guest memory for loaders; its write listener belongs to the machine. */
  SystemDma dma();

  /** System reset of every device; RAM keeps its contents. Under the machine lock. */
  void reset();

  /** Lets guest time flow. Not under the machine lock. */
  void start();

  /** Stops guest time. Not under the machine lock. */
  void stop();

  /** Ends the board's threads for good. Not under the machine lock. */
  void close();
}
