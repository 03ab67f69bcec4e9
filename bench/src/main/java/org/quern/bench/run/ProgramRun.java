package org.quern.bench.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quern.bench.program.BenchProtocol;

/** Runs an image under one accelerator and reads what it reports. */
final class ProgramRun implements ChildProcess.Listener {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final Pattern INSTRUCTIONS = Pattern.compile("(\\d+) instructions in ");

  private final List<Double> repetitions = new ArrayList<>();
  private final StringBuilder checksum = new StringBuilder();
  private boolean started;
  private boolean inChecksum;
  private boolean different;
  private double startMs;
  private long last;

  private ProgramRun() {}

  /**
   * Runs a program.
   *
   * @param image its kernel image
   * @param expected repetitions that it was made for
   * @throws BenchException if it does not do what it should
   */
  static ProgramSample run(Contender contender, Path image, int expected)
      throws BenchException, InterruptedException {
    List<String> command =
        contender.machine(
            List.of(
                "-kernel",
                image.toString(),
                "-m",
                Integer.toString(BenchProtocol.MEMORY_MIB),
                "-display",
                "none",
                "-nodefaults",
                "-no-reboot",
                "-device",
                "isa-debug-exit,iobase=" + BenchProtocol.EXIT_PORT + ",iosize=4",
                "-debugcon",
                "stdio"));
    ProgramRun run = new ProgramRun();
    ChildProcess.Outcome outcome = ChildProcess.run(command, image.getParent(), LIMIT, run);
    return run.sample(outcome, expected);
  }

  @Override
  public void accept(int b, long nanos) {
    if (inChecksum) {
      if (b != '\n') {
        checksum.append((char) b);
      }
      return;
    }
    switch (b) {
      case BenchProtocol.START -> {
        started = true;
        startMs = nanos / 1e6;
        last = nanos;
      }
      case BenchProtocol.REPETITION -> {
        repetitions.add((nanos - last) / 1e6);
        last = nanos;
      }
      case BenchProtocol.DIFFERENT -> different = true;
      case BenchProtocol.CHECKSUM -> inChecksum = true;
      default -> checksum.append((char) b); // noise: the checksum will not be one
    }
  }

  private ProgramSample sample(ChildProcess.Outcome outcome, int expected) throws BenchException {
    if (different) {
      throw new BenchException("its repetitions came to different checksums");
    }
    if (!started
        || repetitions.size() != expected
        || checksum.length() != BenchProtocol.CHECKSUM_DIGITS
        || outcome.exitCode() != BenchProtocol.EXIT_CODE) {
      String error = outcome.lastError();
      throw new BenchException(
          String.format(
              "it ended with exit code %d after %d of %d repetitions%s",
              outcome.exitCode(),
              repetitions.size(),
              expected,
              error.isEmpty() ? "" : ": " + error));
    }
    Matcher m = INSTRUCTIONS.matcher(outcome.errors());
    OptionalLong instructions =
        m.find() ? OptionalLong.of(Long.parseLong(m.group(1)) / expected) : OptionalLong.empty();
    return new ProgramSample(
        startMs,
        repetitions,
        checksum.toString(),
        instructions,
        ExitLine.in(outcome.errors()),
        outcome.usage());
  }
}
