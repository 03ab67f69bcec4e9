package org.quern.cli.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.quern.accel.api.ExitCounts;
import org.quern.accel.api.Vm;
import org.quern.accel.vtx.ExitLog;
import org.quern.accel.vtx.ExitNames;
import org.quern.accel.vtx.ExitPrice;
import org.quern.accel.vtx.ExitSites;

/** VM exits in words: each as it happens, and what they come to. */
final class ExitText implements ExitLog {
  /** Places that are named. */
  private static final int PLACES = 10;

  private final Consumer<String> out;

  ExitText(Consumer<String> out) {
    this.out = out;
  }

  @Override
  public void exit(int cpu, int reason, long rip, long qualification) {
    out.accept(
        String.format(
            "cpu %d: %s at %x, qualification %x%n", cpu, ExitNames.of(reason), rip, qualification));
  }

  /** Everything there is to say about the exits of a machine; nothing if it has none. */
  static List<String> report(Vm vm) {
    List<String> lines = new ArrayList<>();
    if (vm instanceof ExitCounts counts) {
      List<ExitCounts.Exit> exits = counts.exits();
      table(exits, lines);
      if (vm instanceof ExitSites sites) {
        prices(exits, lines);
        places(sites, lines);
      }
    }
    return lines;
  }

  private static void table(List<ExitCounts.Exit> exits, List<String> lines) {
    lines.add(String.format("%-22s %10s %10s %9s", "VM exits", "count", "total ms", "mean us"));
    for (ExitCounts.Exit e : exits) {
      lines.add(
          String.format(
              Locale.ROOT,
              "%-22s %10d %10.1f %9.2f",
              e.reason(),
              e.count(),
              e.nanoseconds() / 1e6,
              e.nanoseconds() / 1e3 / e.count()));
    }
  }

  private static void prices(List<ExitCounts.Exit> exits, List<String> lines) {
    long count = exits.stream().mapToLong(ExitCounts.Exit::count).sum();
    lines.add(
        String.format(
            "the %d transitions alone would cost (docs/comparison.md has sources)", count));
    for (ExitPrice p : ExitPrice.values()) {
      lines.add(
          String.format(
              Locale.ROOT,
              "  %-18s %d: %5d cycles each, %9.1f million in all",
              p.generation(),
              p.year(),
              p.cycles(),
              count * (double) p.cycles() / 1e6));
    }
  }

  private static void places(ExitSites sites, List<String> lines) {
    lines.add("places in the guest with most exits");
    for (ExitSites.Site s : sites.busiest(PLACES)) {
      lines.add(String.format("  %016x %-22s %10d", s.rip(), s.reason(), s.count()));
    }
  }
}
