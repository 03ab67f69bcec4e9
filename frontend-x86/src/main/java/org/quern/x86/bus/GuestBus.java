package org.quern.x86.bus;

/**
 * Port and physical address space as seen from a processor. Implementations are thread-safe; every
 * address and size is legal (unassigned reads give all-ones, writes are ignored).
 */
public interface GuestBus {
  /** Reads {@code size} (1, 2 or 4) bytes from an I/O port; the result is zero-extended. */
  int portRead(int port, int size);

  /** Writes the low {@code size} (1, 2 or 4) bytes of {@code value} to an I/O port. */
  void portWrite(int port, int size, int value);

  /** Reads {@code size} (1, 2, 4 or 8) bytes of physical memory that has no direct mapping. */
  long mmioRead(long physical, int size);

  /** Writes {@code size} (1, 2, 4 or 8) bytes of physical memory that is not directly writable. */
  void mmioWrite(long physical, int size, long value);

  /**
   * Host address of the 4 KiB page that holds {@code physical}, if the page is RAM or ROM and may
   * be read directly; 0 otherwise. Remapping (PAM, PCI holes) is announced through {@link
   * #addRemapListener}.
   */
  long hostPage(long physical);

  /** Whether the page that holds {@code physical} may be written directly (RAM, not ROM). */
  boolean hostPageWritable(long physical);

  /**
   * How far {@link #hostPage} and {@link #hostPageWritable} go on alike: from the page that holds
   * {@code physical} on, so many bytes (whole pages, at least one, fewer than 2^63) are certain to
   * lie behind each other in the host's memory too, or to have none at all.
   */
  long hostRun(long physical);

  /**
   * What {@link #hostRun} says on a bus with one piece of memory, from address 0 on.
   *
   * @param bytes its size, whole pages
   */
  static long hostRun(long physical, long bytes) {
    long end = Long.compareUnsigned(physical, bytes) < 0 ? bytes : Long.MAX_VALUE & -4096;
    return physical < 0 ? 4096 : end - (physical & -4096);
  }

  /** Calls {@code listener} after every change of what {@link #hostPage} answers. */
  void addRemapListener(Runnable listener);
}
