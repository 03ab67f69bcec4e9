package org.quern.accel.software;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryUsage;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * Whether HotSpot has room left for compiled code. Once it has none, a new region would run in
 * HotSpot's own interpreter for good, which is slower than ours: then code stays with ours until
 * compiled code that is not used any more has been thrown away. Thread-safe.
 */
final class HostCodeRoom {
  /**
   * Free bytes below which nothing is added. HotSpot stops to compile when about 1.5 MB are left,
   * and then it takes it long to begin again.
   */
  private static final long FREE_MIN = 6 << 20;

  /** Requests between two looks. The first comes when there is something to look at. */
  private static final int INTERVAL = 128;

  private final LongSupplier free;
  private int requests;
  private boolean room = true;

  HostCodeRoom() {
    this(new Pools());
  }

  /**
   * For tests.
   *
   * @param free bytes of the code cache that are not in use
   */
  HostCodeRoom(LongSupplier free) {
    this.free = free;
  }

  /** Whether another region may be added. */
  synchronized boolean left() {
    // As long as it is full each request looks: there are few that are worth it.
    if (++requests % INTERVAL == 0 || !room) {
      room = free.getAsLong() >= FREE_MIN;
    }
    return room;
  }

  /** The code heap for optimised code, or the whole code cache if that is not divided. */
  private static final class Pools implements LongSupplier {
    private List<MemoryPoolMXBean> pools;

    @Override
    public long getAsLong() {
      if (pools == null) {
        pools =
            ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(
                    p -> p.getName().contains("non-profiled") || p.getName().equals("CodeCache"))
                .toList();
      }
      long least = Long.MAX_VALUE;
      for (MemoryPoolMXBean pool : pools) {
        MemoryUsage u = pool.getUsage();
        if (u != null && u.getMax() > 0) {
          least = Math.min(least, u.getMax() - u.getUsed());
        }
      }
      return least;
    }
  }
}
