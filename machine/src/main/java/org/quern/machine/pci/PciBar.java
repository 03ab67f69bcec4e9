package org.quern.machine.pci;

import org.quern.machine.core.MmioDevice;
import org.quern.machine.core.PortDevice;

/** A base address register: what the guest places somewhere. Sizes are powers of two. */
public sealed interface PciBar {
  /** Number of the register, 0 to 5. */
  int index();

  /** Bytes or ports decoded. */
  long size();

  /** The constant low bits of the register. */
  int type();

  /**
   * Ports.
   *
   * @param width widest access the device takes in one piece
   */
  record Ports(int index, int count, int width, PortDevice device) implements PciBar {
    public Ports {
      check(index, 5, count, 4, 256);
    }

    @Override
    public long size() {
      return count;
    }

    @Override
    public int type() {
      return 1;
    }
  }

  /** Memory below 4 GiB. */
  record Memory(int index, long size, boolean prefetchable, MmioDevice device) implements PciBar {
    public Memory {
      check(index, 5, size, 16, 1L << 31);
    }

    @Override
    public int type() {
      return prefetchable ? 8 : 0;
    }
  }

  /** Memory anywhere; takes this register and the next. */
  record Memory64(int index, long size, boolean prefetchable, MmioDevice device) implements PciBar {
    public Memory64 {
      check(index, 4, size, 16, 1L << 40);
    }

    @Override
    public int type() {
      return prefetchable ? 12 : 4;
    }
  }

  private static void check(int index, int last, long size, long min, long max) {
    if (index < 0 || index > last || Long.bitCount(size) != 1 || size < min || size > max) {
      throw new IllegalArgumentException("bad BAR " + index + " of size " + size);
    }
  }
}
