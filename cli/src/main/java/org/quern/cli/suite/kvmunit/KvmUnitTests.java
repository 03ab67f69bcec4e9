package org.quern.cli.suite.kvmunit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quern.cli.CliException;
import org.quern.cli.bench.UsageException;
import org.quern.cli.options.OptionException;
import org.quern.cli.options.OptionParser;
import org.quern.cli.suite.CaseResult;
import org.quern.cli.suite.Child;
import org.quern.cli.suite.Quern;
import org.quern.cli.suite.Report;
import org.quern.cli.suite.Suite;
import org.quern.cli.suite.SuiteOptions;
import org.quern.cli.suite.Verdict;

/**
 * kvm-unit-tests: the kernels that its {@code unittests.cfg} names, each in a machine as its own
 * script starts it, and judged as that script does. Source: kvm-unit-tests, x86/run and
 * scripts/runtime.bash (behaviour).
 */
public final class KvmUnitTests implements Suite {
  private static final int DEFAULT_TIMEOUT = 90;

  // Exit codes through isa-debug-exit: (status << 1) | 1.
  private static final int EXIT_PASS = 1;
  private static final int EXIT_SKIP = 77;
  private static final int EXIT_ABORT = (127 << 1 | 1) & 0xff;

  private static final Pattern SUMMARY = Pattern.compile("(?m)^SUMMARY: (.*?)\\r?$");
  private static final Pattern TESTS = Pattern.compile("(\\d+) tests");
  private static final Pattern FAILURE = Pattern.compile("(?m)^(FAIL: .*?)\\r?$");
  private static final Pattern CONFIG_ARCH = Pattern.compile("(?m)^ARCH=(.*)$");

  private final Quern quern;

  public KvmUnitTests(Quern quern) {
    this.quern = quern;
  }

  @Override
  public void run(SuiteOptions options, Report report) throws CliException, InterruptedException {
    Path dir = options.needDir("kvm-unit-tests").toAbsolutePath();
    String arch = architecture(dir);
    List<UnitTest> tests = chosen(dir, options);
    ExecutorService jobs = Executors.newFixedThreadPool(options.jobs());
    try {
      List<Future<?>> running = new ArrayList<>();
      for (UnitTest t : tests) {
        running.add(
            jobs.submit(
                () -> {
                  report.add(one(dir, arch, t, options));
                  return null;
                }));
      }
      for (Future<?> f : running) {
        f.get();
      }
    } catch (ExecutionException e) {
      throw new CliException("suite kvm-unit-tests: " + e.getCause(), e);
    } finally {
      jobs.shutdownNow();
    }
  }

  private static String architecture(Path dir) throws CliException {
    try {
      Matcher m = CONFIG_ARCH.matcher(Files.readString(dir.resolve("config.mak")));
      return m.find() ? m.group(1) : "x86_64";
    } catch (IOException e) {
      throw new UsageException(
          "suite kvm-unit-tests --dir "
              + dir
              + ": not a built checkout (there is no config.mak); run ./configure and make there");
    }
  }

  private static List<UnitTest> chosen(Path dir, SuiteOptions options) throws CliException {
    List<UnitTest> all;
    try {
      all = UnitTestsFile.read(dir.resolve("x86/unittests.cfg"));
    } catch (IOException e) {
      throw new CliException("suite kvm-unit-tests: " + e.getMessage() + " cannot be read", e);
    }
    for (String name : options.names()) {
      if (all.stream().noneMatch(t -> t.name().equals(name) || t.groups().contains(name))) {
        throw new UsageException("suite kvm-unit-tests " + name + ": no such test or group");
      }
    }
    return all.stream()
        .filter(
            t ->
                options.names().isEmpty()
                    || options.names().contains(t.name())
                    || t.groups().stream().anyMatch(options.names()::contains))
        .toList();
  }

  private CaseResult one(Path dir, String arch, UnitTest t, SuiteOptions options)
      throws IOException, InterruptedException {
    List<String> words = words(dir, t, options.accel());
    String unfit = unfit(dir, arch, t, options, words);
    if (unfit != null) {
      return result(t, Verdict.SKIP, 0, unfit, 0, words);
    }
    double limit = options.timeout() > 0 ? options.timeout() : t.timeoutSeconds();
    limit = limit > 0 ? limit : DEFAULT_TIMEOUT;
    Child.Outcome o = Child.run(quern.command(words), dir, limit);
    if (options.verbose()) {
      System.out.print(o.text() + o.errors());
    }
    return judge(t, o, words);
  }

