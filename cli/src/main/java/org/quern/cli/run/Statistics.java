package org.quern.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.function.LongSupplier;

/** How much was executed, how fast and in how much memory. */
final class Statistics {
  private final LongSupplier instructions;
  private final long start = System.nanoTime();

  /**
   * Starts the clock.
   *
   * @param instructions executed so far by all processors
   */
  Statistics(LongSupplier instructions) {
    this.instructions = instructions;
  }

  String line() {
    double seconds = (System.nanoTime() - start) / 1e9;
    long n = instructions.getAsLong();
    return String.format(
        Locale.ROOT,
        "%d instructions in %.2f s, %.1f MIPS; peak memory %d MiB",
        n,
        seconds,
        n / seconds / 1e6,
        peakMemoryMib());
  }

  /** Resident memory at its highest; 0 where the host does not tell. */
  private static long peakMemoryMib() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
        }
      }
    } catch (IOException | NumberFormatException e) {
      return 0;
    }
    return 0;
  }
}
