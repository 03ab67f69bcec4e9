package org.quern.machine.i8042;

/** Something on one of the controller's two serial lines. Under the machine lock. */
interface Ps2Device {
  /** Takes a byte from the host; answers become available through {@link #poll}. */
  void command(int b);

  /** Whether the device has something to say. */
  boolean hasData();

  /** The next byte; call only if {@link #hasData}. */
  int poll();
}
