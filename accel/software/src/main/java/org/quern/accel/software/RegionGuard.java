package org.quern.accel.software;

import java.util.Arrays;

/**
 * Which code pages a region with code of several pages was made of, and how they lie to each other.
 * Before it is entered they must be found to lie so still; while a region runs, no mapping changes.
 *
 * <p>The outcome of a check is kept for each processor until its mappings change.
 */
final class RegionGuard {
  /** Checks that fail, with all pages as they were, until the region is given up. */
  private static final int FAILURES_MAX = 64;

  private final int[] distances;
  private final CodePage[] pages;

  /** For each processor: mappings and base of the last check that went well. */
  private final long[] held;

  private int failures;

  /**
   * A guard.
   *
   * @param distances bytes from the base of the region to each page
   * @param processors how many may ask
   */
  RegionGuard(int[] distances, CodePage[] pages, int processors) {
    this.distances = distances.clone();
    this.pages = pages.clone();
    this.held = new long[2 * processors];
    Arrays.fill(held, -1);
  }

  /** Whether the pages lie as they did, the region starting at {@code base}. */
  boolean holds(Core k, long base) {
    int at = 2 * k.cpu.index;
    return (held[at] == k.mappings() && held[at + 1] == base) || check(k, base, at);
  }

  private boolean check(Core k, long base, int at) {
    for (int n = 0; n < pages.length; n++) {
      if (!pages[n].valid || k.pageIfMapped(base + distances[n] & k.ripMask()) != pages[n]) {
        return false;
      }
    }
    held[at] = k.mappings();
    held[at + 1] = base;
    return true;
  }

  /** Whether code of the region was overwritten. */
  boolean stale() {
    return !Arrays.stream(pages).allMatch(p -> p.valid);
  }

  /** The pages lie differently; whether that happens so often that the region is of no use. */
  boolean givenUp() {
    return ++failures >= FAILURES_MAX;
  }
}
