package org.quern.translator;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * Translated guest code: a piece of the control flow of one page, entered at one of a few
 * instructions. Subclasses are generated. Independent of the linear address and, like decoded ops,
 * shared by all processors.
 *
 * <p>A caller must not assume that {@link Cpu#rip} or the status flags' form are as the interpreter
 * would have left them, only that all architectural state is right on return and on a fault.
 */
public abstract class Region {
  private static final int MAX_PROCESSORS = 256;

  /** Result of {@link #run} if nothing was executed. Not canonical, so never a RIP. */
  public static final long REFUSED = 1L << 62;

  /** Offsets of the instructions it can be entered at; the first is what it was made for. */
  int[] entries;

  // What a processor keeps for a region: a stamp, then for each window page and addend.
  static final int STAMP = 0;
  static final int WINDOW_PAGE = 1;
  static final int WINDOW_ADDEND = 2;
  static final int WINDOW_SLOTS = 2;

  /** Misses of a shape after which its way may be judged. */
  private static final int ENOUGH_MISSES = 64;

  /** Instructions that should run for each miss, or the way is a bad one. */
  private static final int GOOD_DISTANCE = 400;

  /** Shapes of the fast form's accesses, see {@link Windows}; those with windows come first. */
  List<String> shapes = List.of();

  /** How they find their memory. */
  List<Windows.Way> ways = List.of();

  int windowCount;
  private final AtomicReferenceArray<long[]> states = new AtomicReferenceArray<>(MAX_PROCESSORS);
  private int[] misses = {};

  final void windows(Windows w, Map<String, Windows.Way> knownWays) {
    shapes = w.shapes();
    windowCount = w.windows();
    misses = new int[shapes.size()];
    ways = new ArrayList<>();
    for (int n = 0; n < shapes.size(); n++) {
      Windows.Way way = n < windowCount ? Windows.Way.WINDOW : Windows.Way.TLB;
      ways.add(knownWays.getOrDefault(shapes.get(n), way));
    }
  }

  /**
   * The windows of a processor, valid now; null if it has no page yet that could be one. Called by
   * generated code.
   */
  protected final long[] windows(Cpu c) {
    long[] state = states.get(c.index);
    if (state != null && state[STAMP] == c.mmu.windowStamp()) {
      return state;
    }
    if (!c.mmu.prime(c.gpr[Reg.RSP])) {
      return null;
    }
    if (state == null) {
      state = new long[WINDOW_PAGE + WINDOW_SLOTS * windowCount];
      states.set(c.index, state);
    }
    state[STAMP] = c.mmu.windowStamp();
    for (int w = 0; w < windowCount; w++) {
      set(state, w, c);
    }
    return state;
  }

  private static void set(long[] state, int window, Cpu c) {
    state[WINDOW_PAGE + WINDOW_SLOTS * window] = c.mmu.windowPage;
    state[WINDOW_ADDEND + WINDOW_SLOTS * window] = c.mmu.windowAddend;
  }

  /**
   * The region was left because an access could not be made directly: makes its page the window, if
   * it may be one.
   */
  public final void missed(Cpu c) {
    int shape = c.missed;
    misses[shape]++;
    if (shape < windowCount) {
      boolean stores = shapes.get(shape).endsWith("w");
      long[] state = states.get(c.index);
      boolean valid = state[STAMP] == c.mmu.windowStamp();
      if (valid && c.mmu.findWindow(c.missAddress, stores)) {
        set(state, shape, c);
      }
    }
  }

  /**
   * Looks whether accesses leave the region too often.
   *
   * @param instructions executed in the region so far
   * @return how to translate it better, or null if it is good as it is
   */
  public final Hints better(long instructions) {
    Map<String, Windows.Way> better = new HashMap<>();
    for (int n = 0; n < misses.length; n++) {
      Windows.Way way = ways.get(n);
      boolean bad = misses[n] >= ENOUGH_MISSES && instructions / misses[n] < GOOD_DISTANCE;
      if (bad && way != Windows.Way.CALL) {
        better.put(shapes.get(n), way == Windows.Way.WINDOW ? Windows.Way.TLB : Windows.Way.CALL);
      } else if (way == Windows.Way.CALL || (way == Windows.Way.TLB && n >= windowCount)) {
        better.put(shapes.get(n), way);
      }
    }
    boolean same = true;
    for (int n = 0; n < ways.size(); n++) {
      same &= better.getOrDefault(shapes.get(n), ways.get(n)) == ways.get(n);
    }
    return same ? null : new Hints(better);
  }

  /** Offsets in the page of the instructions the region can be entered at. */
  public final int[] entries() {
    return entries.clone();
  }

  /**
   * Executes until control leaves the region or a request is pending.
   *
   * @param base RIP of offset 0 of the page the region lies in
   * @param entry index into {@link #entries}
   * @return RIP of the instruction to go on at, or {@link #REFUSED}
   * @throws org.quern.x86.fault.GuestFault with {@link Cpu#rip} at the faulting instruction
   */
  public abstract long run(Cpu c, long base, int entry);
}
