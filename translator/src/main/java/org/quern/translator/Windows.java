package org.quern.translator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * How the memory accesses of a region share checks.
 *
 * <p>A <b>group</b> is the accesses of a basic block whose addresses differ by constants: one check
 * of the whole range serves all of them. Groups that use the same registers in the same way have
 * the same <b>shape</b>, and a shape has a {@link Way} to be checked.
 *
 * <p>A <b>window</b> is the page that accesses of a shape found last, in two JVM locals: its linear
 * address, and what must be added to a linear address in it to get the host address. An access in
 * its window costs a subtraction and a compare of registers, where the TLB needs two loads more.
 *
 * <p>Filled while the region is emitted for the first time, and used when it is emitted again: the
 * accesses come in the same order both times.
 */
final class Windows {
  /** Windows of a region at most; shapes beyond use the TLB. */
  static final int MAX = 10;

  /** Bytes that a group spans at most: the wider, the more often it lies across two pages. */
  private static final int SPAN_MAX = 256;

  /** Groups of a block that are in use at once; after so many, new ones are begun. */
  static final int MAX_GROUPS = 24;

  /** How accesses of a shape find their memory. */
  enum Way {
    /** In the page that the last one found, else in the TLB. */
    WINDOW,
    /** In the TLB: a pointer that is followed, or there are too many shapes for windows. */
    TLB,
    /** The MMU is called: they keep missing the TLB, as device registers do. */
    CALL
  }

  /** Accesses of a block that one check covers. */
  static final class Group {
    long min;
    long end;
    boolean store;
    final String shape;
    final int base;
    final double weight;

    /** Which of the block's groups it is: the JVM local that holds its host address. */
    final int slot;

    Way way = Way.WINDOW;

    /** Which window. */
    int index;

    /** Number of its shape, see {@link Windows#shapes}. */
    int shapeNumber;

    Group(String shape, int base, double weight, int slot, long offset, int bytes) {
      this.shape = shape;
      this.base = base;
      this.weight = weight;
      this.slot = slot;
      this.min = offset;
      this.end = offset + bytes;
    }

    int span() {
      return (int) (end - min);
    }

    /** A window for stores is a page that may be written; a load must not narrow it. */
    String windowShape() {
      return shape + (store ? " w" : " r");
    }
  }

  private final Set<String> called;
  private final List<Group> sequence = new ArrayList<>();
  private final Map<String, Group> open = new HashMap<>();
  private List<String> shapes = List.of();
  private int slotsInBlock;
  private int slots;
  private int windows;
  private double weight = 1;

  /** Base registers that may point anywhere. */
  private int loaded;

  private boolean planning = true;
  private int next;

  /**
   * Windows of a region.
   *
   * @param called shapes for which the MMU is to be called
   */
  Windows(Set<String> called) {
    this.called = called;
  }

  /** A block begins; while planning, with how often it probably runs. */
  void startBlock(double blockWeight) {
    startGroups();
    weight = blockWeight;
  }

  /** Accesses from here on belong to new groups. */
  void startGroups() {
    open.clear();
    slotsInBlock = 0;
  }

  /**
   * The group of the next access.
   *
   * @param key equal for addresses that differ by a constant, in one block
   * @param shape equal for addresses that probably lie in one page, in the region
   * @param base number of the base register
   * @param offset the constant part of the address
   */
  Group access(String key, String shape, int base, long offset, int bytes, boolean store) {
    if (!planning) {
      return sequence.get(next++);
    }
    Group g = open.get(key);
    if (g == null || Math.max(g.end, offset + bytes) - Math.min(g.min, offset) > SPAN_MAX) {
      if (slotsInBlock == MAX_GROUPS) {
        startGroups();
      }
      g = new Group(shape, base, weight, slotsInBlock++, offset, bytes);
      slots = Math.max(slots, slotsInBlock);
      open.put(key, g);
    }
    g.min = Math.min(g.min, offset);
    g.end = Math.max(g.end, offset + bytes);
    g.store |= store;
    sequence.add(g);
    return g;
  }

  /** A register gets its value from memory. */
  void loads(int register) {
    loaded |= 1 << register;
  }

  /** Ends planning: gives each group its way and its window. */
  void assign() {
    planning = false;
    Map<String, Double> weights = new HashMap<>();
    for (Group g : sequence) {
      weights.merge(g.windowShape(), g.weight, Double::sum);
    }
    List<String> order = new ArrayList<>(weights.keySet());
    order.sort((a, b) -> Double.compare(weights.get(b), weights.get(a)));
    shapes = List.copyOf(order);
    order.removeAll(called);
    for (Group g : sequence) {
      if ((loaded >> g.base & 1) != 0) {
        order.remove(g.windowShape());
      }
    }
    windows = Math.min(MAX, order.size());
    for (Group g : sequence) {
      g.shapeNumber = shapes.indexOf(g.windowShape());
      g.index = order.indexOf(g.windowShape());
      boolean window = g.index >= 0 && g.index < MAX;
      g.way = called.contains(g.windowShape()) ? Way.CALL : window ? Way.WINDOW : Way.TLB;
    }
  }

  /** Windows of the region; valid when assigned. */
  int windows() {
    return windows;
  }

  /** All shapes, by number. */
  List<String> shapes() {
    return shapes;
  }

  /** The way of each shape, in the order of their weight; valid when assigned. */
  Map<String, Way> ways() {
    Map<String, Way> ways = new LinkedHashMap<>();
    shapes.forEach(
        s ->
            sequence.stream()
                .filter(g -> g.windowShape().equals(s))
                .findFirst()
                .ifPresent(g -> ways.put(s, g.way)));
    return ways;
  }

  /** Most groups of any block. */
  int slots() {
    return slots;
  }
}
