package org.quern.machine.mem;

import org.quern.x86.mem.HostMemory;

/**
 * The RAM of a machine: one off-heap area, seen by the guest in up to two pieces, one from address
 * 0 and one from 4 GiB on. What lies between (and the holes in the first MiB) is the board's
 * business.
 *
 * <p>Contents survive a system reset. The area is never freed before the process ends.
 */
public final class GuestRam {
  /** First guest address of the upper piece. */
  public static final long HIGH_START = 1L << 32;

  /** Smallest amount a board can live with: the first MiB. */
  public static final long MIN_BYTES = 1L << 20;

  /** Largest amount: what the 40 physical address bits leave above the hole, with room to spare. */
  public static final long MAX_BYTES = 1L << 39;

  private final long bytes;
  private final long lowBytes;
  private final long host;

  /**
   * Allocates RAM.
   *
   * @param bytes total size, a multiple of 4 KiB from {@link #MIN_BYTES} to {@link #MAX_BYTES}
   * @param lowLimit the most of it that may lie below 4 GiB, a multiple of 4 KiB
   * @throws IllegalArgumentException if the size is not one of those
   * @throws OutOfMemoryError if the host has not that much address space
   */
  public GuestRam(long bytes, long lowLimit) {
    if (bytes < MIN_BYTES || bytes > MAX_BYTES || bytes % HostMemory.PAGE_SIZE != 0) {
      throw new IllegalArgumentException(
          "RAM must be whole pages from 1 MiB to 512 GiB, not " + bytes + " bytes");
    }
    if (lowLimit < MIN_BYTES || lowLimit > HIGH_START || lowLimit % HostMemory.PAGE_SIZE != 0) {
      throw new IllegalArgumentException("bad limit of low RAM: " + lowLimit);
    }
    this.bytes = bytes;
    this.lowBytes = Math.min(bytes, lowLimit);
    this.host = HostMemory.allocate(bytes);
  }

  public long bytes() {
    return bytes;
  }

  /** Size of the piece at guest address 0. */
  public long lowBytes() {
    return lowBytes;
  }

  /** Size of the piece at 4 GiB; 0 if all RAM fits below. */
  public long highBytes() {
    return bytes - lowBytes;
  }

  /** Host address of the piece at guest address 0. */
  public long lowHost() {
    return host;
  }

  /** Host address of the piece at 4 GiB; meaningless without one. */
  public long highHost() {
    return host + lowBytes;
  }
}
