package org.quern.tests.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.bench.program.BenchProgram;
import org.quern.bench.program.BenchProtocol;
import org.quern.cli.options.AccelKind;
import org.quern.cli.options.OptionParser;
import org.quern.cli.options.Parsed;
import org.quern.cli.run.MachineRunner;

/** Each program computes under each accelerator what Java computes. */
@Timeout(60)
class BenchProgramTest {
  private static final int REPETITIONS = 2;

  @TempDir private Path folder;

  static Stream<Arguments> programsAndAccelerators() {
    return Arrays.stream(BenchProgram.values())
        .flatMap(
            p ->
                Arrays.stream(AccelKind.values())
                    // Needs the host's KVM: what it runs is tested under the tag kvm.
                    .filter(a -> a != AccelKind.KVM)
                    .map(a -> Arguments.of(p, a)));
  }

  @ParameterizedTest(name = "{0} under {1}")
  @MethodSource("programsAndAccelerators")
  void reportsTheChecksumThatJavaComputes(BenchProgram program, AccelKind accel) throws Exception {
    int passes = Math.max(3, program.passes() / 80);
    Path image = Files.write(folder.resolve("image"), program.image(REPETITIONS, passes));
    Path console = folder.resolve("console");
    Parsed parsed =
        new OptionParser()
            .parse(
                List.of(
                    "-accel",
                    accel.label(),
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
                    "file:" + console));

    int exitCode = new MachineRunner(((Parsed.Run) parsed).options()).run();

    assertThat(Files.readString(console, StandardCharsets.ISO_8859_1))
        .isEqualTo(String.format("+..=%016x%n", ExpectedChecksum.of(program, passes)));
    assertThat(exitCode).isEqualTo(BenchProtocol.EXIT_CODE);
  }
}
