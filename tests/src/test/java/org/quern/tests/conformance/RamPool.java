package org.quern.tests.conformance;

import java.lang.ref.Cleaner;
import java.util.ArrayDeque;
import java.util.Deque;
import org.quern.x86.mem.HostMemory;

/**
 * RAM of test machines: areas outside the Java heap that are used again once their owner is
 * garbage. Thousands of machines would otherwise fill the host's memory.
 */
final class RamPool {
  /** Areas in use from which on the collector is asked to find some that are not. */
  private static final int MANY = 24;

  private static final Cleaner CLEANER = Cleaner.create();

  private final int bytes;
  private final Deque<Long> free = new ArrayDeque<>();
  private int used;

  /** A pool of areas of one size, a multiple of {@link HostMemory#PAGE_SIZE}. */
  RamPool(int bytes) {
    this.bytes = bytes;
  }

  /** Host address of a zeroed area. Its owner-to-be calls {@link #ownedBy}. */
  long take() {
    boolean many;
    synchronized (this) {
      many = free.isEmpty() && used >= MANY;
    }
    if (many) {
      System.gc();
      Thread.yield();
    }
    return next();
  }

  /** An area is the owner's as long as that can be reached. */
  void ownedBy(Object owner, long area) {
    CLEANER.register(owner, () -> giveBack(area));
  }

  private synchronized long next() {
    used++;
    Long area = free.poll();
    if (area == null) {
      return HostMemory.allocate(bytes);
    }
    HostMemory.fill(area, bytes, (byte) 0);
    return area;
  }

  private synchronized void giveBack(long area) {
    used--;
    free.add(area);
  }
}
