package org.quern.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;

/** Results as text, a line for each accelerator. */
public final class Tables {
  private static final String ROW = "%-10s %-8s %10s %8s %10s %8s %9s %9s %9s %9s";

  /** So many reasons fit into a line. */
  private static final int MOST_REASONS = 4;

  private Tables() {}

  /** What the columns mean, and their names. */
  public static List<String> programHeader() {
    return List.of(
        "warm: median of the later half of the repetitions; cold: start of the process to the end"
            + " of",
        "its first repetition; /tcg, /interp, /kvm: how many times as fast as that accelerator,",
        "warm; ns/op: time of one of the operations that the program repeats.",
        "",
        row(
            "program", "accel", "warm ms", "MIPS", "cold ms", "RSS MiB", "/tcg", "/interp", "/kvm",
            "ns/op"));
  }

  /** The lines of one program. */
  public static List<String> program(ProgramResult r) {
    List<String> lines = new ArrayList<>();
    for (String name : r.names()) {
      long rss =
          r.samples().get(name).stream().mapToLong(s -> s.usage().peakRssKib()).max().orElse(0);
      lines.add(
          row(
              lines.isEmpty() ? r.program().label() : "",
              name,
              number(r.warmMs(name), 1),
              optional(r.mips(name), 0),
              number(r.coldMs(name), 0),
              mib(rss),
              optional(r.speedup(name, Contender.TCG), 2),
              optional(r.speedup(name, Contender.INTERP), 2),
              optional(r.speedup(name, Contender.KVM), 2),
              optional(r.nanosPerOperation(name), 0)));
    }
    r.exits().forEach((name, exits) -> lines.add(exits(name, exits)));
    lines.addAll(r.failures());
    return lines;
  }

  /** Exits of one repetition and the start-up, the most frequent first, with their mean cost. */
  private static String exits(String name, List<ExitLine> exits) {
    StringBuilder s = new StringBuilder(String.format("%-10s %-8s exits:", "", name));
    for (ExitLine e : exits.subList(0, Math.min(MOST_REASONS, exits.size()))) {
      double micros = e.totalMs() * 1000 / e.count();
      s.append(' ').append(e.count()).append(' ').append(e.reason());
      s.append(" (").append(number(micros, 2)).append(" us)");
    }
    return exits.isEmpty() ? s.append(" none").toString() : s.toString();
  }

  /** The geometric means over all programs that have both figures. */
  public static List<String> means(List<ProgramResult> results, List<Contender> contenders) {
    List<String> lines = new ArrayList<>();
    for (Contender c : contenders) {
      lines.add(
          row(
              lines.isEmpty() ? "geomean" : "",
              c.name(),
              "",
              "",
              "",
              "",
              optional(Means.speedup(results, c.name(), Contender.TCG), 2),
              optional(Means.speedup(results, c.name(), Contender.INTERP), 2),
              optional(Means.speedup(results, c.name(), Contender.KVM), 2),
              ""));
    }
    return lines;
  }

  /** The whole table of a boot. */
  public static List<String> boot(BootResult r) {
    List<String> lines = new ArrayList<>();
    lines.add(
        "Debian's kernel; seconds from the start of the process, medians; *tcg: wall time to /init");
    lines.add("in units of QEMU TCG's.");
    lines.add("");
    String row = "%-10s %-8s %10s %10s %8s %8s %9s";
    lines.add(String.format(row, "boot", "accel", "/init s", "end s", "CPU s", "RSS MiB", "*tcg"));
    for (String name : r.names()) {
      lines.add(
          String.format(
              row,
              "",
              name,
              number(r.initMs(name) / 1000, 2),
              number(r.endMs(name) / 1000, 2),
              number(r.cpuMs(name) / 1000, 2),
              mib(r.peakRssKib(name)),
              optional(r.times(name, Contender.TCG), 2)));
    }
    lines.addAll(r.failures());
    return lines;
  }

  private static String row(Object... cells) {
    return String.format(ROW, cells).stripTrailing();
  }

  private static String number(double v, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", v);
  }

  private static String optional(OptionalDouble v, int digits) {
    return v.isPresent() ? number(v.getAsDouble(), digits) : "-";
  }

  private static String mib(long kib) {
    return kib == 0 ? "-" : Long.toString(kib >> 10);
  }
}
