package org.quern.cli.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.quern.cli.CliException;
import org.quern.cli.Main;
import org.quern.x86.asm.Assembler;

/** Small ROMs of our own, booted by another Quern. */
class RomSuiteTest {
  private static final int ROM_BYTES = 1 << 16;

  @TempDir Path dir;

  /** A ROM of 64 KiB whose code is at F000:0000. */
  private String rom(String source) throws Exception {
    byte[] image = new byte[ROM_BYTES];
    byte[] code = Assembler.assemble(source, 16, 0).bytes();
    System.arraycopy(code, 0, image, 0, code.length);
    byte[] jump = {(byte) 0xea, 0, 0, 0, (byte) 0xf0};
    System.arraycopy(jump, 0, image, ROM_BYTES - 16, jump.length);
    Files.write(dir.resolve("rom.bin"), image);
    return "rom.bin";
  }

  private CaseResult boot(String name, String... more) throws Exception {
    PrintStream nowhere =
        new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    Report report = new Report("rom", "here", nowhere);
    List<String> words = new java.util.ArrayList<>(List.of("--dir", dir.toString(), name));
    words.addAll(List.of(more));
    new RomSuite(new Quern(Main.class)).run(SuiteOptions.parse("rom", words), report);
    return report.results().get(0);
  }

  @Test
  void passesWithTheCodeForSuccessAtAnyUsualPort() throws Exception {
    CaseResult r =
        boot(
            rom(
                """
                mov al, 1
                out 0x80, al
                mov dx, 0x190
                mov al, 0xee
                out dx, al
                mov al, 0xff
                out dx, al
                again: hlt
                jmp again
                """));

    assertThat(r.detail()).isEqualTo("3 codes, the last is FF");
    assertThat(r.verdict()).isEqualTo(Verdict.PASS);
    assertThat(r.checks()).isEqualTo(3);
    assertThat(r.command()).contains("-d post", "-bios", "-cpu 386");
  }

  @Test
  void aRomThatStopsFailsWithItsLastCode() throws Exception {
    CaseResult r = boot(rom("mov al, 0x21\nout 0x84, al\ncli\nhlt\n"), "--timeout", "5");

    assertThat(r.verdict()).isEqualTo(Verdict.FAIL);
    assertThat(r.detail()).startsWith("1 codes, the last is 21");
  }

  @Test
  void anImageThatIsNotThereIsRefused() {
    assertThatThrownBy(() -> boot("missing.bin"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("no such file");
  }
}
