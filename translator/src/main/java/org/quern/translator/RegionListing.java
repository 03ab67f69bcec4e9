package org.quern.translator;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.quern.translator.RegionPlan.Block;
import org.quern.translator.RegionPlan.Item;

/** Prints what the translator knows of a region. All numbers are offsets in the page, in hex. */
final class RegionListing {
  private RegionListing() {}

  static String of(RegionPlan plan, Form form, Windows windows) {
    StringBuilder s = new StringBuilder();
    s.append(line("entries", offsets(plan.entries)));
    s.append(line("return points", offsets(List.copyOf(plan.returnPoints))));
    for (Block b : plan.blocks.values()) {
      Item last = b.last();
      String then = offsets(plan.successors(b));
      s.append(
          String.format(
              "  block %03x to %03x: %d instructions, then %s%s%n",
              b.offset(),
              last.end(),
              b.items().size(),
              then.equals("none") ? "leaves" : then,
              plan.follows(last) ? ", call followed" : ""));
    }
    if (form == Form.COMPACT) {
      s.append(line("memory", "calls of the MMU"));
    } else {
      windows.ways().forEach((shape, way) -> s.append(line("memory " + shape, word(way))));
    }
    return s.toString();
  }

  private static String line(String what, String is) {
    return "  " + what + ": " + is + System.lineSeparator();
  }

  private static String word(Windows.Way way) {
    return way.name().toLowerCase(Locale.ROOT);
  }

  private static String offsets(List<Integer> offsets) {
    return offsets.isEmpty()
        ? "none"
        : offsets.stream().map(o -> String.format("%03x", o)).collect(Collectors.joining(" "));
  }
}
