package org.quern.machine.run;

import java.io.IOException;
import org.quern.accel.api.Vm;

/**
 * What firmware does in no time: fills RAM and sets the processors' state before the first
 * instruction, and again after each system reset. The processors do not run, devices are reset, the
 * machine lock is held.
 */
@FunctionalInterface
public interface BootHook {
  /**
   * Prepares the boot.
   *
   * @throws IOException if what is to be booted cannot be; the machine ends with its message
   */
  void boot(Vm vm) throws IOException;

  /** Leaves the processors at the reset vector, for a BIOS in ROM. */
  BootHook NONE = vm -> {};
}
