package org.quern.machine.core;

/**
 * Guest time in nanoseconds since power-on. Thread-safe, monotonic; stops while the VM is stopped.
 */
public interface VirtualClock {
  long nanos();
}
