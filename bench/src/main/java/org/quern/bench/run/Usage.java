package org.quern.bench.run;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * What a process has used so far, seen while it lived.
 *
 * @param peakRssKib resident memory at its highest; 0 if unknown
 * @param cpuMs time on processors, user and system, all threads; 0 if unknown
 */
public record Usage(long peakRssKib, double cpuMs) {
  static final Usage UNKNOWN = new Usage(0, 0);

  /** Usage of a process now; what it does not tell, or no longer, is 0. */
  static Usage of(Process process) {
    double cpuMs =
        process.info().totalCpuDuration().map(Duration::toNanos).orElse(0L).doubleValue() / 1e6;
    return new Usage(highWaterMark(process.pid()), cpuMs);
  }

  /** The greater of each: both only grow. */
  Usage max(Usage other) {
    return new Usage(Math.max(peakRssKib, other.peakRssKib), Math.max(cpuMs, other.cpuMs));
  }

  /** VmHWM of proc(5). */
  private static long highWaterMark(long pid) {
    try {
      Path status = Path.of("/proc", Long.toString(pid), "status");
      for (String line : Files.readAllLines(status, StandardCharsets.ISO_8859_1)) {
        if (line.startsWith("VmHWM:")) {
          return Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException e) {
      return 0;
    }
    return 0;
  }
}
