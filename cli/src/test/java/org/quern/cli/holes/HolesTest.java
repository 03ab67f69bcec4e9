package org.quern.cli.holes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.quern.accel.api.AcceleratorException;
import org.quern.accel.kvm.Kvm;
import org.quern.cli.CliException;

/** Every cell of the table of {@code quern holes}, and the command. */
class HolesTest {
  /** Ring 3, ring 3 with UMIP, ring 1; under interp and jit all are exact. */
  private static final String EXPECTED =
      """
      SGDT                   leaks  traps  leaks
      SIDT                   leaks  traps  leaks
      SLDT                   leaks  traps  leaks
      STR                    leaks  traps  leaks
      SMSW                   leaks  traps  leaks
      PUSHF                  leaks  leaks  leaks
      POPF                   wrong  wrong  wrong
      LAR of a data segment  leaks  leaks  leaks
      LAR of a TSS           wrong  wrong  wrong
      LSL                    leaks  leaks  leaks
      VERR                   wrong  wrong  exact
      VERW                   wrong  wrong  exact
      PUSH CS                leaks  leaks  leaks
      PUSH SS                leaks  leaks  leaks
      PUSH DS                exact  exact  exact
      MOV r, CS              leaks  leaks  leaks
      MOV r, SS              leaks  leaks  leaks
      MOV r, DS              exact  exact  exact
      POP SS                 traps  traps  traps
      MOV SS, r              traps  traps  traps
      POP DS                 exact  exact  exact
      MOV DS, r              exact  exact  exact
      CALL far               leaks  leaks  leaks
      CALL far, gate         traps  traps  traps
      JMP far                exact  exact  exact
      JMP far, gate          traps  traps  traps
      RET far, same level    traps  traps  traps
      RET far to user code   wrong  wrong  exact
      IRET, same level       traps  traps  traps
      IRET to user code      wrong  wrong  exact
      INT n                  traps  traps  traps
      INT3                   traps  traps  traps
      CPUID                  leaks  leaks  leaks
      CLI                    traps  traps  traps
      STI                    traps  traps  traps
      MOV r, CR0             traps  traps  traps
      LMSW                   traps  traps  traps
      CLTS                   traps  traps  traps
      LGDT                   traps  traps  traps
      LIDT                   traps  traps  traps
      LLDT                   traps  traps  traps
      LTR                    traps  traps  traps
      OUT                    traps  traps  traps
      IN                     traps  traps  traps
      WRMSR                  traps  traps  traps
      RDMSR                  traps  traps  traps
      """;

  /** What leaves a guest under vtx, and how often in the loop: OUT and IN come together. */
  private static final Map<String, Integer> VTX_EXITS = Map.of("CPUID", 1, "OUT", 2, "IN", 2);

  private static final List<String> CLASSICAL = List.of("ring3", "ring3-umip", "ring1");

  static Stream<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    String[] lines = EXPECTED.split("\n", -1);
    for (int n = 0; n < Probes.ALL.size(); n++) {
      Probe p = Probes.ALL.get(n);
      assertThat(lines[n]).startsWith(p.name() + " ");
      String[] words = lines[n].substring(p.name().length()).trim().split(" +", -1);
      for (int way = 0; way < 3; way++) {
        cells.add(Arguments.of(p.name(), CLASSICAL.get(way), words[way], p));
      }
      cells.add(Arguments.of(p.name(), "interp", "exact", p));
      cells.add(Arguments.of(p.name(), "jit", "exact", p));
      cells.add(
          Arguments.of(p.name(), "vtx", VTX_EXITS.containsKey(p.name()) ? "traps" : "exact", p));
    }
    return cells.stream();
  }

  @ParameterizedTest(name = "{0} under {1}: {2}")
  @MethodSource("cells")
  void cell(String name, String way, String expected, Probe p) throws AcceleratorException {
    Laboratory laboratory = new Laboratory(0);
    Cell c = laboratory.cell(p, Ways.of(way), laboratory.overhead(Ways.of(way)));
    assertThat(c.outcome().message()).isNull();
    assertThat(c.verdict().word)
        .as("%x %x", c.outcome().first(), c.outcome().second())
        .isEqualToIgnoringCase(expected);
    double traps = way.equals("vtx") ? VTX_EXITS.getOrDefault(name, 0) : 1;
    assertThat(c.traps()).as("traps of each").isEqualTo(expected.equals("traps") ? traps : 0.0);
  }

  static Stream<Probe> probes() {
    return Probes.ALL.stream();
  }

  /** What an incomplete KVM (the software kind, see FACTS) cannot do must at least be said. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("probes")
  void underKvmNothingIsWrong(Probe p) throws AcceleratorException {
    Kvm.Probe kvm = Kvm.probe();
    Assumptions.assumeTrue(kvm.available(), kvm.reason());
    Way way = Ways.of("kvm");
    Laboratory laboratory = new Laboratory(0);
    Cell c = laboratory.cell(p, way, laboratory.overhead(way));
    if (c.verdict() == Verdict.STOPS) {
      assertThat(c.outcome().message()).contains("KVM cannot emulate an instruction");
    } else {
      assertThat(c.verdict()).isIn(Verdict.EXACT, Verdict.TRAPS);
    }
  }

  @Test
  void everyCellIsExpected() {
    assertThat(EXPECTED.split("\n", -1)).hasSize(Probes.ALL.size() + 1);
  }

  @Test
  void tableAndJson(@TempDir Path dir) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Path json = dir.resolve("holes.json");
    List<String> words =
        List.of("--way", "ring3,interp", "--count", "20", "--json", json.toString(), "sgdt");
    int code =
        HolesVerb.run(
            HolesOptions.parse(words), new PrintStream(bytes, true, StandardCharsets.UTF_8));
    assertThat(code).isZero();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .containsPattern("ring3 +interp")
        .containsPattern("SGDT +LEAKS .*[0-9] [nu]s +exact")
        .contains("of 1 unprivileged ones, 1 LEAKS");
    assertThat(Files.readString(json))
        .contains(
            "\"instruction\": \"SGDT\"", "\"verdict\": \"leaks\"", "\"expected\": [268435527, 0]");
  }

  @Test
  void mistakesAreAnswered() {
    assertThatThrownBy(() -> HolesVerb.run(List.of("--way", "ring2")))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("--way ring2: no such way; known are ring3");
    assertThatThrownBy(() -> HolesVerb.run(List.of("--count", "x")))
        .hasMessageContaining("--count x: not a number");
    assertThatThrownBy(() -> HolesVerb.run(List.of("--count"))).hasMessageContaining("a value");
    assertThatThrownBy(() -> HolesVerb.run(List.of("--cont", "1")))
        .hasMessageContaining("--cont: not an option");
    assertThatThrownBy(() -> HolesVerb.run(List.of("--count", "0", "fish")))
        .hasMessageContaining("no instruction with fish");
  }
}
