package org.quern.accel.software;

import java.util.Arrays;

/**
 * Where code pages were found, by linear page: the engine's counterpart to one bank of the TLB. A
 * tag's low bits say in which mode, at which privilege and in which generation it was made; to
 * forget everything is to begin a generation.
 */
final class Itlb {
  static final int ENTRIES = 1024;

  /** A tag's low 12 bits hold the mode, the privilege and a generation. */
  static final int GENERATION_SHIFT = CodeMode.BITS + 1;

  private static final int GENERATIONS = 1 << 12 - GENERATION_SHIFT;

  final long[] tag = new long[ENTRIES];
  final CodePage[] page = new CodePage[ENTRIES];

  /** Names what is in it now: another number than any other bank has or had. */
  long epoch;

  private int generation;

  /** {@code Core.codeDeaths} when it was last in use. */
  long seenDeaths;

  /** CS base and limit that the entries were checked against. */
  long checkedBase;

  int checkedLimit;

  Itlb() {
    Arrays.fill(tag, -1);
  }

  void forget(long newEpoch) {
    epoch = newEpoch;
    generation++;
    if (generation == GENERATIONS) {
      generation = 0;
      Arrays.fill(tag, -1);
    }
  }

  /** The generation's part of a tag. */
  long generationBits() {
    return (long) generation << GENERATION_SHIFT;
  }
}
