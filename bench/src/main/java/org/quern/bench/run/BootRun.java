package org.quern.bench.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Boots a Linux kernel to {@code /init} and power-off under one accelerator. */
final class BootRun implements ChildProcess.Listener {
  private static final Duration LIMIT = Duration.ofMinutes(10);

  /** What our own {@code /init} says first. */
  private static final String MARKER = "Quern: /init after";

  private static final int MEMORY_MIB = 512;

  private final StringBuilder line = new StringBuilder();
  private String lastLine = "";
  private double initMs = -1;

  private BootRun() {}

  /**
   * Boots.
   *
   * @param folder for temporary files
   * @throws BenchException if the guest does not come to {@code /init} and end by itself
   */
  static BootSample run(Contender contender, Path kernel, Path initrd, Path folder)
      throws BenchException, InterruptedException {
    List<String> command =
        contender.machine(
            List.of(
                "-kernel",
                kernel.toString(),
                "-initrd",
                initrd.toString(),
                "-append",
                "console=ttyS0 quern.exec=poweroff",
                "-m",
                Integer.toString(MEMORY_MIB),
                "-display",
                "none",
                "-nodefaults",
                "-no-reboot",
                "-serial",
                "stdio"));
    BootRun run = new BootRun();
    ChildProcess.Outcome outcome = ChildProcess.run(command, folder, LIMIT, run);
    if (run.initMs < 0 || outcome.exitCode() != 0) {
      String last = outcome.lastError().isEmpty() ? run.lastLine() : outcome.lastError();
      throw new BenchException(
          String.format(
              "the boot ended with exit code %d %s /init: %s",
              outcome.exitCode(), run.initMs < 0 ? "before" : "after", last));
    }
    return new BootSample(run.initMs, outcome.nanos() / 1e6, outcome.usage());
  }

  @Override
  public void accept(int b, long nanos) {
    if (b == '\n') {
      if (initMs < 0 && line.indexOf(MARKER) >= 0) {
        initMs = nanos / 1e6;
      }
      lastLine = lastLine();
      line.setLength(0);
    } else {
      line.append((char) b);
    }
  }

  /** The last line on the console that says something. */
  private String lastLine() {
    String now = line.toString().strip();
    return now.isEmpty() ? lastLine : now;
  }
}
