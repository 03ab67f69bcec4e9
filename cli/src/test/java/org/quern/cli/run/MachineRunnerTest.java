package org.quern.cli.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.cli.CliException;
import org.quern.cli.options.OptionParser;
import org.quern.cli.options.Parsed;
import org.quern.x86.asm.Assembler;
import org.quern.x86.asm.Assembly;

/** Tiny multiboot guests on the whole machine. */
@Timeout(60)
class MachineRunnerTest {
  @TempDir private Path folder;

  /** A multiboot kernel of raw code, entered in 32-bit protected mode. */
  private Path kernel(int... code) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int flags = 1 << 16;
    int[] header = {
      0x1bad_b002, flags, -(0x1bad_b002 + flags), 0x10_0000, 0x10_0000, 0, 0, 0x10_0020
    };
    for (int word : header) {
      for (int i = 0; i < 4; i++) {
        out.write(word >> 8 * i);
      }
    }
    for (int b : code) {
      out.write(b);
    }
    return Files.write(folder.resolve("kernel"), out.toByteArray());
  }

  private int run(Path kernel, String... options) throws CliException {
    List<String> words =
        new ArrayList<>(List.of("-display", "none", "-m", "4", "-kernel", kernel.toString()));
    words.addAll(List.of(options));
    Parsed parsed = new OptionParser().parse(words);
    return new MachineRunner(((Parsed.Run) parsed).options()).run();
  }

  private void runQuietly(Path kernel, String... options) {
    try {
      run(kernel, options);
    } catch (CliException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1", "1, 3", "16, 33", "127, 255"})
  void debugExitGivesTwiceTheValuePlusOne(int value, int exitCode) throws Exception {
    // mov al, value; out 0xf4, al; hlt
    Path kernel = kernel(0xb0, value, 0xe6, 0xf4, 0xf4);
    assertThat(run(kernel, "-device", "isa-debug-exit,iobase=0xf4,iosize=0x04"))
        .isEqualTo(exitCode);
  }

  @Test
  void powerOffEndsWithZero() throws Exception {
    // mov dx, 0x604; mov ax, 0x2000; out dx, ax; hlt
    Path kernel = kernel(0x66, 0xba, 4, 6, 0x66, 0xb8, 0, 0x20, 0x66, 0xef, 0xf4);
    assertThat(run(kernel)).isZero();
  }

  @Test
  void tripleFaultEndsWithZeroAndAReportUnderNoReboot() throws Exception {
    Path log = folder.resolve("log");
    // lidt [0x100028]; ud2; the limit there is 0
    Path kernel = kernel(0x0f, 0x01, 0x1d, 0x2a, 0, 0x10, 0, 0x0f, 0x0b, 0, 0, 0, 0, 0, 0, 0);
    assertThat(run(kernel, "-no-reboot", "-D", log.toString(), "-d", "stats")).isZero();
    assertThat(log)
        .content()
        .contains(
            "processor 0 stopped", "RIP=0000000000100027", "last exceptions", " instructions in ")
        .contains("code at 0008:100027", "ud2");
  }

  @Test
  void theReportOfAGuestThatDiedHasItsPostCode() throws Exception {
    Path log = folder.resolve("log");
    // mov al, 0x42; out 0x80, al; lidt [0x100030]; ud2; the limit there is 0
    Path kernel =
        kernel(
            0xb0, 0x42, 0xe6, 0x80, 0x0f, 0x01, 0x1d, 0x30, 0, 0x10, 0, 0x0f, 0x0b, 0, 0, 0, 0, 0,
            0, 0, 0, 0);
    run(kernel, "-no-reboot", "-D", log.toString());
    assertThat(log).content().contains("processor 0 stopped", "last POST code: 42");
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1000})
  void biosOfAnOddSizeIsRefused(int size) throws Exception {
    Path bios = Files.write(folder.resolve("bios.bin"), new byte[size]);
    Parsed parsed = new OptionParser().parse(List.of("-display", "none", "-bios", bios.toString()));
    assertThatThrownBy(() -> new MachineRunner(((Parsed.Run) parsed).options()).run())
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith("-bios: BIOS " + bios);
  }

  @Test
  void aDebugConsoleInAnothersPlaceIsRefusedByName() throws Exception {
    Path kernel = kernel(0xf4);
    assertThatThrownBy(
            () -> run(kernel, "-debugcon", "null", "-global", "isa-debugcon.iobase=0x60"))
        .isInstanceOf(CliException.class)
        .hasMessage(
            "-device, -debugcon, -global or -machine post-port: port 60 of debug console belongs to 8042 data");
  }

  @Test
  void haltForGoodIsReported() throws Exception {
    Path log = folder.resolve("log");
    Path kernel = kernel(0xfa, 0xf4); // cli; hlt
    // Nothing in the guest ends this machine.
    Thread user = new Thread(() -> runQuietly(kernel, "-D", log.toString()));
    user.start();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (!(Files.exists(log) && Files.readString(log).contains("code at"))
        && System.nanoTime() < deadline) {
      Thread.sleep(10);
    }
    user.interrupt();
    user.join();
    assertThat(log)
        .content()
        .contains("processor 0 stopped: halted with interrupts off, and no other processor runs")
        .contains("RIP=0000000000100022");
  }

  @Test
  void haltAfterPowerOffIsNotReported() throws Exception {
    Path log = folder.resolve("log");
    // mov dx, 0x604; mov ax, 0x2000; out dx, ax; cli; hlt
    Path kernel = kernel(0x66, 0xba, 4, 6, 0x66, 0xb8, 0, 0x20, 0x66, 0xef, 0xfa, 0xf4);
    assertThat(run(kernel, "-D", log.toString())).isZero();
    assertThat(log).content().doesNotContain("stopped");
  }

  @Test
  void pageFaultThatKillsShowsItsWalkAndSymbols() throws Exception {
    Path log = folder.resolve("log");
    Path symbols = Files.writeString(folder.resolve("map"), "0000000000100020 T start\n");
    Path kernel =
        kernel(
            0x0f, 0x01, 0x1d, 0x60, 0, 0x10, 0, // lidt [0x100060]: limit 0
            0xc7, 0x05, 0, 0, 0x20, 0, 0x83, 0, 0, 0, // mov dword [0x200000], 0x83
            0xb8, 0x10, 0, 0, 0, 0x0f, 0x22, 0xe0, // mov eax, PSE; mov cr4, eax
            0xb8, 0, 0, 0x20, 0, 0x0f, 0x22, 0xd8, // mov eax, 0x200000; mov cr3, eax
            0xb8, 1, 0, 0, 0x80, 0x0f, 0x22, 0xc0, // mov eax, PG | PE; mov cr0, eax
            0xa1, 0x34, 0x12, 0x40, 0, // mov eax, [0x401234]
            0xf4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    String[] options = {"-no-reboot", "-m", "16", "-D", log.toString(), "-M", "symbols=" + symbols};
    assertThat(run(kernel, options)).isZero();
    assertThat(log)
        .content()
        .contains("vector 14", "page walk of 0000000000401234", "PDE  [001]", "not present")
        .contains("<start+0x");
  }

  /**
   * Enters 64-bit mode and goes round a loop, which can be long enough to be translated meanwhile.
   */
  private Path loopIn64Bits(int rounds) throws IOException {
    String source =
        """
        mov dword [0x200000], 0x201003 ; PML4
        mov dword [0x201000], 0x202003 ; PDPT
        mov dword [0x202000], 0x83     ; 2 MiB from 0 on
        mov eax, 0x20                  ; PAE
        mov cr4, eax
        mov eax, 0x200000
        mov cr3, eax
        mov ecx, 0xc0000080            ; EFER.LME
        mov eax, 0x100
        xor edx, edx
        wrmsr
        mov eax, 0x80000001
        mov cr0, eax
        lgdt [pointer]
        jmp 0x08:long_mode
        pointer: dw 15
        dd table
        align 8
        table: dq 0, 0x00209a0000000000
        .code64
        long_mode:
        mov esp, 0x180000
        push rax
        mov ecx, ROUNDS
        align 64
        hot_loop:
        dec ecx
        jnz hot_loop
        mov al, 0
        out 0xf4, al
        hlt
        """;
    Assembly a = Assembler.assemble(source.replace("ROUNDS", "" + rounds), 32, 0x10_0020);
    Files.writeString(
        folder.resolve("map"), String.format("%016x T hot_loop%n", a.symbols().get("hot_loop")));
    byte[] code = a.bytes();
    int[] ints = new int[code.length];
    for (int i = 0; i < ints.length; i++) {
      ints[i] = code[i];
    }
    return kernel(ints);
  }

  @Test
  void translationIsReportedAsAskedFor() throws Exception {
    Path log = folder.resolve("log");
    // Seconds if the translator were never done, a fraction of one when it is.
    Path kernel = loopIn64Bits(300_000_000);
    String symbols = "symbols=" + folder.resolve("map");
    String[] options = {
      "-accel", "jit", "-device", "isa-debug-exit,iobase=0xf4", "-D", log.toString(), "-M", symbols
    };
    String[] items = {"-d", "in_asm,op,out_asm,stats"};
    String[] all = Stream.of(options, items).flatMap(Stream::of).toArray(String[]::new);
    assertThat(run(kernel, all)).isEqualTo(1);
    assertThat(log)
        .content()
        .contains(" <hot_loop+0x0>, page 100000 offset ", ", compact: fits, 4 instructions, ")
        .contains("IN:\n<hot_loop+0x0>:\n", "dec ecx", "OP:\n  entries: ")
        .contains("OUT:\n", "final class org/quern/translator/Guest_hot_loop_0x0 extends")
        .containsPattern("quern: 6000000[0-9]{2} instructions in ")
        .containsPattern("quern: regions: [1-9][0-9]* compact, ")
        .contains("quern: translation: ", " KiB of bytecode", "quern: regions invalidated: 0;");
  }

  @Test
  void translationIsNotReportedWhenNotAskedFor() throws Exception {
    Path log = folder.resolve("log");
    run(
        loopIn64Bits(1_000_000),
        "-accel",
        "jit",
        "-device",
        "isa-debug-exit,iobase=0xf4",
        "-D",
        log.toString());
    assertThat(log).isEmptyFile();
  }

  @Test
  void serialOutputGoesToTheFile() throws Exception {
    Path serial = folder.resolve("serial");
    // mov dx, 0x3f8; mov al, 'Q'; out dx, al; then debug exit
    Path kernel = kernel(0x66, 0xba, 0xf8, 3, 0xb0, 'Q', 0xee, 0xe6, 0xf4, 0xf4);
    run(kernel, "-serial", "file:" + serial, "-device", "isa-debug-exit,iobase=0xf4");
    assertThat(serial).hasContent("Q");
  }

  @Test
  void debugConsoleGoesToTheFile() throws Exception {
    Path console = folder.resolve("console");
    Path kernel = kernel(0xb0, 'D', 0xe6, 0xe9, 0xe6, 0xf4, 0xf4);
    run(kernel, "-debugcon", "file:" + console, "-device", "isa-debug-exit,iobase=0xf4");
    assertThat(console).hasContent("D");
  }

  @Test
  void portThatIsTakenIsOneSentence() throws Exception {
    Path kernel = kernel(0xf4);
    assertThatThrownBy(() -> run(kernel, "-device", "isa-debug-exit,iobase=0x60"))
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith(
            "-device, -debugcon, -global or -machine post-port: port 60 of isa-debug-exit belongs to");
  }

  @Test
  void fileInAMissingFolderIsOneSentence() throws Exception {
    Path kernel = kernel(0xf4);
    assertThatThrownBy(() -> run(kernel, "-serial", "file:/no/such/folder/log"))
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith("-serial cannot write to file:/no/such/folder/log");
    assertThatThrownBy(() -> run(kernel, "-D", "/no/such/folder/log"))
        .isInstanceOf(CliException.class)
        .hasMessageStartingWith("-D /no/such/folder/log");
  }

  @Test
  void fileThatIsNoKernelEndsWithOne() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "not a kernel ".repeat(1000));
    assertThat(run(text)).isEqualTo(1);
  }
}
