package org.quern.translator;

import java.util.HashSet;
import java.util.Set;
import org.quern.translator.RegionPlan.Block;

/**
 * Where a region need not ask whether SSE is on: the bits that say so cannot change inside of it,
 * so one check on each way to an instruction will do.
 */
final class SseChecks {
  private SseChecks() {}

  /** Offsets of the blocks that are reached only through a check. */
  static Set<Integer> done(RegionPlan plan) {
    Set<Integer> done = new HashSet<>(plan.blocks.keySet());
    plan.entries.forEach(done::remove);
    boolean changed = true;
    while (changed) {
      changed = false;
      for (Block b : plan.blocks.values()) {
        if (!done.contains(b.offset()) && !checks(b)) {
          changed |= done.removeAll(plan.successors(b));
        }
      }
    }
    return done;
  }

  private static boolean checks(Block b) {
    return b.items().stream().anyMatch(i -> SseEmitter.checks(i.insn()));
  }
}
