package org.quern.machine.mem;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.quern.x86.mem.HostMemory;

/**
 * Which host page stands behind each guest physical page: a flat table by 2 MiB chunk, with a
 * second table by 4 KiB page only for chunks that are not one uniform piece of RAM.
 *
 * <p>A page has a host page for reads and one for writes. They are the same for RAM; ROM has none
 * for writes, and shadowing may direct writes to RAM while reads come from ROM.
 *
 * <p>Threading: looked up by every processor without a lock; changed under the machine lock. A
 * processor learns of a change through its remap listener, whose request is what orders the two.
 */
public final class PhysicalMap {
  private static final int PAGE_SHIFT = 12;
  private static final long PAGE_MASK = HostMemory.PAGE_SIZE - 1;
  private static final int CHUNK_SHIFT = 21;
  private static final long CHUNK_BYTES = 1L << CHUNK_SHIFT;
  private static final long IN_CHUNK = CHUNK_BYTES - 1;
  private static final int CHUNK_PAGES = 1 << CHUNK_SHIFT - PAGE_SHIFT;

  /** Marks a chunk with a page table of its own; no host address has this value. */
  private static final long FINE = 1;

  /** By chunk: host address of uniform RAM, 0 for nothing, or {@link #FINE}. */
  private final long[] whole;

  private final Pages[] fine;
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** Host pages of the 512 pages of one chunk; 0 for none. */
  private static final class Pages {
    final long[] read = new long[CHUNK_PAGES];
    final long[] write = new long[CHUNK_PAGES];
  }

  /**
   * An empty map.
   *
   * @param bytes addresses from 0 to here can be mapped
   */
  public PhysicalMap(long bytes) {
    int chunks = Math.toIntExact((bytes + IN_CHUNK) >>> CHUNK_SHIFT);
    whole = new long[chunks];
    fine = new Pages[chunks];
  }

  /** Host page to read from, or 0; see {@link org.quern.x86.bus.GuestBus#hostPage}. */
  public long readPage(long physical) {
    long chunk = physical >>> CHUNK_SHIFT;
    if (chunk >= whole.length) {
      return 0;
    }
    long host = whole[(int) chunk];
    if (host == FINE) {
      return fine[(int) chunk].read[(int) (physical & IN_CHUNK) >>> PAGE_SHIFT];
    }
    return host == 0 ? 0 : host + (physical & IN_CHUNK & ~PAGE_MASK);
  }

  /** Host page to write to, or 0. */
  public long writePage(long physical) {
    long chunk = physical >>> CHUNK_SHIFT;
    if (chunk >= whole.length) {
      return 0;
    }
    long host = whole[(int) chunk];
    if (host == FINE) {
      return fine[(int) chunk].write[(int) (physical & IN_CHUNK) >>> PAGE_SHIFT];
    }
    return host == 0 ? 0 : host + (physical & IN_CHUNK & ~PAGE_MASK);
  }

  /**
   * How many bytes from the page of {@code physical} on are certainly mapped like that page; see
   * {@link org.quern.x86.bus.GuestBus#hostRun}.
   */
  public long run(long physical) {
    long chunk = physical >>> CHUNK_SHIFT;
    if (physical < 0) {
      return HostMemory.PAGE_SIZE;
    }
    if (chunk >= whole.length) {
      return (Long.MAX_VALUE & ~PAGE_MASK) - (physical & ~PAGE_MASK);
    }
    return whole[(int) chunk] == FINE
        ? HostMemory.PAGE_SIZE
        : CHUNK_BYTES - (physical & IN_CHUNK & ~PAGE_MASK);
  }

  /**
   * Puts host memory behind a guest range, replacing what was there. Call {@link #announce} after
   * the last of a group of changes.
   *
   * @param start first guest address, page-aligned
   * @param bytes length, whole pages
   * @param read host address to read from, page-aligned; 0 for none
   * @param write host address to write to, page-aligned; 0 for none
   */
  public void map(long start, long bytes, long read, long write) {
    if (((start | bytes | read | write) & PAGE_MASK) != 0
        || start < 0
        || bytes < 0
        || start + bytes > (long) whole.length << CHUNK_SHIFT) {
      throw new IllegalArgumentException(
          "cannot map " + Long.toHexString(start) + " length " + Long.toHexString(bytes));
    }
    long done = 0;
    while (done < bytes) {
      int chunk = (int) ((start + done) >>> CHUNK_SHIFT);
      long r = read == 0 ? 0 : read + done;
      long w = write == 0 ? 0 : write + done;
      if ((start + done & IN_CHUNK) == 0 && bytes - done >= CHUNK_BYTES && r == w) {
        // The page table stays: another processor may be between the two lookups.
        whole[chunk] = r;
        done += CHUNK_BYTES;
      } else {
        int page = (int) (start + done & IN_CHUNK) >>> PAGE_SHIFT;
        Pages pages = pagesOf(chunk);
        pages.read[page] = r;
        pages.write[page] = w;
        done += HostMemory.PAGE_SIZE;
      }
    }
  }

  /** Takes host memory away from a guest range. */
  public void unmap(long start, long bytes) {
    map(start, bytes, 0, 0);
  }

  /** Puts both pieces of RAM where they belong. */
  public void map(GuestRam ram) {
    map(0, ram.lowBytes(), ram.lowHost(), ram.lowHost());
    if (ram.highBytes() > 0) {
      map(GuestRam.HIGH_START, ram.highBytes(), ram.highHost(), ram.highHost());
    }
  }

  /** Tells the listeners that lookups may answer differently from now on. */
  public void announce() {
    for (Runnable listener : listeners) {
      listener.run();
    }
  }

  public void addListener(Runnable listener) {
    listeners.add(listener);
  }

  private Pages pagesOf(int chunk) {
    if (whole[chunk] != FINE) {
      Pages pages = new Pages();
      if (whole[chunk] != 0) {
        for (int i = 0; i < CHUNK_PAGES; i++) {
          long host = whole[chunk] + ((long) i << PAGE_SHIFT);
          pages.read[i] = host;
          pages.write[i] = host;
        }
      }
      fine[chunk] = pages;
      // A processor that sees the mark must see the table: the reader depends on it by address.
      HostMemory.fullFence();
      whole[chunk] = FINE;
    }
    return fine[chunk];
  }
}
