package org.quern.cli.lockstep;

import java.io.PrintStream;
import java.util.List;
import org.quern.cli.run.CrashReport;
import org.quern.cli.run.RegisterText;
import org.quern.machine.mem.GuestRam;

/** What is said about two machines that differ. */
final class DifferenceReport {
  private static final int MOST_ADDRESSES = 16;
  private static final int MOST_INSTRUCTIONS = 40;
  private static final int CONSOLE_CHARS = 400;

  private final PrintStream out;
  private final Twin jit;
  private final Twin interp;
  private final History history;

  DifferenceReport(PrintStream out, Twin jit, Twin interp, History history) {
    this.out = out;
    this.jit = jit;
    this.interp = interp;
    this.history = history;
  }

  void print(String difference) {
    out.printf(
        "quern: jit and interp differ after %d and %d instructions: %s%n",
        jit.instructions(), interp.instructions(), difference);
    out.printf("the last stops:%n%s", history.text());
    out.printf("registers under jit | under interp, differing lines marked:%n");
    sideBySide(RegisterText.of(jit.state), RegisterText.of(interp.state));
    for (String line : StateComparison.hidden(jit.state, interp.state)) {
      out.println("  " + line);
    }
    ram();
    path();
    out.printf("the last %d instructions began here (jumps not followed):%n", history.lastLength());
    out.print(
        CrashReport.code(
            jit.board().dma(),
            interp.state,
            history.lastStart(),
            (int) Math.min(MOST_INSTRUCTIONS, history.lastLength() + 2)));
    out.print(CrashReport.exceptions(interp.cpu()));
    CharSequence console = interp.console();
    out.printf(
        "the end of the console:%n%s%n",
        console.subSequence(Math.max(0, console.length() - CONSOLE_CHARS), console.length()));
    out.flush();
  }

  /** What the interpreter executed last, if that was kept; else nothing. */
  private void path() {
    long[] path = history.path();
    if (path.length > 0) {
      out.println("the last instructions of interp:");
    }
    for (long rip : path) {
      String code = CrashReport.code(jit.board().dma(), interp.state, rip, 1);
      out.println("  " + code.substring(code.indexOf('\n') + 1).stripTrailing());
    }
  }

  private void sideBySide(String a, String b) {
    List<String> left = a.lines().toList();
    List<String> right = b.lines().toList();
    for (int i = 0; i < Math.max(left.size(), right.size()); i++) {
      String l = i < left.size() ? left.get(i) : "";
      String r = i < right.size() ? right.get(i) : "";
      if (l.equals(r)) {
        out.println("  " + l);
      } else {
        out.println("* " + l);
        out.println("* " + " ".repeat(4) + r);
      }
    }
  }

  private void ram() {
    GuestRam a = jit.board().ram();
    GuestRam b = interp.board().ram();
    long at = RamComparison.firstDifference(a, b, 0);
    for (int n = 0; at >= 0 && n < MOST_ADDRESSES; n++) {
      out.printf(
          "  RAM %012x: %016x | %016x%n", at, RamComparison.read(a, at), RamComparison.read(b, at));
      at = at + 8 < GuestRam.HIGH_START + a.highBytes() ? next(a, b, at + 8) : -1;
    }
  }

  /** The scan goes by 64 bytes; inside of them one by one. */
  private static long next(GuestRam a, GuestRam b, long from) {
    long at = from;
    while ((at & 63) != 0) {
      if (RamComparison.read(a, at) != RamComparison.read(b, at)) {
        return at;
      }
      at += 8;
    }
    return RamComparison.firstDifference(a, b, at);
  }
}
