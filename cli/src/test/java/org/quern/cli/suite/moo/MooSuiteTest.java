package org.quern.cli.suite.moo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.cli.CliException;
import org.quern.cli.bench.UsageException;
import org.quern.cli.suite.CaseResult;
import org.quern.cli.suite.Report;
import org.quern.cli.suite.SuiteOptions;
import org.quern.cli.suite.Verdict;

/**
 * Files made here, in place of those of SingleStepTests, which are not ours to keep. What they
 * expect is in the manuals of the processors, or was seen in those files.
 */
class MooSuiteTest {
  @TempDir Path dir;

  private List<CaseResult> run(String accel, int only) throws Exception {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    Report report = new Report("moo", "here", nowhere);
    SuiteOptions options =
        new SuiteOptions(
            Optional.of(dir),
            List.of(),
            accel,
            1,
            0,
            Optional.empty(),
            only,
            Integer.MAX_VALUE,
            false,
            Optional.empty(),
            Optional.empty(),
            true);
    new MooSuite().run(options, report);
    return report.results();
  }

  private void allPass(String accel, MooBuilder b, int cases) throws Exception {
    Files.write(dir.resolve("00.MOO"), b.file());
    CaseResult r = run(accel, -1).get(0);
    assertThat(r.detail()).isEqualTo(cases + " cases");
    assertThat(r.verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void aCaseLeavesNoModeBehind() throws Exception {
    MooBuilder b =
        new MooBuilder("386E")
            .on("lmsw ax enters protected mode", 0x0f, 0x01, 0xf0, 0xf4)
            .with("eax", 1)
            .gives("eip", 0x104)
            .end()
            .on("mov es,ax of real mode", 0x8e, 0xc0, 0xf4)
            .with("eax", 0x6000)
            .gives("es", 0x6000)
            .gives("eip", 0x103)
            .end();
    allPass("interp", b, 2);
  }

  @Test
  void anAcceleratorThatCannotRunCasesIsRefused() {
    assertThatThrownBy(() -> run("kvm", -1))
        .isInstanceOf(UsageException.class)
        .hasMessage("suite moo --accel kvm: must be interp or jit");
  }

  @ParameterizedTest
  @ValueSource(strings = {"interp", "jit"})
  void the8086(String accel) throws Exception {
    MooBuilder b =
        new MooBuilder("8086")
            // AF is undefined after shifts and divisions.
            .definedFlags(0xffef)
            .on("push sp", 0x54)
            .gives("sp", 0xfe)
            .gives("ip", 0x101)
            .leaves(0x200fe, 0xfe, 0x00)
            .end()
            .on("jo +10 by its second name", 0x60, 0x10)
            .with("flags", 0x802)
            .gives("ip", 0x112)
            .end()
            .on("ret 2 by its second name", 0xc0, 0x02, 0x00)
            .memory(0x20100, 0x34, 0x12)
            .gives("sp", 0x104)
            .gives("ip", 0x1234)
            .end()
            .on("pop cs", 0x0f)
            .memory(0x20100, 0x00, 0x60)
            .gives("cs", 0x6000)
            .gives("sp", 0x102)
            .gives("ip", 0x101)
            .end()
            .on("mov cs,ax by any of two register numbers", 0x8e, 0xe8)
            .with("ax", 0x6000)
            .gives("cs", 0x6000)
            .gives("ip", 0x102)
            .end()
            .on("a word at the end of a segment goes on at its beginning", 0x8b, 0x07)
            .with("bx", 0xffff)
            .memory(0x3ffff, 0x34)
            .memory(0x30000, 0x12)
            .gives("ax", 0x1234)
            .gives("ip", 0x102)
            .end()
            .on("and is written there", 0x89, 0x07)
            .with("bx", 0xffff)
            .with("ax", 0x5678)
            .gives("ip", 0x102)
            .leaves(0x3ffff, 0x78)
            .leaves(0x30000, 0x56)
            .end()
            .on("addresses have 20 bits", 0x8a, 0x07)
            .with("ds", 0xffff)
            .with("bx", 0x20)
            .memory(0x10, 0x99)
            .gives("ax", 0x99)
            .gives("ip", 0x102)
            .end()
            .on("shl ax,cl with a count that is not masked", 0xd3, 0xe0)
            .with("ax", 0xffff)
            .with("cx", 0x22)
            .gives("ax", 0)
            .gives("ip", 0x102)
            .gives("flags", 0x46)
            .end()
            .on("setmo al", 0xd0, 0xf0)
            .gives("ax", 0xff)
            .gives("ip", 0x102)
            .gives("flags", 0x86)
            .end()
            .on("salc", 0xd6)
            .with("flags", 3)
            .gives("ax", 0xff)
            .gives("ip", 0x101)
            .end()
            .on("esc with memory", 0xd8, 0x07)
            .gives("ip", 0x102)
            .end()
            .on("div by zero ends behind the instruction", 0xf6, 0xf3)
            .memory(0, 0x00, 0x05, 0x00, 0x50)
            .gives("cs", 0x5000)
            .gives("ip", 0x500)
            .gives("sp", 0xfa)
            .leaves(0x200fa, 0x02, 0x01, 0x00, 0x10, 0x02, 0xf0)
            .end()
            .on("rep idiv bl negates the quotient", 0xf3, 0xf6, 0xfb)
            .with("ax", 100)
            .with("bx", 7)
            .gives("ax", 0x2f2)
            .gives("flags", 0x12)
            .gives("ip", 0x103)
            .end()
            .on("idiv bl with a quotient of -128", 0xf6, 0xfb)
            .with("ax", 0xff80)
            .with("bx", 1)
            .memory(0, 0x00, 0x05, 0x00, 0x50)
            .gives("cs", 0x5000)
            .gives("ip", 0x500)
            .gives("sp", 0xfa)
            .end()
            .on("aaa adjusts AL and AH apart", 0x37)
            .with("ax", 0x00fb)
            .with("flags", 2)
            .gives("ax", 0x0101)
            .gives("flags", 0x13)
            .gives("ip", 0x101)
            .end()
            .on("pushf pushes four set bits", 0x9c)
            .gives("sp", 0xfe)
            .gives("ip", 0x101)
            .leaves(0x200fe, 0x02, 0xf0)
            .end()
            .on("nothing is undefined", 0xff, 0xf8)
            .with("ax", 0x1122)
            .gives("sp", 0xfe)
            .gives("ip", 0x102)
            .leaves(0x200fe, 0x22, 0x11)
            .end();
    allPass(accel, b, 18);
  }

  @ParameterizedTest
  @ValueSource(strings = {"interp", "jit"})
  void the80286(String accel) throws Exception {
    MooBuilder b =
        new MooBuilder("C286")
            .definedFlags(0xffef)
            .on("push sp", 0x54, 0xf4)
            .gives("sp", 0xfe)
            .gives("ip", 0x102)
            .leaves(0x200fe, 0x00, 0x01)
            .end()
            .on("a word at the end of a segment", 0x8b, 0x07, 0xf4)
            .with("bx", 0xffff)
            .vector(13)
            .gives("sp", 0xfa)
            .leaves(0x200fa, 0x00, 0x01, 0x00, 0x10, 0x02, 0x00)
            .end()
            .on("the same on the stack is not #SS", 0x8b, 0x46, 0x00, 0xf4)
            .with("bp", 0xffff)
            .vector(13)
            .gives("sp", 0xfa)
            .end()
            .on("lock cld", 0xf0, 0xfc, 0xf4)
            .gives("ip", 0x103)
            .end()
            .on("the prefix of FS", 0x64, 0x90, 0xf4)
            .vector(6)
            .gives("sp", 0xfa)
            .end()
            .on("mov fs,ax", 0x8e, 0xe0, 0xf4)
            .vector(6)
            .gives("sp", 0xfa)
            .end()
            .on(
                "eleven bytes",
                0x26,
                0x26,
                0x26,
                0x26,
                0x26,
                0xc7,
                0x06,
                0x00,
                0x00,
                0x11,
                0x22,
                0xf4)
            .vector(13)
            .gives("sp", 0xfa)
            .end()
            .on("shl ax,cl with a masked count", 0xd3, 0xe0, 0xf4)
            .with("ax", 1)
            .with("cx", 0x21)
            .gives("ax", 2)
            .gives("flags", 2)
            .gives("ip", 0x103)
            .end()
            .on("popf cannot set the bits of protected mode", 0x9d, 0xf4)
            .memory(0x20100, 0xd7, 0x7e)
            .gives("sp", 0x102)
            .gives("flags", 0xed7)
            .gives("ip", 0x102)
            .end()
            .on("rep movsw has moved on when the source faults", 0xf3, 0xa5, 0xf4)
            .with("cx", 5)
            .with("si", 0xffff)
            .vector(13)
            .gives("cx", 4)
            .gives("si", 1)
            .gives("sp", 0xfa)
            .end()
            .on("pop word has popped when the destination faults", 0x8f, 0x04, 0xf4)
            .with("si", 0xffff)
            .vector(13)
            .gives("sp", 0xfc)
            .end();
    allPass(accel, b, 11);
  }

  @ParameterizedTest
  @ValueSource(strings = {"interp", "jit"})
  void the80386(String accel) throws Exception {
    MooBuilder b =
        new MooBuilder("386E")
            .on("mov eax,fs:[ebx+esi*4]", 0x64, 0x67, 0x66, 0x8b, 0x04, 0xb3, 0xf4)
            .with("fs", 0x7000)
            .with("ebx", 0x10)
            .with("esi", 4)
            .memory(0x70020, 0x78, 0x56, 0x34, 0x12)
            .gives("eax", 0x12345678)
            .gives("eip", 0x107)
            .end()
            .on("lock cld", 0xf0, 0xfc, 0xf4)
            .vector(6)
            .gives("esp", 0xfa)
            .end()
            .on("a word at the end of the stack segment", 0x8b, 0x46, 0x00, 0xf4)
            .with("ebp", 0xffff)
            .vector(12)
            .gives("esp", 0xfa)
            .end()
            .on("bswap came later", 0x0f, 0xc8, 0xf4)
            .vector(6)
            .gives("esp", 0xfa)
            .end();
    allPass(accel, b, 4);
  }

  @Test
  void aDifferenceIsDescribedWithTheCommandThatShowsIt() throws Exception {
    MooBuilder b =
        new MooBuilder("C286")
            .on("inc ax", 0x40, 0xf4)
            .gives("ax", 1)
            .gives("flags", 2)
            .gives("ip", 0x102)
            .end()
            .on("inc bx", 0x43, 0xf4)
            .gives("bx", 3)
            .gives("flags", 2)
            .gives("ip", 0x102)
            .leaves(0x30000, 0x55)
            .end();
    Files.write(dir.resolve("40.MOO"), b.file());

    CaseResult r = run("interp", -1).get(0);

    assertThat(r.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(r.detail())
        .isEqualTo("1 of 2 cases differ; 1 inc bx: ebx is 1, must be 3; [30000] is 0, must be 55");
    assertThat(r.command()).contains("--case 1", " 40");
    assertThat(run("interp", 0).get(0).verdict()).isEqualTo(Verdict.PASS);
  }

  @Test
  void metadataMasksFlagsAlsoWhereAnExceptionPushesThem() throws Exception {
    Files.writeString(
        dir.resolve("metadata.json"),
        """
        {"opcodes": {"00": {"status": "normal"},
          "F6": {"reg": {"6": {"flags": "o..szapc", "flags-mask": 63274}}}}}
        """);
    MooBuilder b =
        new MooBuilder("C286")
            .on("div bl", 0xf6, 0xf3, 0xf4)
            .vector(0)
            .gives("flags", 0x8d7)
            .gives("sp", 0xfa)
            .leaves(0x200fe, 0xd7, 0x08)
            .end();
    try (OutputStream out =
        new GZIPOutputStream(Files.newOutputStream(dir.resolve("F6.6.MOO.gz")))) {
      out.write(b.file());
    }

    assertThat(run("interp", -1).get(0).detail()).isEqualTo("1 cases");
  }

  @Test
  void revokedCasesAndUnknownProcessorsAreSkipped() throws Exception {
    Files.writeString(dir.resolve("revocation_list.txt"), "# wrong ones\nab01\n");
    Files.write(
        dir.resolve("40.MOO"),
        new MooBuilder("C286").on("inc ax", 0x40, 0xf4).gives("ax", 9).end().file());
    Files.write(
        dir.resolve("41.MOO"),
        new MooBuilder("V20").on("inc ax", 0x40, 0xf4).gives("ax", 1).end().file());

    List<CaseResult> results = run("interp", -1);

    assertThat(results).extracting(CaseResult::verdict).containsOnly(Verdict.SKIP);
    assertThat(results.get(1).detail()).isEqualTo("no model of a V20");
  }

  @Test
  void aFolderWithoutFilesAndADamagedFileAreOneSentence() throws Exception {
    assertThatThrownBy(() -> run("interp", -1))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("there is no .MOO");
    Files.writeString(dir.resolve("00.MOO"), "nothing");
    assertThatThrownBy(() -> run("interp", -1))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("00.MOO");
  }
}
