package org.quern.translator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How the memory accesses of a region share checks.
 *
 * <p>A <b>window</b> is a guest page in two JVM locals: its linear address, and what must be added
 * to a linear address in it to get the host address. An access inside a window needs a subtraction
 * and a compare of registers, where the TLB needs two loads more. A <b>group</b> is the accesses of
 * a basic block whose addresses differ by constants: one check of the whole range serves all of
 * them. Groups that use the same registers share a window, since the next round of a loop mostly
 * touches the page that the last one did.
 *
 * <p>Filled while the region is emitted for the first time, and used when it is emitted again: the
 * accesses come in the same order both times.
 */
final class Windows {
  /** Windows of a region at most; each takes two JVM locals. Further groups share the last. */
  static final int MAX = 8;

  /** Bytes that a group spans at most: the wider, the more often it lies across two pages. */
  private static final int SPAN_MAX = 256;

  /** Groups of a block that are in use at once; after so many, new ones are begun. */
  static final int MAX_GROUPS = 24;

  /** Accesses of a block that one check covers. */
  static final class Group {
    long min;
    long end;
    boolean store;

    /** Which registers the address is made of. */
    final String shape;

    final double weight;

    /** Which of the block's groups it is: the JVM local that holds its host address. */
    final int slot;

    int window;

    Group(String shape, double weight, int slot, long offset, int bytes) {
      this.shape = shape;
      this.weight = weight;
      this.slot = slot;
      this.min = offset;
      this.end = offset + bytes;
    }

    int span() {
      return (int) (end - min);
    }
  }

  private final List<Group> sequence = new ArrayList<>();
  private final Map<String, Group> open = new HashMap<>();
  private int slotsInBlock;
  private int slots;
  private int windows;
  private double weight = 1;

  private boolean planning = true;
  private int next;

  /** A block begins; while planning, with how often it probably runs. */
  void startBlock(double blockWeight) {
    open.clear();
    slotsInBlock = 0;
    weight = blockWeight;
  }

  /**
   * The group of the next access.
   *
   * @param key equal for addresses that differ by a constant, in one block
   * @param shape equal for addresses that probably lie in one page, in the region
   * @param offset the constant part of the address
   */
  Group access(String key, String shape, long offset, int bytes, boolean store) {
    if (!planning) {
      return sequence.get(next++);
    }
    Group g = open.get(key);
    if (g == null || Math.max(g.end, offset + bytes) - Math.min(g.min, offset) > SPAN_MAX) {
      if (slotsInBlock == MAX_GROUPS) {
        open.clear();
        slotsInBlock = 0;
      }
      g = new Group(shape, weight, slotsInBlock++, offset, bytes);
      slots = Math.max(slots, slotsInBlock);
      open.put(key, g);
    }
    g.min = Math.min(g.min, offset);
    g.end = Math.max(g.end, offset + bytes);
    g.store |= store;
    sequence.add(g);
    return g;
  }

  /** Ends planning: gives each group its window. */
  void assign() {
    planning = false;
    Map<String, Double> weights = new HashMap<>();
    for (Group g : sequence) {
      weights.merge(shape(g), g.weight, Double::sum);
    }
    List<String> order = new ArrayList<>(weights.keySet());
    order.sort((a, b) -> Double.compare(weights.get(b), weights.get(a)));
    windows = Math.min(MAX, order.size());
    for (Group g : sequence) {
      g.window = Math.min(MAX - 1, order.indexOf(shape(g)));
    }
  }

  /** A window for stores is a page that may be written; a load must not narrow it. */
  private static String shape(Group g) {
    return g.shape + (g.store ? " w" : " r");
  }

  boolean planning() {
    return planning;
  }

  /** Windows of the region; valid when assigned. */
  int windows() {
    return windows;
  }

  /** Most groups of any block. */
  int slots() {
    return slots;
  }
}
