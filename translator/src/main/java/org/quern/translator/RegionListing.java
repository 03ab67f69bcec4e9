package org.quern.translator;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.quern.translator.RegionPlan.Block;
import org.quern.translator.RegionPlan.Item;
import org.quern.x86.disasm.RegisterNames;
import org.quern.x86.state.Reg;

/**
 * Prints what the translator knows of a region. All numbers are offsets from the start of the page
 * it begins in, in hex.
 */
final class RegionListing {
  /** Base, index, scale as a shift, FS or GS, where the displacement lies, read or write. */
  private static final Pattern SHAPE =
      Pattern.compile("(\\d+)\\+(\\d+)\\*(\\d)(?::(\\d))?/(-?\\d+) [rw]");

  private RegionListing() {}

  static String of(RegionPlan plan, Form form, int codeSize, Windows windows) {
    StringBuilder s = new StringBuilder();
    s.append(line("entries", offsets(plan.entries)));
    s.append(line("return points", offsets(List.copyOf(plan.returnPoints))));
    for (Block b : plan.blocks.values()) {
      Item last = b.last();
      String then = offsets(plan.successors(b));
      s.append(
          String.format(
              "  block %s to %s: %d instructions, then %s%s%n",
              hex(b.offset()),
              hex(last.end()),
              b.items().size(),
              then.equals("none") ? "leaves" : then,
              plan.follows(last) ? ", call followed" : ""));
    }
    if (form == Form.COMPACT) {
      s.append(line("memory", "calls of the MMU"));
    } else {
      windows
          .ways()
          .forEach((shape, way) -> s.append(line("memory " + shape(shape, codeSize), word(way))));
    }
    return s.toString();
  }

  private static String line(String what, String is) {
    return "  " + what + ": " + is + System.lineSeparator();
  }

  /** A shape of {@link MemoryEmitter} with names of registers. */
  private static String shape(String shape, int codeSize) {
    String store = shape.endsWith(" w") ? " store" : " load";
    Matcher m = SHAPE.matcher(shape);
    if (!m.matches()) {
      return "[" + shape.replaceFirst(" [rw]$", "]" + store);
    }
    List<String> parts = new ArrayList<>();
    int base = Integer.parseInt(m.group(1));
    int index = Integer.parseInt(m.group(2));
    if (base != Reg.ZERO) {
      parts.add(base == Reg.RIP ? "rip" : RegisterNames.gpr(base, codeSize));
    }
    if (index != Reg.ZERO) {
      parts.add(RegisterNames.gpr(index, codeSize) + "*" + (1 << Integer.parseInt(m.group(3))));
    }
    if (!m.group(5).equals("0") || parts.isEmpty()) {
      parts.add("area " + m.group(5));
    }
    String segment =
        m.group(4) == null ? "" : RegisterNames.segment(Integer.parseInt(m.group(4))) + ":";
    return segment + "[" + String.join(" + ", parts) + "]" + store;
  }

  private static String word(Windows.Way way) {
    return way.name().toLowerCase(Locale.ROOT);
  }

  private static String offsets(List<Integer> offsets) {
    return offsets.isEmpty()
        ? "none"
        : offsets.stream().map(RegionListing::hex).collect(Collectors.joining(" "));
  }

  private static String hex(int offset) {
    return String.format(offset < 0 ? "-%03x" : "%03x", Math.abs(offset));
  }
}
