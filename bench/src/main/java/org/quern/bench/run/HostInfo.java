package org.quern.bench.run;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where, when and with what was measured.
 *
 * @param commit of the checkout that this program lies in; "unknown" if it is in none
 * @param loadAverage of the last minute before the measurement; negative if unknown
 * @param qemu first line of its version; "none" if it takes no part
 */
public record HostInfo(
    String date,
    String commit,
    String jdk,
    String os,
    String cpu,
    int processors,
    double loadAverage,
    String qemu) {

  /**
   * This host, now.
   *
   * @param program folder of the program's files
   * @param qemu path of QEMU, if it takes part
   */
  public static HostInfo collect(Path program, Optional<Path> qemu) throws InterruptedException {
    return new HostInfo(
        Instant.now().truncatedTo(ChronoUnit.SECONDS).toString(),
        firstLine(List.of("git", "-C", program.toString(), "describe", "--always", "--dirty"))
            .orElse("unknown"),
        System.getProperty("java.vm.name") + " " + Runtime.version(),
        System.getProperty("os.name") + " " + System.getProperty("os.version"),
        model(),
        Runtime.getRuntime().availableProcessors(),
        ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage(),
        qemu.isEmpty()
            ? "none"
            : firstLine(List.of(qemu.get().toString(), "--version")).orElse("unknown"));
  }

  /** A line to print above the results. */
  public String line() {
    return String.format(
        "%s, commit %s, %s, %d x %s, load average %.1f, QEMU: %s",
        date, commit, jdk, processors, cpu, loadAverage, qemu);
  }

  private static String model() {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/cpuinfo"))) {
        if (line.startsWith("model name")) {
          return line.substring(line.indexOf(':') + 1).strip();
        }
      }
    } catch (IOException e) {
      return System.getProperty("os.arch");
    }
    return System.getProperty("os.arch");
  }

  private static Optional<String> firstLine(List<String> command) throws InterruptedException {
    try {
      Process p =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
      p.getOutputStream().close();
      String text = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      boolean ended = p.waitFor(10, TimeUnit.SECONDS);
      return ended && p.exitValue() == 0 ? text.lines().findFirst() : Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
