package org.quern.accel.software;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Where an indirect jump has led to, as offsets from the start of its page. Written by all
 * processors without a lock: a lost count does no harm.
 */
final class TargetProfile {
  private static final int SLOTS = 64;

  /** Targets that are looked for; less frequent ones are not worth a place in a region. */
  private static final int LISTED_MAX = 24;

  private final int[] targets = new int[SLOTS];

  /** How often; 0 where there is no target. */
  private final int[] counts = new int[SLOTS];

  /** Notes that a jump led to an offset. */
  void record(int offset) {
    int slot = offset * 0x9e3779b1 >>> 26;
    for (int n = 0; n < SLOTS; n++) {
      int at = slot + n & SLOTS - 1;
      if (counts[at] == 0) {
        targets[at] = offset;
      }
      if (targets[at] == offset) {
        counts[at]++;
        return;
      }
    }
  }

  /** The offsets seen, most frequent first. */
  IntStream offsets() {
    int[] seen = counts.clone(); // sorting wants counts that stand still
    return IntStream.range(0, SLOTS)
        .filter(n -> seen[n] != 0)
        .boxed()
        .sorted((a, b) -> Integer.compare(seen[b], seen[a]))
        .limit(LISTED_MAX)
        .mapToInt(n -> targets[n]);
  }

  @Override
  public String toString() {
    return Arrays.toString(offsets().toArray());
  }
}
