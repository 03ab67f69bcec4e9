package org.quern.cli.suite;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a run of a suite has found: prints each case as it ends and a table behind the last one.
 * Thread-safe.
 */
public final class Report {
  private final String suite;
  private final String host;
  private final PrintStream out;
  private final List<CaseResult> results = new ArrayList<>();
  private final long start = System.nanoTime();

  /**
   * An empty report.
   *
   * @param suite name of the suite
   * @param host a line about date, commit, JDK and host
   */
  public Report(String suite, String host, PrintStream out) {
    this.suite = suite;
    this.host = host;
    this.out = out;
    out.println(suite + ": " + host);
  }

  /** Takes a result and prints its line. */
  public synchronized void add(CaseResult r) {
    results.add(r);
    String detail = r.detail().isEmpty() ? "" : "  " + r.detail();
    out.printf("%s  %-32s %7.1f s%s%n", r.verdict(), r.name(), r.seconds(), detail);
    if (r.verdict() == Verdict.FAIL) {
      out.println("      " + r.command());
    }
    out.flush();
  }

  public String suite() {
    return suite;
  }

  /** Date, commit, JDK and host. */
  public String host() {
    return host;
  }

  /** What came so far. */
  public synchronized List<CaseResult> results() {
    return List.copyOf(results);
  }

  /** How many cases ended so. */
  public long count(Verdict verdict) {
    return results().stream().filter(r -> r.verdict() == verdict).count();
  }

  /** Prints the table: one line a group, and the sum. */
  public synchronized void finish() {
    double wall = (System.nanoTime() - start) / 1e9;
    Map<String, List<CaseResult>> groups = new TreeMap<>();
    for (CaseResult r : results) {
      groups.computeIfAbsent(r.group(), g -> new ArrayList<>()).add(r);
    }
    out.println();
    out.printf("%-24s %7s %7s %7s %11s%n", "group", "pass", "fail", "skip", "checks");
    if (groups.size() > 1) {
      groups.forEach(this::line);
    }
    line("all", results);
    long checks = results.stream().mapToLong(CaseResult::checks).sum();
    out.printf(
        "%.1f s, %.2f cases a second, %.0f checks a second%n",
        wall, results.size() / wall, checks / wall);
  }

  private void line(String group, List<CaseResult> list) {
    long[] n = new long[Verdict.values().length];
    long checks = 0;
    for (CaseResult r : list) {
      n[r.verdict().ordinal()]++;
      checks += r.checks();
    }
    out.printf("%-24s %7d %7d %7d %11d%n", group, n[0], n[1], n[2], checks);
  }
}
