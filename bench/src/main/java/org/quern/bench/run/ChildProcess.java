package org.quern.bench.run;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process whose standard output is read as it comes. It ends with this JVM, and after a limit.
 */
final class ChildProcess {
  /** Takes what the process writes. */
  @FunctionalInterface
  interface Listener {
    /**
     * Takes one byte.
     *
     * @param b the byte, 0 to 255
     * @param nanos since the process was started
     */
    void accept(int b, long nanos);
  }

  /**
   * What is known after the end.
   *
   * @param exitCode of the process
   * @param errors what it wrote to standard error
   * @param nanos from start to end
   * @param usage what it used until its last output
   */
  record Outcome(int exitCode, String errors, long nanos, Usage usage) {
    /** The last line of standard error that says something, or an empty string. */
    String lastError() {
      return errors.lines().filter(l -> !l.isBlank()).reduce("", (a, b) -> b);
    }
  }

  private ChildProcess() {}

  /**
   * Runs a command to its end; its standard input is empty.
   *
   * @param folder for a temporary file
   * @throws BenchException if it cannot be started or is not done within the limit
   */
  static Outcome run(List<String> command, Path folder, Duration limit, Listener listener)
      throws BenchException, InterruptedException {
    Path errors = folder.resolve("stderr");
    long start = System.nanoTime();
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/null"))
              .redirectError(errors.toFile())
              .start();
    } catch (IOException e) {
      throw new BenchException(command.get(0) + " cannot be started: " + e.getMessage(), e);
    }
    Thread killer = new Thread(process::destroyForcibly, "bench-killer");
    Runtime.getRuntime().addShutdownHook(killer);
    Thread watchdog = watchdog(process, limit);
    try {
      Usage usage = read(process, start, listener);
      int exitCode = process.waitFor();
      long nanos = System.nanoTime() - start;
      if (nanos > limit.toNanos()) {
        throw new BenchException("it did not end within " + limit.toSeconds() + " s");
      }
      String text = Files.readString(errors, StandardCharsets.ISO_8859_1);
      return new Outcome(exitCode, text, nanos, usage);
    } catch (IOException e) {
      throw new BenchException("its output is lost: " + e.getMessage(), e);
    } finally {
      process.destroyForcibly();
      watchdog.interrupt();
      removeHook(killer);
    }
  }

  private static Usage read(Process process, long start, Listener listener) throws IOException {
    byte[] piece = new byte[8192];
    Usage usage = Usage.UNKNOWN;
    InputStream in = process.getInputStream();
    for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
      long nanos = System.nanoTime() - start;
      for (int i = 0; i < n; i++) {
        listener.accept(piece[i] & 0xff, nanos);
      }
      usage = Usage.of(process).max(usage);
    }
    return usage;
  }

  private static Thread watchdog(Process process, Duration limit) {
    Thread t =
        new Thread(
            () -> {
              try {
                if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                  process.destroyForcibly();
                }
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // no longer needed
              }
            },
            "bench-watchdog");
    t.setDaemon(true);
    t.start();
    return t;
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      hook.interrupt(); // this JVM is ending: the hook runs and finds the process gone
    }
  }
}
