package org.quern.translator;

import java.lang.invoke.MethodHandles;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.quern.x86.decode.Insn;

/**
 * Turns a region of 64-bit or flat 32-bit guest code into a {@link Region}. Thread-safe, without
 * state.
 */
public final class Translator {
  /** Most guest instructions of a region, by form. */
  static final int MAX_COMPACT = 150;

  static final int MAX_FAST = 240;

  /** HotSpot never compiles a method of more bytes of bytecode than this. */
  static final int HUGE_METHOD = 8000;

  /** Fewer instructions than this are not worth a region. */
  private static final int MIN_INSTRUCTIONS = 2;

  /** Instructions after which a loop leaves, so that somebody may look how far it is. */
  private static final int SLICE = 50_000;

  private Translator() {}

  /**
   * Translates the region that starts at an offset.
   *
   * @param counted whether instructions are counted, and loops leave now and then; in the compact
   *     form always
   * @param hints of an earlier translation
   * @return null if the instruction there cannot be translated, or the region is not worth it
   */
  public static Region translate(
      CodeSource code, int entry, Form form, boolean counted, Hints hints) {
    return translate(code, entry, form, counted, hints, "region").region();
  }

  /**
   * As {@link #translate(CodeSource, int, Form, boolean, Hints)}, and says what it did.
   *
   * @param name see {@link RegionName}
   */
  public static Translation translate(
      CodeSource code, int entry, Form form, boolean counted, Hints hints, String name) {
    String className = RegionName.className(name);
    int most = form == Form.FAST ? MAX_FAST : MAX_COMPACT;
    int halvings = 0;
    for (int budget = most; budget >= MIN_INSTRUCTIONS; budget /= 2) {
      RegionPlan plan = RegionPlan.of(code, entry, budget);
      if (plan == null || plan.size < MIN_INSTRUCTIONS) {
        break;
      }
      Windows windows = new Windows(hints.called);
      RegionCode out = emit(plan, className, form, code.codeSize(), counted, windows);
      out.finish();
      if (out.size() < HUGE_METHOD) {
        byte[] bytes = out.bytes();
        Region region = define(bytes, out);
        region.learnsFrom(windows.shapes(), hints);
        region.entries = plan.entries.stream().mapToInt(Integer::intValue).toArray();
        return Translation.of(
            region, plan, form, code.codeSize(), halvings, out.size(), windows, bytes);
      }
      halvings++;
    }
    return Translation.none(form);
  }

  private static Region define(byte[] bytes, RegionCode out) {
    try {
      Class<?> c =
          MethodHandles.lookup()
              .defineHiddenClassWithClassData(bytes, out.constants(), true)
              .lookupClass();
      return (Region) c.getDeclaredConstructor().newInstance();
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot define a translated region", e);
    }
  }

  /** Emits twice: the first time to learn about flags and memory accesses. */
  private static RegionCode emit(
      RegionPlan plan, String name, Form form, int width, boolean counted, Windows windows) {
    RegionShape shape = shape(plan, form);
    shape.width = width;
    shape.counted = counted || form == Form.COMPACT;
    shape.slice = shape.counted ? SLICE : 0;
    shape.windows = form == Form.FAST ? Windows.MAX : 0;
    shape.groups = form == Form.FAST ? Windows.MAX_GROUPS : 0;
    RegionEmitter first = new RegionEmitter(plan, name, form, windows, shape, Map.of(), null);
    first.emit();
    windows.assign();
    shape.windows = windows.windows();
    shape.groups = windows.slots();
    Map<Integer, Integer> flagsIn = flagsIn(plan, first.flagsOut);
    flagsIn.keySet().removeAll(new FlagLiveness(plan, first.left()).deadStarts());
    return new RegionEmitter(plan, name, form, windows, shape, flagsIn, first.left()).emit();
  }

  private static RegionShape shape(RegionPlan plan, Form form) {
    RegionShape shape = new RegionShape();
    boolean all = false;
    boolean allHalves = false;
    for (RegionPlan.Block b : plan.blocks.values()) {
      for (RegionPlan.Item item : b.items()) {
        Insn i = item.insn();
        shape.used |= Registers.used(i);
        shape.written |= Registers.written(i);
        shape.halvesUsed |= Registers.halvesUsed(i);
        shape.halvesWritten |= Registers.halvesWritten(i);
        shape.halvesDouble |= Registers.halvesDouble(i);
        all |= Registers.implicit(i);
        allHalves |= Registers.vectors(i) && !Registers.simple(i);
      }
    }
    if (all) {
      shape.written = 0xffff;
    }
    if (allHalves) {
      shape.halvesWritten = shape.halvesUsed;
    }
    shape.used |= shape.written;
    shape.windowed = form == Form.FAST;
    shape.sseEntries = SseChecks.guarded(plan);
    return shape;
  }

  /** The kind of the flags at the start of blocks where all that lead there agree. */
  private static Map<Integer, Integer> flagsIn(RegionPlan plan, Map<Integer, Integer> out) {
    Map<Integer, Integer> in = new HashMap<>();
    Set<Integer> differ = new HashSet<>();
    for (int entry : plan.entries) {
      in.put(entry, LazyFlags.IN_CPU);
    }
    for (RegionPlan.Block b : plan.blocks.values()) {
      int kind = out.get(b.offset());
      for (int to : plan.successors(b)) {
        Integer other = in.putIfAbsent(to, kind);
        if (kind == RegionCode.UNKNOWN || (other != null && other != kind)) {
          differ.add(to);
        }
      }
    }
    in.keySet().removeAll(differ);
    return in;
  }
}
