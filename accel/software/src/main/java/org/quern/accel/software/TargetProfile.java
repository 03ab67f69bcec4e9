package org.quern.accel.software;

import java.util.Arrays;

/**
 * Where an indirect jump of a page has led to inside that page. Written by all processors without a
 * lock: a lost count does no harm.
 */
final class TargetProfile {
  private static final int SLOTS = 64;

  /** Targets that are looked for; less frequent ones are not worth a place in a region. */
  private static final int LISTED_MAX = 24;

  /** Target plus 1, or 0. */
  private final short[] targets = new short[SLOTS];

  private final int[] counts = new int[SLOTS];

  /** Notes that a jump led to an offset of its page. */
  void record(int offset) {
    int slot = offset * 0x9e3779b1 >>> 26;
    for (int n = 0; n < SLOTS; n++) {
      int at = slot + n & SLOTS - 1;
      if (targets[at] == offset + 1) {
        counts[at]++;
        return;
      }
      if (targets[at] == 0) {
        targets[at] = (short) (offset + 1);
        counts[at] = 1;
        return;
      }
    }
  }

  /** The offsets seen, most frequent first. */
  int[] offsets() {
    return java.util.stream.IntStream.range(0, SLOTS)
        .filter(n -> targets[n] != 0)
        .boxed()
        .sorted((a, b) -> Integer.compare(counts[b], counts[a]))
        .limit(LISTED_MAX)
        .mapToInt(n -> targets[n] - 1)
        .toArray();
  }

  @Override
  public String toString() {
    return Arrays.toString(offsets());
  }
}
