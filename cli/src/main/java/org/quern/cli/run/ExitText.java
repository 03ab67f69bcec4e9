package org.quern.cli.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import org.quern.accel.api.ExitCounts;
import org.quern.accel.vtx.ExitLog;
import org.quern.accel.vtx.ExitNames;

/** VM exits in words: each as it happens, and what they come to. */
final class ExitText implements ExitLog {
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

  /** Lines of a table: exits by reason. */
  static List<String> table(List<ExitCounts.Exit> exits) {
    List<String> lines = new ArrayList<>();
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
    return lines;
  }
}
