package org.quern.accel.vtx;

import java.util.function.Consumer;

/**
 * Counts the VM exits of one processor: by reason, with the time that the VMM took, and by the RIPs
 * that cause most. Written by the processor's thread without a lock; others may read figures that
 * are a little old. Allocates nothing per exit.
 */
final class ExitCounter {
  /** Places of RIPs; a power of two. */
  private static final int SITES = 4096;

  /** Tries to find a place for a RIP. */
  private static final int PROBES = 8;

  final long[] count = new long[ExitNames.REASONS];
  final long[] nanos = new long[ExitNames.REASONS];

  private final long[] siteRip = new long[SITES];
  private final int[] siteReason = new int[SITES];
  private final long[] siteCount = new long[SITES];

  private int reason;
  private long start;

  /** An exit has come. */
  void begin(int why, long rip) {
    reason = why;
    count[why]++;
    site(why, rip);
    start = System.nanoTime();
  }

  /** It has been handled. */
  void end() {
    nanos[reason] += System.nanoTime() - start;
  }

  /** Where all places are taken, the least used of those tried gives way. */
  private void site(int why, long rip) {
    int h = (int) ((rip * 31 + why) * 0x9e3779b97f4a7c15L >>> 40);
    int least = h & SITES - 1;
    for (int n = 0; n < PROBES; n++) {
      int i = h + n & SITES - 1;
      if (siteCount[i] == 0 || (siteRip[i] == rip && siteReason[i] == why)) {
        siteRip[i] = rip;
        siteReason[i] = why;
        siteCount[i]++;
        return;
      }
      if (siteCount[i] < siteCount[least]) {
        least = i;
      }
    }
    siteRip[least] = rip;
    siteReason[least] = why;
    siteCount[least] = 1;
  }

  /** Tells every place that is remembered. */
  void sites(Consumer<ExitSites.Site> to) {
    for (int i = 0; i < SITES; i++) {
      if (siteCount[i] != 0) {
        to.accept(new ExitSites.Site(ExitNames.of(siteReason[i]), siteRip[i], siteCount[i]));
      }
    }
  }
}
