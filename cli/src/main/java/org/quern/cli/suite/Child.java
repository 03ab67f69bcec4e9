package org.quern.cli.suite;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Runs a command to its end or its limit; none survives the end of this process. */
public final class Child {
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(() -> RUNNING.forEach(Process::destroyForcibly), "suite-children"));
  }

  /**
   * What a process left behind.
   *
   * @param exitCode meaningless if it was ended for its time
   */
  public record Outcome(
      int exitCode, byte[] output, String errors, double seconds, boolean timedOut) {
    /** Output as text, byte by byte. */
    public String text() {
      return new String(output, StandardCharsets.ISO_8859_1);
    }
  }

  private Child() {}

  /**
   * Runs a command with an empty standard input.
   *
   * @param limitSeconds when it is ended
   */
  public static Outcome run(List<String> command, Path folder, double limitSeconds)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("quern-suite", ".out");
    Path err = Files.createTempFile("quern-suite", ".err");
    try {
      long start = System.nanoTime();
      Process p =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      RUNNING.add(p);
      boolean ended;
      try {
        ended = p.waitFor((long) (limitSeconds * 1000), TimeUnit.MILLISECONDS);
      } finally {
        p.destroyForcibly();
        RUNNING.remove(p);
      }
      int exitCode = p.waitFor();
      double seconds = (System.nanoTime() - start) / 1e9;
      return new Outcome(
          exitCode,
          Files.readAllBytes(out),
          Files.readString(err, StandardCharsets.ISO_8859_1),
          seconds,
          !ended);
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }
}
