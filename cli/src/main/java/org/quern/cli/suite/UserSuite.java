package org.quern.cli.suite;

import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.quern.cli.CliException;
import org.quern.cli.bench.UsageException;
import org.quern.cli.linux.CpioWriter;
import org.quern.cli.linux.LinuxImages;

/**
 * Static Linux programs: each runs in a guest and, natively, here; output (both streams) and exit
 * code must be the same. All of them go through one boot of the kernel of {@code quern linux}.
 */
public final class UserSuite implements Suite {
  private static final int DEFAULT_TIMEOUT = 120;

  /** What the boot and the power-off may take in addition. */
  private static final int BOOT_SECONDS = 120;

  private static final byte[] ELF = {0x7f, 'E', 'L', 'F'};

  private final Quern quern;

  public UserSuite(Quern quern) {
    this.quern = quern;
  }

  @Override
  public void run(SuiteOptions options, Report report) throws CliException, InterruptedException {
    List<Path> programs = programs(options);
    int timeout = options.timeout() > 0 ? (int) options.timeout() : DEFAULT_TIMEOUT;
    LinuxImages.Images linux =
        new LinuxImages(LinuxImages.defaultCache(), step -> System.err.println("quern: " + step))
            .get();
    try {
      Path initrd = initrd(linux, programs, timeout);
      try {
        List<String> words =
            new ArrayList<>(List.of("-nodefaults", "-display", "none", "-serial", "stdio"));
        words.addAll(List.of("-no-reboot", "-m", "512", "-accel", options.accel()));
        options.cpu().ifPresent(c -> words.addAll(List.of("-cpu", c)));
        words.addAll(List.of("-kernel", linux.kernel().toString(), "-initrd", initrd.toString()));
        words.addAll(
            List.of("-append", "console=ttyS0 quiet quern.exec=\"sh " + GuestScript.PATH + "\""));
        double limit = BOOT_SECONDS + (double) timeout * programs.size();
        Child.Outcome guest = Child.run(quern.command(words), Path.of("."), limit);
        if (options.verbose()) {
          System.out.print(guest.text() + guest.errors());
        }
        for (int n = 0; n < programs.size(); n++) {
          report.add(compare(programs.get(n), n, guest, options, timeout));
        }
      } finally {
        Files.delete(initrd);
      }
    } catch (IOException e) {
      throw new CliException("suite user: " + e.getMessage(), e);
    }
  }

  private static List<Path> programs(SuiteOptions options) throws CliException {
    List<Path> list = new ArrayList<>();
    for (String name : options.names()) {
      list.add(options.dir().map(d -> d.resolve(name)).orElse(Path.of(name)).toAbsolutePath());
    }
    if (list.isEmpty()) {
      Path dir = options.needDir("user");
      try (Stream<Path> files = Files.list(dir)) {
        list.addAll(files.filter(UserSuite::program).map(Path::toAbsolutePath).sorted().toList());
      } catch (IOException e) {
        throw new CliException("suite user --dir " + dir + ": " + e.getMessage(), e);
      }
    }
    if (list.isEmpty()) {
      throw new UsageException("suite user: there is no program to run");
    }
    for (Path p : list) {
      if (!program(p)) {
        throw new UsageException("suite user " + p + ": not a Linux program that can be run");
      }
    }
    return list;
  }

  private static boolean program(Path p) {
    if (!Files.isRegularFile(p) || !Files.isExecutable(p)) {
      return false;
    }
    try (InputStream in = Files.newInputStream(p)) {
      return java.util.Arrays.equals(in.readNBytes(ELF.length), ELF);
    } catch (IOException e) {
      return false;
    }
  }

  /** The initramfs of {@code quern linux} with the programs and a script behind it. */
  private static Path initrd(LinuxImages.Images linux, List<Path> programs, int timeout)
      throws IOException {
    CpioWriter cpio = new CpioWriter();
    cpio.directory(GuestScript.FOLDER, 0755);
    for (int n = 0; n < programs.size(); n++) {
      cpio.directory(GuestScript.folder(n), 0755);
      cpio.file(
          GuestScript.folder(n) + "/" + programs.get(n).getFileName(),
          0755,
          Files.readAllBytes(programs.get(n)));
    }
    List<String> names = programs.stream().map(p -> String.valueOf(p.getFileName())).toList();
    cpio.file(GuestScript.PATH.substring(1), 0755, GuestScript.text(names, timeout));
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    all.writeBytes(Files.readAllBytes(linux.initrd()));
    while (all.size() % 4 != 0) {
      all.write(0); // archives that follow each other begin at whole words
    }
    all.writeBytes(cpio.finish());
    Path file = Files.createTempFile("quern-suite", ".cpio");
    Files.write(file, all.toByteArray());
    return file;
  }

  private static CaseResult compare(
      Path program, int number, Child.Outcome guest, SuiteOptions options, int timeout)
      throws IOException, InterruptedException {
    String name = String.valueOf(program.getFileName());
    List<String> words = new ArrayList<>(List.of("suite", "user", "--accel", options.accel()));
    options.cpu().ifPresent(c -> words.addAll(List.of("--cpu", c)));
    words.add(program.toString());
    String command = Quern.shown(words);
    Ran here = natively(program, timeout);
    Optional<Ran> there = GuestScript.result(guest.text(), number);
    double seconds = there.map(Ran::seconds).orElse(guest.seconds());
    long lines = here.output().chars().filter(c -> c == '\n').count();
    if (there.isEmpty()) {
      String why = guest.timedOut() ? "the guest was not done in time" : "the guest has not run it";
      return new CaseResult("user", name, Verdict.FAIL, 0, why, seconds, command);
    }
    String difference = difference(here, there.get());
    return new CaseResult(
        "user",
        name,
        difference == null ? Verdict.PASS : Verdict.FAIL,
        lines,
        difference == null ? lines + " lines, exit code " + here.exitCode() : difference,
        seconds,
        command);
  }

  /**
   * What a program did.
   *
   * @param output both streams
   */
  record Ran(int exitCode, String output, double seconds) {}

  private static Ran natively(Path program, int timeout) throws IOException, InterruptedException {
    Path out = Files.createTempFile("quern-suite", ".native");
    try {
      long start = System.nanoTime();
      Process p =
          new ProcessBuilder("./" + program.getFileName())
              .directory(program.getParent().toFile())
              .redirectInput(new File("/dev/null"))
              .redirectErrorStream(true)
              .redirectOutput(out.toFile())
              .start();
      if (!p.waitFor(timeout, TimeUnit.SECONDS)) {
        p.destroyForcibly();
      }
      int code = p.waitFor();
      String text = Files.readString(out, StandardCharsets.ISO_8859_1);
      return new Ran(code, text, (System.nanoTime() - start) / 1e9);
    } finally {
      Files.delete(out);
    }
  }

  /** The first difference as text; null if there is none. */
  static String difference(Ran here, Ran there) {
    String[] a = here.output().split("\n", -1);
    String[] b = there.output().split("\n", -1);
    int different = 0;
    String first = null;
    for (int n = 0; n < Math.max(a.length, b.length); n++) {
      String x = n < a.length ? a[n] : "(nothing)";
      String y = n < b.length ? b[n] : "(nothing)";
      if (!x.equals(y)) {
        different++;
        if (first == null) {
          first = String.format("line %d is '%s', natively '%s'", n + 1, y, x);
        }
      }
    }
    if (first != null) {
      return different + " lines differ: " + first;
    }
    return here.exitCode() == there.exitCode()
        ? null
        : "exit code " + there.exitCode() + ", natively " + here.exitCode();
  }
}
