package org.quern.accel.software;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLongArray;
import org.quern.accel.software.FlightEvents.Cause;
import org.quern.x86.mmu.CodeTracker;

/**
 * All decoded code of a virtual machine by physical page, shared by its processors. Thread-safe:
 * one lock for structure, an atomic bitmap for the question "does this page hold code".
 */
final class CodeCache implements CodeTracker {
  /** Physical address bits covered by the bitmap in chunks of 2^30 bytes. */
  private static final int CHUNK_SHIFT = 30;

  private static final int CHUNKS = 1 << 22;

  /**
   * Stores beside code after which a page counts as data and is dropped; twice as many each time
   * that turns out to be wrong, so that data beside hot code costs a few drops only.
   */
  private static final int MISSES_MAX = 128;

  private static final int MISSES_DOUBLINGS = 20;

  /**
   * Pages kept at most. A stock kernel's boot has about two thousand; a guest that runs a byte in
   * each page of its RAM must not fill the heap.
   */
  static final int PAGES_MAX = 8192;

  private final Map<Long, CodePage[]> pages = new HashMap<>();
  private final AtomicLongArray[] bits = new AtomicLongArray[CHUNKS >> 6];

  /** How often a page was taken for data. */
  private final Map<Long, Integer> takenForData = new HashMap<>();

  /** Pages dropped because of a store. Guarded by this. */
  private long invalidations;

  /** Regions of pages dropped for whatever reason. Guarded by this. */
  private long invalidatedRegions;

  /** Told when ops have died: every processor must look up its code again. */
  private final Runnable invalidated;

  CodeCache(Runnable invalidated) {
    this.invalidated = invalidated;
  }

  /**
   * Finds or creates the page.
   *
   * @param physicalPage address of the page
   * @param host host address of its bytes
   */
  CodePage page(long physicalPage, CodeMode mode, long host) {
    boolean full;
    synchronized (this) {
      full = pages.size() >= PAGES_MAX && !pages.containsKey(physicalPage);
    }
    if (full) {
      // What is hot is soon back; keeping account of use would cost every jump.
      clear();
    }
    synchronized (this) {
      CodePage[] byMode =
          pages.computeIfAbsent(physicalPage, p -> new CodePage[CodeMode.values().length]);
      CodePage page = byMode[mode.ordinal()];
      if (page == null || page.host != host) {
        page = new CodePage(physicalPage, mode, host);
        byMode[mode.ordinal()] = page;
        setBit(physicalPage, true);
      }
      return page;
    }
  }

  /** Physical pages with code. */
  synchronized int size() {
    return pages.size();
  }

  @Override
  public boolean hasCode(long physicalPage) {
    AtomicLongArray chunk = chunk(physicalPage, false);
    if (chunk == null) {
      return false;
    }
    int page = (int) (physicalPage >>> 12) & (1 << CHUNK_SHIFT - 12) - 1;
    return (chunk.get(page >> 6) >>> page & 1) != 0;
  }

  @Override
  public void stored(long physical, int size) {
    boolean died;
    synchronized (this) {
      died = drop(physical & -4096, CodePage.mask((int) physical & 4095, size), Cause.STORE);
    }
    if (died) {
      invalidated.run();
    }
  }

  /** Drops all code in a physical range. */
  void storedRange(long physical, long bytes) {
    boolean died = false;
    synchronized (this) {
      for (long p = physical & -4096; p < physical + bytes; p += 4096) {
        if (hasCode(p)) {
          died |= drop(p, -1, Cause.OUTSIDE);
        }
      }
    }
    if (died) {
      invalidated.run();
    }
  }

  /** Drops everything. */
  void clear() {
    synchronized (this) {
      for (CodePage[] byMode : pages.values()) {
        for (CodePage p : byMode) {
          if (p != null) {
            retire(p, Cause.REMAP);
            setBit(p.physical, false);
          }
        }
      }
      pages.clear();
      takenForData.clear();
    }
    invalidated.run();
  }

  synchronized long invalidations() {
    return invalidations;
  }

  synchronized long invalidatedRegions() {
    return invalidatedRegions;
  }

  private void retire(CodePage p, Cause cause) {
    p.valid = false;
    invalidatedRegions += p.regionCount();
    FlightEvents.invalidated(p.physical, p.regionCount(), cause);
  }

  private boolean drop(long physicalPage, long mask, Cause cause) {
    CodePage[] byMode = pages.get(physicalPage);
    if (byMode == null) {
      return false;
    }
    boolean hit = false;
    boolean data = false;
    int patience = MISSES_MAX << takenForData.getOrDefault(physicalPage, 0);
    for (CodePage p : byMode) {
      if (p != null) {
        hit |= (p.granules & mask) != 0;
        data |= ++p.misses > patience;
      }
    }
    if (!hit && !data) {
      return false;
    }
    if (!hit) {
      takenForData.merge(physicalPage, 1, (n, one) -> Math.min(n + one, MISSES_DOUBLINGS));
    }
    for (CodePage p : byMode) {
      if (p != null) {
        retire(p, hit ? cause : Cause.DATA);
      }
    }
    invalidations++;
    pages.remove(physicalPage);
    setBit(physicalPage, false);
    return true;
  }

  private void setBit(long physicalPage, boolean on) {
    AtomicLongArray chunk = chunk(physicalPage, true);
    int page = (int) (physicalPage >>> 12) & (1 << CHUNK_SHIFT - 12) - 1;
    long bit = 1L << page;
    long old = chunk.get(page >> 6);
    chunk.set(page >> 6, on ? old | bit : old & ~bit);
  }

  private AtomicLongArray chunk(long physicalPage, boolean create) {
    int i = (int) (physicalPage >>> CHUNK_SHIFT) & bits.length - 1;
    AtomicLongArray chunk = bits[i];
    if (chunk == null && create) {
      chunk = new AtomicLongArray(1 << CHUNK_SHIFT - 12 - 6);
      bits[i] = chunk;
    }
    return chunk;
  }
}
