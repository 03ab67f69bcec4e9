package org.quern.machine.core;

/**
 * A range of I/O ports. Offsets count from the first port of the range; {@code size} is 1, 2 or 4
 * bytes. Called under the machine lock.
 */
public interface PortDevice {
  /** The value read, zero-extended. */
  int read(int offset, int size);

  void write(int offset, int size, int value);
}
