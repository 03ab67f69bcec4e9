package org.quern.bench.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.quern.bench.program.BenchProgram;

class ReportTest {
  private static final String SUM = "0123456789abcdef";

  private static final List<Contender> CONTENDERS =
      List.of(
          new Contender("interp", List.of("java", "-accel", "interp"), true, true),
          new Contender("jit", List.of("java", "-accel", "jit"), false, false),
          new Contender("tcg", List.of("qemu", "-accel", "tcg"), false, false));

  private static final List<ExitLine> EXITS = List.of(new ExitLine("IO", 2000, 5.0));

  private static ProgramSample sample(OptionalLong instructions, Double... repetitions) {
    return new ProgramSample(
        100, List.of(repetitions), SUM, instructions, EXITS, new Usage(2048, 500));
  }

  private static ProgramResult result(BenchProgram program, double jit) {
    Map<String, List<ProgramSample>> samples = new LinkedHashMap<>();
    samples.put("interp", List.of(sample(OptionalLong.of(40_000_000), 400.0)));
    samples.put(
        "jit",
        List.of(sample(OptionalLong.empty(), 90.0, jit), sample(OptionalLong.empty(), 90.0, jit)));
    samples.put("tcg", List.of(sample(OptionalLong.empty(), 50.0, 40.0)));
    return new ProgramResult(program, samples, Map.of("kvm", EXITS), List.of());
  }

  @Test
  void lineOfTheTableForEachAccelerator() {
    assertThat(Tables.program(result(BenchProgram.FIB, 20)))
        .containsExactly(
            "fib        interp        400.0      100        500        2      0.10      1.00         -         -",
            "           jit            20.0     2000        190        2      2.00     20.00         -         -",
            "           tcg            40.0     1000        150        2      1.00     10.00         -         -",
            "           kvm      exits: 2000 IO (2.50 us)");
  }

  @Test
  void geometricMeansOverPrograms() {
    List<ProgramResult> results =
        List.of(result(BenchProgram.FIB, 20), result(BenchProgram.SIEVE, 80));
    assertThat(Tables.means(results, CONTENDERS).get(1))
        .contains("jit")
        .endsWith("1.00     10.00         -");
  }

  @Test
  void accelerationWithoutReferenceIsADash() {
    Map<String, List<ProgramSample>> samples =
        Map.of("jit", List.of(sample(OptionalLong.empty(), 1.0)));
    assertThat(Tables.program(new ProgramResult(BenchProgram.FIB, samples, Map.of(), List.of())))
        .singleElement()
        .asString()
        .endsWith("-         -");
  }

  @Test
  void failuresAreBelowTheTable() {
    assertThat(
            Tables.program(
                new ProgramResult(BenchProgram.FIB, Map.of(), Map.of(), List.of("broken"))))
        .containsExactly("broken");
  }

  @Test
  void operationsOfAProgramHaveAPrice() {
    ProgramResult r = result(BenchProgram.CPUID, 30);
    double operations = BenchProgram.CPUID.operations() * (double) BenchProgram.CPUID.passes();
    assertThat(r.nanosPerOperation("jit").orElseThrow()).isCloseTo(30e6 / operations, within(1e-9));
    assertThat(result(BenchProgram.FIB, 20).nanosPerOperation("jit")).isEmpty();
  }

  @Test
  void exitsAreReadFromTheStatistics() {
    String errors =
        """
        quern: 100 instructions in 3 ms
        quern: VM exits                    count   total ms   mean us
        quern: IO_INSTRUCTION                 21       32.8   1561.90
        quern: EPT_VIOLATION                   3       11.5   3833.33
        """;
    assertThat(ExitLine.in(errors))
        .containsExactly(
            new ExitLine("IO_INSTRUCTION", 21, 32.8), new ExitLine("EPT_VIOLATION", 3, 11.5));
    assertThat(ExitLine.in("quern: IO 3 4.0 5.0")).isEmpty();
  }

  @Test
  void pageHasChartsAndNeedsNothingElse() {
    HostInfo host = new HostInfo("2026-11-22", "abc", "JDK <17>", "Linux", "CPU", 2, 0.5, "QEMU");
    String page = HtmlReport.of(host, CONTENDERS, List.of(result(BenchProgram.CPUID, 20)));
    assertThat(page)
        .contains("<svg", "20.0 ms, 2000 MIPS", "exits under kvm", "<td>2000</td>", "&lt;17&gt;")
        .doesNotContain("http:", "https:", "<script", "href");
  }

  @Test
  void jsonHasEverySample() throws IOException {
    HostInfo host = new HostInfo("2026-11-22", "abc", "JDK", "Linux", "CPU", 2, 0.5, "QEMU");
    BootResult boot =
        new BootResult(
            Map.of("tcg", List.of(new BootSample(3000, 4000, new Usage(1024, 3500)))),
            List.of("one failed"));
    Map<String, Object> values =
        flatten(
            JsonReport.of(
                host, CONTENDERS, List.of(result(BenchProgram.FIB, 20)), Optional.of(boot)));
    assertThat(values)
        .containsEntry("/host/commit", "abc")
        .containsEntry("/commands/jit/2", "jit")
        .containsEntry("/programs/0/name", "fib")
        .containsEntry("/programs/0/results/1/accelerator", "jit")
        .containsEntry("/programs/0/results/1/runs/1/repetitionsMs/0", 90.0)
        .containsEntry("/programs/0/results/1/runs/1/checksum", SUM)
        .containsEntry("/programs/0/results/1/speedupOverTcg", 2.0)
        .containsEntry("/boot/results/0/runs/0/peakRssKib", 1024.0)
        .containsEntry("/boot/results/0/runs/0/cpuMs", 3500.0)
        .containsEntry("/boot/failures/0", "one failed");
    assertThat((Double) values.get("/geometricMeans/1/speedupOverInterp"))
        .isCloseTo(20, within(1e-9));
  }

  /** All scalars of a document by their JSON pointer. */
  private static Map<String, Object> flatten(String json) throws IOException {
    Map<String, Object> values = new HashMap<>();
    try (JsonParser p = new JsonFactory().createParser(json)) {
      for (JsonToken t = p.nextToken(); t != null; t = p.nextToken()) {
        String at = p.getParsingContext().pathAsPointer().toString();
        if (t.isNumeric()) {
          values.put(at, p.getDoubleValue());
        } else if (t == JsonToken.VALUE_STRING) {
          values.put(at, p.getText());
        }
      }
    }
    return values;
  }
}
