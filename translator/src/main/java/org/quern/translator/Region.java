package org.quern.translator;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.quern.x86.state.Cpu;

/**
 * Translated guest code: a piece of control flow, entered at one of a few instructions. Subclasses
 * are generated. Independent of the linear address and, like decoded ops, shared by all processors.
 * Where it has code of several pages, whoever enters it makes sure that these still lie as they did
 * when it was translated.
 *
 * <p>A caller must not assume that {@link Cpu#rip} or the status flags' form are as the interpreter
 * would have left them, only that all architectural state is right on return and on a fault.
 */
public abstract class Region {
  /** Result of {@link #run} if nothing was executed. Not canonical, so never a RIP. */
  public static final long REFUSED = 1L << 62;

  /**
   * Result of {@link #run} if the processor's RIP says where to go on, and its mode may be another.
   */
  public static final long FAR = REFUSED + 1;

  /**
   * Calls after which HotSpot has a method compiled by C1: it looks at the count every 128 calls
   * and asks for 200 (Tier3InvocationThreshold).
   */
  private static final int CALLS_TO_COMPILE = 300;

  /** See {@link #entries()}; the first is what it was made for. */
  int[] entries;

  /** Misses between two looks at them. */
  private static final int ENOUGH_MISSES = 64;

  /** Nanoseconds for each miss below which leaving takes most of the time. */
  private static final int BAD_DISTANCE = 800;

  /** Shapes of the fast form's accesses, see {@link Windows}. */
  private List<String> shapes = List.of();

  /** What it was translated with. */
  private Hints hints = Hints.NONE;

  /** Shapes for which the MMU is to be called. Guarded by this, as {@link #lastLook} is. */
  private Set<String> called = new HashSet<>();

  private long lastLook;
  private int[] misses = {};

  final void learnsFrom(List<String> newShapes, Hints newHints) {
    shapes = newShapes;
    hints = newHints;
    called = new HashSet<>(newHints.called);
    misses = new int[shapes.size()];
  }

  /**
   * The region was left because an access could not be made directly. Looks whether that happens
   * too often.
   *
   * @return how to translate it better, or null if it is good as it is
   */
  public final Hints missed(Cpu c) {
    if (++misses[c.missed] < ENOUGH_MISSES) {
      return null;
    }
    misses[c.missed] = 0;
    return look(c.missed);
  }

  private synchronized Hints look(int shape) {
    long now = System.nanoTime();
    boolean bad = now - lastLook < (long) BAD_DISTANCE * ENOUGH_MISSES;
    lastLook = now;
    if (!bad || !called.add(shapes.get(shape))) {
      return null;
    }
    return new Hints(called, hints.confined());
  }

  /**
   * Has HotSpot compile the region before it is entered for the first time. Otherwise it would run
   * in HotSpot's own interpreter, much slower than ours, until that has counted enough.
   */
  public final void warmUp() {
    for (int n = 0; n < CALLS_TO_COMPILE; n++) {
      run(null, 0, -1);
    }
  }

  /** Offsets, as in {@link CodeSource}, of the instructions the region can be entered at. */
  public final int[] entries() {
    return entries.clone();
  }

  /**
   * Executes until control leaves the region or a request is pending.
   *
   * @param base RIP of offset 0
   * @param entry index into {@link #entries}; if negative, nothing is executed and nothing else
   *     looked at
   * @return RIP of the instruction to go on at, or {@link #REFUSED}
   * @throws org.quern.x86.fault.GuestFault with {@link Cpu#rip} at the faulting instruction
   */
  public abstract long run(Cpu c, long base, int entry);
}
