package org.quern.cli.suite;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.quern.cli.CliException;
import org.quern.cli.bench.UsageException;

/**
 * ROM images that test a processor and tell by POST code how far they have come. Each is booted as
 * firmware and has passed when it writes the code for success, FFh. A test that finds an error
 * stops the processor; the last code then says where.
 */
public final class RomSuite implements Suite {
  private static final int PASSED = 0xff;
  private static final double DEFAULT_TIMEOUT = 60;
  private static final Pattern POST = Pattern.compile("quern: post ([0-9a-f]+): ([0-9a-f]{2})");

  private final Quern quern;

  public RomSuite(Quern quern) {
    this.quern = quern;
  }

  @Override
  public void run(SuiteOptions options, Report report) throws CliException, InterruptedException {
    if (options.names().isEmpty()) {
      throw new UsageException("suite rom: name the images to boot");
    }
    for (String name : options.names()) {
      Path image = options.dir().map(d -> d.resolve(name)).orElse(Path.of(name));
      if (!Files.isReadable(image)) {
        throw new UsageException("suite rom " + name + ": there is no such file to read");
      }
      try {
        report.add(boot(image, options));
      } catch (IOException e) {
        throw new CliException("suite rom " + name + ": " + e.getMessage(), e);
      }
    }
  }

  private CaseResult boot(Path image, SuiteOptions options)
      throws IOException, InterruptedException {
    List<String> words =
        new ArrayList<>(List.of("-nodefaults", "-display", "none", "-no-reboot", "-m", "16"));
    words.addAll(List.of("-cpu", options.cpu().orElse("386"), "-accel", options.accel()));
    words.addAll(List.of("-d", "post", "-bios", image.toString()));
    double limit = options.timeout() > 0 ? options.timeout() : DEFAULT_TIMEOUT;
    long start = System.nanoTime();
    Process p =
        new ProcessBuilder(quern.command(words))
            .redirectInput(new File("/dev/null"))
            .redirectErrorStream(true)
            .start();
    Codes codes = new Codes(options.verbose());
    Thread reader = new Thread(() -> codes.read(p), "post-codes");
    reader.start();
    try {
      // The end of the output is that of the process; the code for success ends it, too.
      reader.join((long) (limit * 1000));
    } finally {
      p.destroyForcibly();
    }
    if (!p.waitFor(10, TimeUnit.SECONDS)) {
      throw new IOException("the machine's process cannot be ended");
    }
    reader.join();
    double seconds = (System.nanoTime() - start) / 1e9;
    Verdict v = codes.last == PASSED ? Verdict.PASS : Verdict.FAIL;
    String name = String.valueOf(image.getFileName());
    return new CaseResult(
        "rom", name, v, codes.count, codes.describe(), seconds, Quern.shown(words));
  }

  /**
   * What a machine's output says; the reading thread has it first, then who has waited for its end.
   */
  private static final class Codes {
    private final boolean verbose;
    private int last = -1;
    private int count;
    private String said = "";

    Codes(boolean verbose) {
      this.verbose = verbose;
    }

    /** Reads until the code for success, or the end. */
    void read(Process p) {
      try (BufferedReader lines = p.inputReader(StandardCharsets.ISO_8859_1)) {
        for (String line = lines.readLine();
            line != null && last != PASSED;
            line = lines.readLine()) {
          if (verbose) {
            System.out.println(line);
          }
          take(line);
        }
      } catch (IOException e) {
        said = "its output was lost: " + e.getMessage();
      }
    }

    private void take(String line) {
      Matcher m = POST.matcher(line);
      if (m.matches()) {
        last = Integer.parseInt(m.group(2), 16);
        count++;
      } else if (line.startsWith("quern: ")) {
        said = line.substring("quern: ".length());
      }
    }

    String describe() {
      String where =
          last < 0 ? "no POST code" : String.format("%d codes, the last is %02X", count, last);
      return last == PASSED || said.isEmpty() ? where : where + "; " + said;
    }
  }
}
