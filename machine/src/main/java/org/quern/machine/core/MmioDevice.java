package org.quern.machine.core;

/**
 * A window of physical memory with registers. Offsets count from the start of the window; {@code
 * size} is 1, 2, 4 or 8 bytes. Called under the machine lock.
 */
public interface MmioDevice {
  /** The value read, zero-extended. */
  long read(long offset, int size);

  void write(long offset, int size, long value);
}
