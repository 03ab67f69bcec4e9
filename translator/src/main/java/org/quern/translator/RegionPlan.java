package org.quern.translator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.TreeMap;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand.Kind;

/**
 * Which instructions of a page a region holds: everything that near jumps reach from its entry, up
 * to a budget, cut into basic blocks. Calls, returns, indirect jumps and all instructions that end
 * a decoded block leave the region.
 */
final class RegionPlan {
  /** One instruction of the region. */
  record Item(int offset, Insn insn) {
    int end() {
      return offset + insn.length;
    }
  }

  /**
   * A run of instructions entered only at its first.
   *
   * @param items at least one
   */
  record Block(List<Item> items) {
    int offset() {
      return items.get(0).offset();
    }

    Item last() {
      return items.get(items.size() - 1);
    }
  }

  final int entry;

  /** By offset. */
  final TreeMap<Integer, Block> blocks = new TreeMap<>();

  /** Total of instructions. */
  final int size;

  private RegionPlan(int entry, TreeMap<Integer, Item> items, BitSet leaders) {
    this.entry = entry;
    this.size = items.size();
    List<Item> run = new ArrayList<>();
    for (Item i : items.values()) {
      boolean follows = !run.isEmpty() && run.get(run.size() - 1).end() == i.offset();
      if (!run.isEmpty()
          && (leaders.get(i.offset()) || !follows || ends(run.get(run.size() - 1)))) {
        close(run);
        run = new ArrayList<>();
      }
      run.add(i);
    }
    close(run);
  }

  private void close(List<Item> run) {
    blocks.put(run.get(0).offset(), new Block(run));
  }

  /**
   * Collects a region.
   *
   * @param budget instructions at most
   * @return null if the entry itself cannot be translated
   */
  static RegionPlan of(CodeSource code, int entry, int budget) {
    TreeMap<Integer, Item> items = new TreeMap<>();
    BitSet leaders = new BitSet(4096);
    ArrayDeque<Integer> work = new ArrayDeque<>();
    work.add(entry);
    leaders.set(entry);
    while (!work.isEmpty() && items.size() < budget) {
      int at = work.poll();
      while (at < 4096 && !items.containsKey(at) && items.size() < budget) {
        Insn insn = code.at(at);
        if (insn == null || !translatable(insn)) {
          break;
        }
        Item item = new Item(at, insn);
        items.put(at, item);
        at = item.end();
        if (insn.op0 != null && insn.op0.kind() == Kind.REL && insn.mnemonic != Mnemonic.CALL) {
          long target = at + insn.imm;
          if (target >= 0 && target < 4096) {
            leaders.set((int) target);
            work.add((int) target);
          }
          if (insn.mnemonic == Mnemonic.JCC) {
            leaders.set(at);
            work.addFirst(at);
          }
        }
        if (ends(item)) {
          break;
        }
      }
    }
    return items.containsKey(entry) ? new RegionPlan(entry, items, leaders) : null;
  }

  /** Whether control does not simply run on behind an instruction. */
  private static boolean ends(Item i) {
    return switch (i.insn().mnemonic) {
      case JMP, CALL, RET, JCC -> true;
      default -> false;
    };
  }

  /** Whether a region may hold an instruction: near control transfers and all that is straight. */
  private static boolean translatable(Insn i) {
    return switch (i.mnemonic) {
      case INVALID, TOO_LONG, TRUNCATED -> false;
      case JMP, CALL, RET -> i.opSize == 64;
      case JCC -> true;
      default -> !i.endsBlock;
    };
  }
}
