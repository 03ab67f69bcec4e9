package org.quern.translator;

import org.quern.translator.RegionPlan.Item;

/**
 * Where a region asks whether something else is to be done: where control goes back, so that no
 * loop runs on for ever, and where it goes on in another page, so that code of that page which was
 * overwritten is not executed after the processor could know. Instructions in two pages ask too.
 */
final class Polling {
  private Polling() {}

  /** Whether it asks on the way from an instruction to the one at an offset. */
  static boolean onWay(Item from, int to) {
    return to <= from.offset() || !RegionPlan.samePage(from.offset(), to);
  }
}
