package org.quern.bench.run;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Results as a page that needs nothing but itself: a chart for each program, exits by reason, and
 * the cost of single operations. Bars are as long as the logarithm of the time, since accelerators
 * are orders of magnitude apart.
 */
public final class HtmlReport {
  private static final int BAR_HEIGHT = 18;
  private static final int LABEL_WIDTH = 70;
  private static final int BAR_WIDTH = 480;
  private static final int WIDTH = LABEL_WIDTH + BAR_WIDTH + 130;
  private static final List<String> COLORS =
      List.of("#4878a8", "#d98032", "#5a9a57", "#b04c4c", "#8268a8", "#7a6552");

  private final StringBuilder out = new StringBuilder();
  private final List<String> names;

  private HtmlReport(List<Contender> contenders) {
    names = contenders.stream().map(Contender::name).toList();
  }

  /** The whole page. */
  public static String of(HostInfo host, List<Contender> contenders, List<ProgramResult> programs) {
    return new HtmlReport(contenders).page(host, programs);
  }

  private String page(HostInfo host, List<ProgramResult> programs) {
    out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.append("<title>quern bench</title><style>body{font:15px sans-serif;margin:2em;");
    out.append("max-width:60em}table{border-collapse:collapse}td,th{padding:2px 10px;");
    out.append("text-align:right;border-bottom:1px solid #ddd}td:first-child,th:first-child");
    out.append("{text-align:left}svg text{font:12px sans-serif}</style></head><body>\n");
    out.append("<h1>quern bench</h1><p>").append(text(host.line())).append("</p>\n");
    out.append("<p>Time of one repetition after warm-up; shorter is better, each gridline is ten");
    out.append(" times the one before. How to read this: docs/comparison.md.</p>\n");
    ratios(programs);
    for (ProgramResult r : programs) {
      program(r);
    }
    operations(programs);
    out.append("</body></html>\n");
    return out.toString();
  }

  /** Time of each program under each accelerator in units of the fastest there. */
  private void ratios(List<ProgramResult> programs) {
    out.append("<h2>Times relative to kvm</h2><p>A figure of 3 means three times as long; where");
    out.append(" there is no kvm, milliseconds.</p>\n<table><tr><th>program</th>");
    names.forEach(n -> out.append("<th>").append(text(n)).append("</th>"));
    out.append("</tr>\n");
    for (ProgramResult r : programs) {
      out.append("<tr><td>").append(text(r.program().label())).append("</td>");
      for (String name : names) {
        out.append("<td>").append(relative(r, name)).append("</td>");
      }
      out.append("</tr>\n");
    }
    out.append("</table>\n");
  }

  private static String relative(ProgramResult r, String name) {
    if (!r.names().contains(name)) {
      return "-";
    }
    OptionalDouble faster = r.speedup(name, Contender.KVM);
    return faster.isPresent()
        ? number(1 / faster.getAsDouble(), 2)
        : number(r.warmMs(name), 1) + " ms";
  }

  private void program(ProgramResult r) {
    out.append("<h2>").append(text(r.program().label())).append("</h2><p>");
    out.append(text(r.program().description())).append("</p>\n");
    chart(r);
    r.failures().forEach(f -> out.append("<p>").append(text(f)).append("</p>\n"));
    exits(r.exits());
  }

  private void chart(ProgramResult r) {
    Set<String> shown = new LinkedHashSet<>(names);
    shown.retainAll(r.names());
    if (shown.isEmpty()) {
      return;
    }
    double most = shown.stream().mapToDouble(r::warmMs).max().orElse(1);
    double least = shown.stream().mapToDouble(r::warmMs).min().orElse(1);
    double first = Math.floor(Math.log10(least)) - 1;
    double decades = Math.max(1, Math.ceil(Math.log10(most)) - first);
    int height = shown.size() * (BAR_HEIGHT + 6);
    out.append(String.format("<svg width=\"%d\" height=\"%d\" role=\"img\">%n", WIDTH, height + 4));
    for (int d = 0; d <= decades; d++) {
      double x = LABEL_WIDTH + BAR_WIDTH * d / decades;
      out.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%.1f\" x2=\"%.1f\" y1=\"0\" y2=\"%d\" stroke=\"#ddd\"/>%n",
              x,
              x,
              height));
    }
    int y = 2;
    for (String name : shown) {
      bar(r, name, y, BAR_WIDTH * (Math.log10(r.warmMs(name)) - first) / decades);
      y += BAR_HEIGHT + 6;
    }
    out.append("</svg>\n");
  }

  private void bar(ProgramResult r, String name, int y, double width) {
    String color = COLORS.get(names.indexOf(name) % COLORS.size());
    int base = y + BAR_HEIGHT - 5;
    out.append(String.format("<text x=\"0\" y=\"%d\">%s</text>", base, text(name)));
    out.append(
        String.format(
            Locale.ROOT,
            "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>",
            LABEL_WIDTH,
            y,
            width,
            BAR_HEIGHT,
            color));
    OptionalDouble mips = r.mips(name);
    String value = number(r.warmMs(name), 1) + " ms";
    if (mips.isPresent()) {
      value += ", " + number(mips.getAsDouble(), 0) + " MIPS";
    }
    out.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
            LABEL_WIDTH + width + 5,
            base,
            value));
  }

  private void exits(Map<String, List<ExitLine>> all) {
    all.forEach(
        (name, exits) -> {
          if (exits.isEmpty()) {
            return;
          }
          out.append("<table><tr><th>exits under ").append(text(name));
          out.append("</th><th>count</th><th>total ms</th><th>mean us</th></tr>\n");
          for (ExitLine e : exits) {
            out.append("<tr><td>").append(text(e.reason())).append("</td><td>");
            out.append(e.count()).append("</td><td>").append(number(e.totalMs(), 2));
            out.append("</td><td>").append(number(e.totalMs() * 1000 / e.count(), 2));
            out.append("</td></tr>\n");
          }
          out.append("</table>\n");
        });
  }

  private void operations(List<ProgramResult> programs) {
    List<ProgramResult> with = new ArrayList<>(programs);
    with.removeIf(r -> r.program().operations() == 0);
    if (with.isEmpty()) {
      return;
    }
    out.append("<h2>One operation, in nanoseconds</h2>\n<table><tr><th>operation</th>");
    names.forEach(n -> out.append("<th>").append(text(n)).append("</th>"));
    out.append("</tr>\n");
    for (ProgramResult r : with) {
      out.append("<tr><td>").append(text(r.program().description())).append("</td>");
      for (String name : names) {
        boolean there = r.names().contains(name);
        out.append("<td>");
        out.append(there ? number(r.nanosPerOperation(name).orElse(0), 0) : "-");
        out.append("</td>");
      }
      out.append("</tr>\n");
    }
    out.append("</table>\n");
  }

  private static String number(double v, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", v);
  }

  private static String text(String s) {
    return s.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
