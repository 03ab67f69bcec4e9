package org.quern.accel.vtx;

/**
 * The extended page tables of a virtual machine, shared by its processors: guest-physical addresses
 * are host-physical ones wherever the machine has memory, and nothing is mapped elsewhere. Filled
 * when a guest first touches a page. Source: SDM vol. 3C, 29.3.2.
 */
final class EptTables {
  private static final long READ = 1;
  private static final long WRITE = 1 << 1;
  private static final long EXECUTE = 1 << 2;
  private static final long RWX = READ | WRITE | EXECUTE;
  private static final long WRITE_BACK = 6 << 3;
  private static final long LARGE = 1 << 7;
  private static final long ADDRESS = 0x000ffffffffff000L;

  // EPTP: write-back, four levels. SDM vol. 3C, 25.6.11.
  private static final long POINTER = 6 | 3 << 3;

  static final long LARGE_BYTES = 1 << 21;

  private final PrivateMemory memory;
  private final long root;

  EptTables(PrivateMemory memory) {
    this.memory = memory;
    this.root = memory.page();
  }

  /** The EPTP. */
  long pointer() {
    return root | POINTER;
  }

  /**
   * Maps a page.
   *
   * @param large 2 MiB around the address, if no smaller page of it is mapped yet; else 4 KiB
   */
  synchronized void map(long guestPhysical, boolean writable, boolean large) {
    long rights = READ | EXECUTE | WRITE_BACK | (writable ? WRITE : 0);
    long table = root;
    for (int shift = 39; shift > 12; shift -= 9) {
      long at = table + ((guestPhysical >>> shift & 511) << 3);
      long e = memory.read64(at);
      if (large && shift == 21 && ((e & RWX) == 0 || (e & LARGE) != 0)) {
        memory.write64(at, guestPhysical & -LARGE_BYTES | rights | LARGE);
        return;
      }
      if ((e & RWX) == 0 || (e & LARGE) != 0) {
        e = memory.page() | RWX;
        memory.write64(at, e);
      }
      table = e & ADDRESS;
    }
    memory.write64(table + ((guestPhysical >>> 12 & 511) << 3), guestPhysical & ADDRESS | rights);
  }

  /**
   * Unmaps everything. Tables stay where they are, so that a processor may be walking them; each
   * has to empty its TLB afterwards.
   */
  synchronized void clear() {
    clear(root, 39);
  }

  private void clear(long table, int shift) {
    for (int n = 0; n < 512; n++) {
      long at = table + 8L * n;
      long e = memory.read64(at);
      if ((e & RWX) != 0) {
        if (shift == 12 || (e & LARGE) != 0) {
          memory.write64(at, 0);
        } else {
          clear(e & ADDRESS, shift - 9);
        }
      }
    }
  }
}
