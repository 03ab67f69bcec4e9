package org.quern.accel.vtx;

import org.quern.x86.mem.HostMemory;

/**
 * Physical memory of the host that no guest can name: VMXON regions, VMCSs, bitmaps and page tables
 * of the VMM. It lies at the top of the host's physical addresses, where no board has anything, and
 * no table of the VMM maps it. Thread-safe.
 */
final class PrivateMemory {
  static final int PAGE = 4096;

  private static final long WINDOW = 1L << 30;
  private static final int CHUNK_SHIFT = 21;

  private final long base;

  /** Host addresses of the chunks that exist. */
  private final long[] chunks = new long[(int) (WINDOW >> CHUNK_SHIFT)];

  /**
   * A page below 4 GiB, where PAE paging can reach its four top entries: between the local APICs
   * and the ROM, where no board has anything.
   */
  private static final long LOW = 0xfeff_f000L;

  private long lowHost;

  private long used;

  /** Memory below the end of what {@code physicalBits} can address. */
  PrivateMemory(int physicalBits) {
    this.base = (1L << physicalBits) - WINDOW;
  }

  /**
   * Takes a zeroed page.
   *
   * @return its physical address
   */
  synchronized long page() {
    if (used == WINDOW) {
      throw new OutOfMemoryError("the VMM has used up its 1 GiB of page tables");
    }
    int chunk = (int) (used >> CHUNK_SHIFT);
    if (chunks[chunk] == 0) {
      chunks[chunk] = HostMemory.allocate(1 << CHUNK_SHIFT);
    }
    long page = base + used;
    used += PAGE;
    return page;
  }

  /** Address of the page below 4 GiB, which exists from the first call on. */
  synchronized long lowPage() {
    if (lowHost == 0) {
      lowHost = HostMemory.allocate(PAGE);
    }
    return LOW;
  }

  /** Host address of the page with a physical address; 0 if it is not private. */
  long hostPage(long physical) {
    if ((physical & -PAGE) == LOW) {
      return lowHost;
    }
    long offset = physical - base;
    if (offset < 0 || offset >= WINDOW) {
      return 0;
    }
    long chunk = chunks[(int) (offset >> CHUNK_SHIFT)];
    return chunk == 0 ? 0 : chunk + (offset & (1 << CHUNK_SHIFT) - PAGE);
  }

  /** Physical address of the first page. */
  long start() {
    return base;
  }

  boolean contains(long physical) {
    return physical >= base || (lowHost != 0 && (physical & -PAGE) == LOW);
  }

  // ---- what the VMM reads and writes itself

  private long host(long physical) {
    long page = hostPage(physical);
    if (page == 0) {
      throw new IllegalStateException("not private: " + Long.toHexString(physical));
    }
    return page + (physical & PAGE - 1);
  }

  long read64(long physical) {
    return HostMemory.getLong(host(physical));
  }

  void write64(long physical, long value) {
    HostMemory.putLong(host(physical), value);
  }

  int read8(long physical) {
    return HostMemory.getByte(host(physical)) & 0xff;
  }

  void write8(long physical, int value) {
    HostMemory.putByte(host(physical), (byte) value);
  }

  void fill(long page, int value) {
    HostMemory.fill(host(page), PAGE, (byte) value);
  }
}
