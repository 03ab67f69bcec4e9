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

  /**
   * The entries that are refused while SSE is off, as bits by index: those whose own block has such
   * an instruction, so that the interpreter soon meets it and raises what it has to.
   */
  static long guarded(RegionPlan plan) {
    long mask = 0;
    for (int n = 0; n < Math.min(plan.entries.size(), Long.SIZE); n++) {
      mask |= checks(plan.blocks.get(plan.entries.get(n))) ? 1L << n : 0;
    }
    return mask;
  }

  /** Offsets of the blocks that are reached only through a check. */
  static Set<Integer> done(RegionPlan plan) {
    Set<Integer> done = new HashSet<>(plan.blocks.keySet());
    long guarded = guarded(plan);
    for (int n = 0; n < plan.entries.size(); n++) {
      if (n >= Long.SIZE || (guarded >> n & 1) == 0) {
        done.remove(plan.entries.get(n));
      }
    }
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
