package org.quern.cli.holes;

import java.util.List;
import java.util.Locale;

/** The table of {@code quern holes}, and the same as JSON. */
final class HolesReport {
  private static final int NAME_WIDTH = 22;
  private static final int CELL_WIDTH = 20;

  private final List<Probe> probes;
  private final List<List<Cell>> columns;

  /**
   * A report.
   *
   * @param columns cells in the order of {@code probes}, for each way
   */
  HolesReport(List<Probe> probes, List<List<Cell>> columns) {
    this.probes = probes;
    this.columns = columns;
  }

  String text() {
    StringBuilder s = new StringBuilder(pad("", NAME_WIDTH));
    columns.forEach(c -> s.append(pad(c.get(0).way(), CELL_WIDTH)));
    s.append('\n');
    boolean unprivileged = true;
    for (int row = 0; row < probes.size(); row++) {
      Probe p = probes.get(row);
      if (unprivileged && !p.unprivileged()) {
        s.append("privileged\n");
      }
      unprivileged = p.unprivileged();
      StringBuilder line = new StringBuilder(pad(p.name(), NAME_WIDTH));
      for (List<Cell> column : columns) {
        line.append(pad(cell(column.get(row)), CELL_WIDTH));
      }
      s.append(line.toString().stripTrailing()).append('\n');
    }
    s.append('\n');
    columns.forEach(c -> s.append(summary(c)));
    for (List<Cell> column : columns) {
      column.stream()
          .filter(c -> c.verdict() == Verdict.STOPS)
          .forEach(
              c ->
                  s.append(
                      String.format(
                          "%s, %s: %s%n", c.way(), c.probe().name(), c.outcome().message())));
    }
    return s.toString();
  }

  private static String cell(Cell c) {
    String s = c.verdict().word;
    s += c.exits() == 0 ? "" : String.format(Locale.ROOT, " %.3gx", c.exits());
    return s + (Double.isNaN(c.nanos()) ? "" : " " + time(c.nanos()));
  }

  private static String time(double nanos) {
    if (nanos < 1000) {
      return String.format(Locale.ROOT, "%.0f ns", Math.max(0, nanos));
    }
    return String.format(Locale.ROOT, "%.3g us", nanos / 1000);
  }

  private static String summary(List<Cell> column) {
    StringBuilder s = new StringBuilder(pad(column.get(0).way(), NAME_WIDTH));
    List<Cell> free = column.stream().filter(c -> c.probe().unprivileged()).toList();
    s.append("of ").append(free.size()).append(" unprivileged ones");
    for (Verdict v : Verdict.values()) {
      long n = free.stream().filter(c -> c.verdict() == v).count();
      s.append(n == 0 ? "" : ", " + n + " " + v.word);
    }
    return s.append('\n').toString();
  }

  private static String pad(String s, int width) {
    return String.format("%-" + width + "s", s);
  }

  /** Whether no accelerator showed a guest something wrong, or did it. */
  boolean acceleratorsRight() {
    return columns.stream()
        .flatMap(List::stream)
        .filter(c -> !c.way().startsWith("ring"))
        .noneMatch(c -> c.verdict() == Verdict.LEAKS || c.verdict() == Verdict.MISBEHAVES);
  }

  String json() {
    StringBuilder s = new StringBuilder("[\n");
    String separator = "";
    for (List<Cell> column : columns) {
      for (Cell c : column) {
        s.append(separator)
            .append(
                String.format(
                    Locale.ROOT,
                    "  {\"instruction\": \"%s\", \"unprivileged\": %b, \"way\": \"%s\", \"verdict\":"
                        + " \"%s\", \"result\": [%d, %d], \"expected\": [%d, %d], \"traps\": %.4f,"
                        + " \"exits\": %.4f, \"nanoseconds\": %s}",
                    c.probe().name(),
                    c.probe().unprivileged(),
                    c.way(),
                    c.verdict().word.toLowerCase(Locale.ROOT),
                    c.outcome().first() & 0xffffffffL,
                    c.outcome().second() & 0xffffffffL,
                    c.probe().first() & 0xffffffffL,
                    c.probe().second() & 0xffffffffL,
                    c.traps(),
                    c.exits(),
                    Double.isNaN(c.nanos())
                        ? "null"
                        : String.format(Locale.ROOT, "%.1f", c.nanos())));
        separator = ",\n";
      }
    }
    return s.append("\n]\n").toString();
  }
}