  /** Why the case cannot be run here; null if it can. */
  private static String unfit(
      Path dir, String arch, UnitTest t, SuiteOptions options, List<String> words) {
    if (t.manual() && !options.all() && !options.names().contains(t.name())) {
      return "manual; --all runs it";
    }
    if (!t.arch().isEmpty() && !t.arch().equals(arch)) {
      return t.arch() + " only";
    }
    if (!t.accel().isEmpty() && !t.accel().equals(options.accel())) {
      return t.accel() + " only";
    }
    for (String check : t.checks()) {
      String[] sides = check.split("=", 2);
      if (sides.length < 2 || !contains(Path.of(sides[0]), sides[1])) {
        return "the host has no " + check;
      }
    }
    if (!Files.exists(dir.resolve("x86").resolve(t.file()))) {
      return "not built: x86/" + t.file();
    }
    try {
      new OptionParser().parse(words);
      return null;
    } catch (OptionException e) {
      return e.getMessage();
    }
  }

  private static boolean contains(Path file, String content) {
    try {
      return Files.readString(file).strip().equals(content);
    } catch (IOException e) {
      return false;
    }
  }

  private static CaseResult judge(UnitTest t, Child.Outcome o, List<String> words) {
    String text = o.text();
    Matcher summary = SUMMARY.matcher(text);
    String detail = summary.find() ? summary.group(1) : "";
    Matcher n = TESTS.matcher(detail);
    long checks = n.find() ? Long.parseLong(n.group(1)) : 0;
    if (o.timedOut()) {
      return result(t, Verdict.FAIL, checks, "not done in time", o.seconds(), words);
    }
    if (o.exitCode() == EXIT_PASS && o.errors().isEmpty()) {
      return result(t, Verdict.PASS, checks, detail, o.seconds(), words);
    }
    if (o.exitCode() == EXIT_SKIP) {
      return result(t, Verdict.SKIP, checks, detail, o.seconds(), words);
    }
    String why = o.errors().isEmpty() ? lastSaid(text, o.exitCode()) : o.errors().strip();
    return result(
        t, Verdict.FAIL, checks, detail.isEmpty() ? why : detail + "; " + why, o.seconds(), words);
  }

  /** The first failure it reports, or else its last words. */
  private static String lastSaid(String text, int exitCode) {
    Matcher failure = FAILURE.matcher(text);
    if (failure.find()) {
      return failure.group(1);
    }
    for (String line : text.lines().toList()) {
      if (line.startsWith("Unhandled exception")) {
        return line.strip();
      }
    }
    return "exit code " + exitCode + (exitCode == EXIT_ABORT ? " (abort)" : "");
  }

  private static CaseResult result(
      UnitTest t, Verdict v, long checks, String detail, double seconds, List<String> words) {
    return new CaseResult(t.group(), t.name(), v, checks, detail, seconds, Quern.shown(words));
  }

  /** The options for Quern: those of the suite's script, then those of the test. */
  private static List<String> words(Path dir, UnitTest t, String accel)
      throws IOException, InterruptedException {
    List<String> w = new ArrayList<>();
    w.addAll(List.of("-no-reboot", "-nodefaults", "-device", "pc-testdev"));
    w.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=0x4"));
    w.addAll(List.of("-display", "none", "-serial", "stdio", "-machine", "accel=" + accel));
    w.addAll(List.of("-kernel", dir.resolve("x86").resolve(t.file()).toString()));
    w.addAll(List.of("-smp", t.smp()));
    if (!t.arguments().isEmpty()) {
      w.add("-append");
      w.addAll(shellWords(t.arguments()));
    }
    w.addAll(shellWords(t.parameters()));
    return w;
  }

  /** Splits as a shell does, which also replaces commands in back quotes by what they print. */
  private static List<String> shellWords(String text) throws IOException, InterruptedException {
    if (text.isEmpty()) {
      return List.of();
    }
    Process p = new ProcessBuilder("sh", "-c", "printf '%s\\0' " + text).start();
    p.getOutputStream().close();
    String out = new String(p.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    p.waitFor();
    return List.of(out.split("\0"));
  }
}
