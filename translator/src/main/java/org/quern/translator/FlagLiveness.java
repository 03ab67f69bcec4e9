package org.quern.translator;

import java.util.HashSet;
import java.util.Set;
import org.quern.translator.RegionPlan.Block;
import org.quern.translator.RegionPlan.Item;
import org.quern.x86.decode.Insn;

/**
 * Which instructions of a region set status flags that nobody will see: on every way from there
 * others overwrite them before a reader, a fault or an exit.
 */
final class FlagLiveness {
  private final RegionPlan plan;
  private final Set<Integer> left;

  /** Offsets of the blocks whose start needs no flags. */
  private final Set<Integer> dead = new HashSet<>();

  /**
   * An analysis.
   *
   * @param left offsets of instructions behind which the region may be left; null if that is not
   *     known: then all flags count as seen
   */
  FlagLiveness(RegionPlan plan, Set<Integer> left) {
    this.plan = plan;
    this.left = left;
    if (left == null) {
      return;
    }
    dead.addAll(plan.blocks.keySet());
    boolean changed = true;
    while (changed) {
      changed = dead.removeIf(o -> !deadFrom(plan.blocks.get(o), 0));
    }
  }

  /**
   * Offsets of the blocks at whose start nobody needs the flags; so an instruction on the way there
   * may not have set what it would, and their kind is not known.
   */
  Set<Integer> deadStarts() {
    return dead;
  }

  /** Whether nobody sees the flags that an instruction of a block leaves. */
  boolean dead(Block b, int index) {
    Insn own = b.items().get(index).insn();
    // Behind a store the region may be left.
    boolean seen = left == null || (own.op0 != null && own.op0.isMem());
    return !seen && deadFrom(b, index + 1);
  }

  private boolean deadFrom(Block b, int index) {
    for (int n = index; n < b.items().size(); n++) {
      Item item = b.items().get(n);
      Insn i = item.insn();
      boolean exits = Registers.mayFault(i) || left.contains(item.offset()) || item.crosses();
      if (i.form.flagsRead() != 0 || exits) {
        return false;
      }
      if (setsAllFlags(i)) {
        return true;
      }
    }
    return !plan.leaves(b) && plan.successors(b).stream().allMatch(to -> deadAt(b.last(), to));
  }

  /** Where the region asks for requests, it may be left. */
  private boolean deadAt(Item from, int to) {
    return !Polling.onWay(from, to) && dead.contains(to);
  }

  /**
   * Whether it gives all six status flags a value of its own. Not all that leave some undefined do:
   * IMUL keeps those, and interp and jit must agree.
   */
  private static boolean setsAllFlags(Insn i) {
    return switch (i.mnemonic) {
      case ADD, SUB, CMP, NEG, AND, OR, XOR, TEST -> true;
      default -> false;
    };
  }
}
