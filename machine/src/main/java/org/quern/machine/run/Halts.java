package org.quern.machine.run;

import java.util.List;

/** Finds out that no processor runs and none can wake another. */
final class Halts {
  /** A processor that may have halted for good. Both methods: any thread. */
  interface Processor {
    /**
     * Whether only a reset, INIT, start-up IPI or NMI makes the processor run again, and none has
     * come that it has not noticed yet.
     */
    boolean stuck();

    /** How often one of its pins has been touched. */
    int touches();
  }

  private Halts() {}

  /**
   * Whether all have halted for good. They are looked at one after the other, while one that still
   * runs may wake one that was looked at and then halt itself: so nobody may have been touched
   * meanwhile.
   */
  static boolean allForGood(List<? extends Processor> processors) {
    int before = touches(processors);
    for (Processor p : processors) {
      if (!p.stuck()) {
        return false;
      }
    }
    return touches(processors) == before;
  }

  private static int touches(List<? extends Processor> processors) {
    int sum = 0;
    for (Processor p : processors) {
      sum += p.touches();
    }
    return sum;
  }
}
