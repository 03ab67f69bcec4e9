package org.quern.cli.suite.kvmunit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.cli.CliException;
import org.quern.cli.suite.CaseResult;
import org.quern.cli.suite.Quern;
import org.quern.cli.suite.Report;
import org.quern.cli.suite.SuiteOptions;
import org.quern.cli.suite.Verdict;

/** With a stand-in for Quern that ends with the code its {@code -append} names. */
class KvmUnitTestsTest {
  @TempDir Path dir;

  /** The stand-in: prints a summary and ends. */
  static final class Machine {
    public static void main(String[] words) {
      List<String> list = List.of(words);
      System.out.println("FAIL: something\nSUMMARY: 12 tests, 1 skipped");
      System.exit(Integer.parseInt(list.get(list.indexOf("-append") + 1)));
    }
  }

  @BeforeEach
  void checkout() throws Exception {
    Files.writeString(dir.resolve("config.mak"), "ARCH=x86_64\n");
    Files.createDirectory(dir.resolve("x86"));
    Files.writeString(dir.resolve("x86/a.flat"), "");
  }

  private List<CaseResult> run(String config, String... names) throws Exception {
    Files.writeString(dir.resolve("x86/unittests.cfg"), config);
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    Report report = new Report("kvm-unit-tests", "here", nowhere);
    SuiteOptions options =
        new SuiteOptions(
            Optional.of(dir),
            List.of(names),
            "jit",
            2,
            0,
            Optional.empty(),
            -1,
            1,
            false,
            Optional.empty(),
            Optional.empty(),
            false);
    new KvmUnitTests(new Quern(Machine.class)).run(options, report);
    return report.results();
  }

  private CaseResult ending(int code) throws Exception {
    return run("[t]\nfile = a.flat\ntest_args = '" + code + "'\n").get(0);
  }

  @Test
  void debugExitsWithStatusZeroPasses() throws Exception {
    CaseResult r = ending(1);

    assertThat(r.verdict()).isEqualTo(Verdict.PASS);
    assertThat(r.checks()).isEqualTo(12);
    assertThat(r.command()).contains("-kernel " + dir.resolve("x86/a.flat"), "-append 1");
  }

  @Test
  void itsOwnSkipIsASkip() throws Exception {
    assertThat(ending(77).verdict()).isEqualTo(Verdict.SKIP);
  }

  @Test
  void anythingElseFailsWithWhatItSaidFirst() throws Exception {
    CaseResult r = ending(3);

    assertThat(r.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(r.detail()).endsWith("FAIL: something");
    // QEMU's own exit code of a plain end: no test has said that it passed.
    assertThat(ending(0).verdict()).isEqualTo(Verdict.FAIL);
  }

  @Test
  void whatCannotRunHereIsSkippedWithTheReason() throws Exception {
    List<CaseResult> list =
        run(
            """
            [i386]
            file = a.flat
            arch = i386
            [kvm]
            file = a.flat
            accel = kvm
            [missing]
            file = b.flat
            [manual]
            file = a.flat
            groups = nodefault
            [host]
            file = a.flat
            check = /no/such/file=Y
            [cpu]
            file = a.flat
            qemu_params = -cpu NoSuchModel
            """);

    assertThat(list).extracting(CaseResult::verdict).containsOnly(Verdict.SKIP);
    assertThat(list)
        .extracting(CaseResult::detail)
        .containsExactlyInAnyOrder(
            "i386 only",
            "kvm only",
            "not built: x86/b.flat",
            "manual; --all runs it",
            "the host has no /no/such/file=Y",
            "-cpu NoSuchModel: no such model; see -cpu help");
  }

  @Test
  void aGroupNamesItsTests() throws Exception {
    String config = "[a]\nfile = x\ngroups = g\n[b]\nfile = x\n[c]\nfile = x\ngroups = g h\n";

    assertThat(run(config, "g")).extracting(CaseResult::name).containsExactlyInAnyOrder("a", "c");
    assertThatThrownBy(() -> run(config, "nothing"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("no such test or group");
  }
}
