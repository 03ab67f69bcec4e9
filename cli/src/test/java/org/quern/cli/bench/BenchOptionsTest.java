package org.quern.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.quern.bench.program.BenchProgram;

class BenchOptionsTest {
  private static BenchOptions parse(String... words) throws UsageException {
    return BenchOptions.parse(List.of(words));
  }

  @Test
  void withoutOptionsEverythingIsMeasuredButTheBoot() throws Exception {
    BenchOptions o = parse();
    assertThat(o.accelerators()).containsExactly("interp", "jit", "kvm", "vtx", "tcg");
    assertThat(o.programs()).containsExactly(BenchProgram.values());
    assertThat(o.boot()).isFalse();
    assertThat(o.json()).isEmpty();
    assertThat(o.html()).isEmpty();
    assertThat(o.image()).isEmpty();
  }

  @Test
  void listsKeepTheirOrderAndNameEachOnce() throws Exception {
    BenchOptions o = parse("--accel", "tcg,jit,tcg", "--programs", "syscall,fib,fib");
    assertThat(o.accelerators()).containsExactly("tcg", "jit");
    assertThat(o.programs()).containsExactly(BenchProgram.SYSCALL, BenchProgram.FIB);
  }

  @Test
  void bootAloneIsPossible() throws Exception {
    BenchOptions o = parse("--programs", "none", "--boot", "--rounds=5", "--json", "x.json");
    assertThat(o.programs()).isEmpty();
    assertThat(o.boot()).isTrue();
    assertThat(o.rounds()).isEqualTo(5);
    assertThat(o.json()).contains(Path.of("x.json"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "--programs fob      | bench --programs fob: no such program; known are fib,",
        "--programs fib,     | bench --programs : no such program",
        "--accel kvmm        | bench --accel kvmm: no such accelerator; known are interp, jit, kvm, vtx, tcg",
        "--accel interp,     | bench --accel : no such accelerator",
        "--repetitions 0     | bench --repetitions 0: must be a number from 1 to 1000",
        "--rounds many       | bench --rounds many: must be a number from 1 to 1000",
        "--image fib         | bench: --image NAME and -o FILE belong together",
        "-o x                | bench: --image NAME and -o FILE belong together",
        "--image fob -o x    | bench --image fob: no such program",
        "--bot               | bench: Unknown option: '--bot'",
        "fib                 | bench: Unmatched argument",
        "--json              | bench: Missing required parameter",
      })
  void mistakeIsASentenceAndExitCodeTwo(String words, String sentence) {
    assertThatThrownBy(() -> parse(words.strip().split(" ")))
        .isInstanceOfSatisfying(UsageException.class, e -> assertThat(e.exitCode()).isEqualTo(2))
        .hasMessageStartingWith(sentence)
        .message()
        .doesNotContain("\n");
  }

  @Test
  void helpNamesEveryProgram() {
    for (BenchProgram p : BenchProgram.values()) {
      assertThat(BenchOptions.usage()).contains(p.label());
    }
  }
}
