package org.quern.tests.boot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.cli.linux.ImageException;
import org.quern.cli.linux.LinuxImages;
import org.quern.cli.options.OptionParser;
import org.quern.cli.options.Parsed;
import org.quern.cli.options.Preset;
import org.quern.cli.run.MachineRunner;

/**
 * Boots Debian's stock amd64 kernel to {@code /init} and powers off. Where the kernel is neither in
 * the cache nor to be fetched, the tests are skipped with the reason.
 */
@Tag("boot")
@Timeout(value = 300, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LinuxBootTest {
  private static LinuxImages.Images images;

  @TempDir private Path folder;

  @BeforeAll
  static void fetch() throws ImageException {
    try {
      images = new LinuxImages(LinuxImages.defaultCache(), step -> {}).get();
    } catch (ImageException e) {
      org.junit.jupiter.api.Assumptions.assumeFalse(e.unavailable(), e.getMessage());
      throw e;
    }
  }

  /** Boots and returns what the first serial port said; the exit code must be 0. */
  private String boot(String append, String... options) throws Exception {
    Path serial = folder.resolve("serial.log");
    List<String> words =
        new ArrayList<>(
            List.of("-display", "none", "-serial", "file:" + serial, "-append", append));
    words.addAll(List.of(options));
    Preset preset = Preset.linux(images.kernel().toString(), images.initrd().toString());
    Parsed parsed = new OptionParser().parse(words, preset);
    int exitCode = new MachineRunner(((Parsed.Run) parsed).options()).run();
    String log = Files.readString(serial);
    assertThat(exitCode).as("exit code after:%n%s", log).isZero();
    return log;
  }

  @Test
  void stockKernelReachesInitAndPowersOff() throws Exception {
    String log = boot("quern.exec=poweroff");
    assertThat(log).contains("Linux version 6.", "Run /init as init process", "Quern: /init after");
    assertThat(log).contains("reboot: Power down");
  }

  @Test
  void reachesInitWithAllCodeTranslated() throws Exception {
    assertThat(boot("quiet quern.exec=poweroff", "-accel", "jit,threshold=1")).contains("/init");
  }

  @Test
  void interpreterAloneReachesInit() throws Exception {
    assertThat(boot("quiet quern.exec=poweroff", "-accel", "interp")).contains("/init");
  }

  /** The VMM with EPT and two processors; shadow page tables; no unrestricted guest. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"vtx | 2", "vtx,ept=off,fpu=lazy | 1", "vtx,unrestricted=off | 1"})
  void underTheVmm(String accel, String cpus) throws Exception {
    String log = boot("quern.exec=poweroff", "-accel", accel, "-smp", cpus);
    assertThat(log).contains("Run /init as init process", ", " + cpus + " CPU");
    // What the VMM gets wrong the kernel mostly survives, but says.
    assertThat(log).contains("reboot: Power down").doesNotContain("WARNING:", "Call Trace");
  }

  @Test
  void programsRunAndTimePasses() throws Exception {
    String log = boot("quiet quern.exec=\"sleep 1; expr 6 '*' 7; uname -m\"");
    assertThat(log).containsPattern("\\n42\\r?\\n").contains("x86_64");
  }

  @Test
  void twoProcessorsComeUp() throws Exception {
    assertThat(boot("quiet quern.exec=poweroff", "-smp", "2")).contains(", 2 CPU");
  }

  /** Kernel messages carry guest time in microseconds. */
  @Test
  void bootThatCountsInstructionsIsTheSameEachTime() throws Exception {
    String[] options = {"-icount", "shift=3,sleep=off", "-rtc", "base=2026-01-01"};
    String first = boot("quern.exec=poweroff", options);
    assertThat(first).contains("reboot: Power down");
    assertThat(boot("quern.exec=poweroff", options)).isEqualTo(first);
  }

  @ParameterizedTest
  @CsvSource({"64", "32"})
  void guestsOwnDecompressorWorksToo(String entry) throws Exception {
    assertThat(boot("quiet quern.exec=poweroff", "-machine", "kernel-entry=" + entry))
        .contains("Quern: /init after");
  }

  @Test
  void rebootEndsWithNoReboot() throws Exception {
    assertThat(boot("quern.exec=\"reboot -f\"", "-no-reboot"))
        .contains("reboot: Restarting system");
  }
}
