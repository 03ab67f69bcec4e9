package org.quern.cli.run;

import java.io.PrintStream;
import org.quern.accel.api.ExceptionLog;
import org.quern.accel.api.Vcpu;

/** What is said when a processor shuts down by a triple fault. */
final class ShutdownReport {
  /** A guest that reboots by triple fault for ever must not fill the disk. */
  private static final int MAX_REPORTS = 3;

  private final PrintStream out;
  private int reports;

  ShutdownReport(PrintStream out) {
    this.out = out;
  }

  /** Reports; the processor stands still. */
  synchronized void report(Vcpu cpu, String message) {
    if (++reports > MAX_REPORTS) {
      return;
    }
    out.println("quern: processor " + cpu.index() + " shut down: " + message);
    out.print(RegisterText.of(cpu.state()));
    out.print(exceptions(cpu));
    out.flush();
  }

  /** The last exceptions of a processor that stands still, as lines; empty if it keeps none. */
  static String exceptions(Vcpu cpu) {
    if (!(cpu instanceof ExceptionLog log)) {
      return "";
    }
    StringBuilder text = new StringBuilder("last exceptions, oldest first:\n");
    for (ExceptionLog.Entry e : log.recentExceptions()) {
      text.append(
          String.format(
              "  vector %2d error %04x cr2 %016x at %04x:%016x cpl %d after %d instructions%n",
              e.vector(), e.errorCode(), e.cr2(), e.cs(), e.rip(), e.cpl(), e.instructions()));
    }
    return text.toString();
  }
}
