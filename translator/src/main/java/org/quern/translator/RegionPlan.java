package org.quern.translator;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;

/**
 * Which instructions a region holds: everything that near control flow reaches from its entry, up
 * to a budget, cut into basic blocks. What lies in the page of the entry comes first, and other
 * pages for what is left of the budget. All offsets are those of {@link CodeSource}.
 *
 * <p>A direct call of code at hand is followed like a jump: the callee becomes part of the region,
 * and its returns compare the address they pop with the return points that the region knows. So a
 * call costs no more than the stack accesses that the guest can see, and recursion does not nest
 * anything on the host. A call that leaves makes its return point an entry of the region. Indirect
 * jumps go to the targets that were seen so far, or leave.
 */
final class RegionPlan {
  /** Entries at most: more make more code, and only hot ones count. */
  private static final int MAX_ENTRIES = 12;

  /** One instruction of the region. */
  record Item(int offset, Insn insn) {
    int end() {
      return offset + insn.length;
    }

    /** Whether it lies in two pages. */
    boolean crosses() {
      return !samePage(offset, end() - 1);
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

  /** Offsets it can be entered at, the first being what it is made for. */
  final List<Integer> entries = new ArrayList<>();

  /** By offset. */
  final TreeMap<Integer, Block> blocks = new TreeMap<>();

  /** Return points of the calls that are followed. */
  final TreeSet<Integer> returnPoints = new TreeSet<>();

  /** Targets, inside the region, of indirect jumps and calls by the offset of these. */
  final Map<Integer, List<Integer>> indirect = new HashMap<>();

  /** Total of instructions. */
  int size;

  private final CodeSource code;
  private final int budget;
  private final TreeMap<Integer, Item> items = new TreeMap<>();
  private final Set<Integer> leaders = new HashSet<>();

  /** Offsets to look at in the page of the entry, and in others. */
  private final ArrayDeque<Integer> near = new ArrayDeque<>();

  private final ArrayDeque<Integer> far = new ArrayDeque<>();

  /** Call that is followed, by its return point. */
  private final TreeMap<Integer, Integer> calls = new TreeMap<>();

  private final List<Integer> outsideReturns = new ArrayList<>();

  private RegionPlan(CodeSource code, int entry, int budget) {
    this.code = code;
    this.budget = budget;
    entries.add(entry);
  }

  /**
   * Collects a region.
   *
   * @param budget instructions at most
   * @return null if the entry itself cannot be translated
   */
  static RegionPlan of(CodeSource code, int entry, int budget) {
    RegionPlan plan = new RegionPlan(code, entry, budget);
    plan.discover(entry);
    if (!plan.items.containsKey(entry)) {
      return null;
    }
    plan.finish();
    return plan;
  }

  private void discover(int entry) {
    lead(entry);
    while (!(near.isEmpty() && far.isEmpty()) && items.size() < budget) {
      int at = near.isEmpty() ? far.poll() : near.poll();
      while (!items.containsKey(at) && items.size() < budget) {
        Insn insn = code.at(at);
        if (insn == null || Flow.of(insn) == Flow.NONE) {
          break;
        }
        Item item = new Item(at, insn);
        items.put(at, item);
        if (ends(insn)) {
          leads(item);
          break;
        }
        at = item.end();
        if (!samePage(item.offset(), at)) {
          // Runs on into the next page: that has time, and a block of its own.
          if (code.reached(at)) {
            lead(at);
          }
          break;
        }
      }
    }
  }

  static boolean samePage(int a, int b) {
    return a >> 12 == b >> 12;
  }

  private void lead(int offset) {
    leaders.add(offset);
    (samePage(0, offset) ? near : far).add(offset);
  }

  /** Queues where control goes from the last instruction of a block. */
  private void leads(Item item) {
    Insn i = item.insn();
    boolean direct = Flow.direct(i);
    long target = item.end() + i.imm;
    boolean inside = direct && target == (int) target && code.reached((int) target);
    switch (i.mnemonic) {
      case JCC -> {
        if (inside) {
          lead((int) target);
        }
        if (code.reached(item.end())) {
          // What follows comes first: most branches are not taken.
          leaders.add(item.end());
          (samePage(0, item.end()) ? near : far).addFirst(item.end());
        }
      }
      case CALL -> {
        if (inside) {
          calls.put(item.end(), item.offset());
          lead((int) target);
          lead(item.end());
        } else if (!direct) {
          calls.put(item.end(), item.offset());
          indirect(item);
          returnsTo(item.end());
        } else {
          returnsTo(item.end());
        }
      }
      case JMP -> {
        if (inside) {
          lead((int) target);
        } else if (!direct) {
          indirect(item);
        }
      }
      default -> {
        if (Flow.returns(i)) {
          returnsTo(item.end());
        }
      }
    }
  }

  /** Control comes back to an offset from outside of the region. */
  private void returnsTo(int offset) {
    if (entries.size() + outsideReturns.size() < MAX_ENTRIES) {
      outsideReturns.add(offset);
      lead(offset);
    }
  }

  private void indirect(Item item) {
    List<Integer> known = new ArrayList<>();
    for (int target : code.targets(item.offset())) {
      if (code.reached(target)) {
        known.add(target);
        lead(target);
      }
    }
    indirect.put(item.offset(), known);
  }

  private void finish() {
    size = items.size();
    List<Item> run = new ArrayList<>();
    for (Item i : items.values()) {
      if (!run.isEmpty()) {
        Item before = run.get(run.size() - 1);
        boolean follows = before.end() == i.offset();
        if (leaders.contains(i.offset()) || !follows || ends(before.insn())) {
          close(run);
          run = new ArrayList<>();
        }
      }
      run.add(i);
    }
    close(run);
    for (int point : calls.keySet()) {
      if (blocks.containsKey(point)) {
        returnPoints.add(point);
      }
    }
    for (int point : outsideReturns) {
      if (blocks.containsKey(point) && !entries.contains(point)) {
        entries.add(point);
      }
    }
    indirect.values().forEach(l -> l.removeIf(t -> !blocks.containsKey(t)));
  }

  private void close(List<Item> run) {
    blocks.put(run.get(0).offset(), new Block(Collections.unmodifiableList(run)));
  }

  /** Whether an offset is where a block of the region starts. */
  boolean contains(long offset) {
    return offset == (int) offset && blocks.containsKey((int) offset);
  }

  /** Where control may go from a block inside the region. */
  List<Integer> successors(Block b) {
    List<Integer> next = new ArrayList<>();
    Item last = b.last();
    Insn i = last.insn();
    if (Flow.of(i) == Flow.LAST) {
      return next;
    }
    switch (i.mnemonic) {
      case JCC -> {
        goesTo(next, last.end());
        goesTo(next, last.end() + i.imm);
      }
      case JMP, CALL -> {
        if (Flow.direct(i)) {
          goesTo(next, last.end() + i.imm);
        } else {
          indirect.getOrDefault(last.offset(), List.of()).forEach(o -> goesTo(next, o));
        }
      }
      case RET -> returnPoints.forEach(o -> goesTo(next, o));
      default -> goesTo(next, last.end());
    }
    return next;
  }

  private void goesTo(List<Integer> next, long offset) {
    if (contains(offset)) {
      next.add((int) offset);
    }
  }

  /** Whether control may also go from a block to where this region does not. */
  boolean leaves(Block b) {
    Insn i = b.last().insn();
    int ways =
        switch (Flow.of(i)) {
          case STRAIGHT -> 1;
          case TRANSFER -> i.mnemonic == Mnemonic.JCC ? 2 : Flow.direct(i) ? 1 : Integer.MAX_VALUE;
          case LAST, NONE -> Integer.MAX_VALUE;
        };
    return successors(b).size() < ways;
  }

  /** Whether control does not simply run on behind an instruction. */
  private static boolean ends(Insn i) {
    return Flow.of(i) != Flow.STRAIGHT;
  }

  /** Whether an instruction is a call whose return points are known to the region. */
  boolean follows(Item call) {
    return call.insn().mnemonic == Mnemonic.CALL && calls.containsKey(call.end());
  }
}
