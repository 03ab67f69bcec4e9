package org.quern.cli.difftest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quern.accel.kvm.Kvm;
import org.quern.cli.CliException;
import org.quern.cli.options.OptionException;

class DifftestTest {
  private static final String VECTOR =
      """
      # by hand
      asm add rax, qword ptr [rbx]
      code 480303
      place 5 9
      in rflags 246
      in rax 1122334455667788
      in rbx 405f80
      in mxcsr 9fc0
      in st3 3fff8000000000000000
      in xmm7 1000000000000000200000000
      in ymm7 5
      in data+20 00000000000000000807060504030201
      in data+250 ff000000000000000000000000000000
      in window 304fe0
      out exit #PF
      out error 4
      out rip 1002a0
      out fault-rflags 10246
      out cr2 405f80
      out rflags 202
      out rsp 9800
      out xmm7 1
      out data+20 00000000000000000807060504030202
      out window 1
      """;

  @Test
  void aVectorIsReadAsItWasWritten() throws Exception {
    String comment = VECTOR.substring(2, VECTOR.indexOf('\n'));
    assertThat(VectorText.write(VectorText.read(VECTOR), comment)).isEqualTo(VECTOR);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "code zz\nplace 1 1\n",
        "place 1 1\n",
        "code 90\n",
        "code 90\nplace 99999 1\n",
        "code 90\nplace 1 99999999\n",
        "code 90\nplace 1 1\nin rqx 5\n",
        "code 90\nplace 1 1\nin rax\n",
        "code 90\nplace 1 1\nin data+ffffff 00\n",
        "code 90\nplace 1 1\nin window 304ff1\n",
        "hello\n"
      })
  void aDamagedVectorIsOneClearSentence(String text) {
    assertThatThrownBy(() -> VectorText.read(text)).isInstanceOf(CliException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--cases",
        "--cases 0",
        "--seconds x",
        "--accel qemu",
        "--form (",
        "--jobs 0",
        "--what 1"
      })
  void aBadOptionIsRefused(String words) {
    assertThatThrownBy(() -> DifftestOptions.parse(List.of(words.split(" "))))
        .isInstanceOf(OptionException.class)
        .hasMessageContaining(words.split(" ")[0]);
  }

  @Test
  void jitMeansBothForms() throws Exception {
    assertThat(DifftestOptions.parse(List.of("--accel", "jit,interp")).engines())
        .containsExactly("jit-compact", "jit-fast", "interp");
  }

  @Test
  @Tag("kvm")
  void nothingDiffersInSomeThousandCases() throws Exception {
    Kvm.Probe kvm = Kvm.probe();
    assumeTrue(kvm.available(), () -> "skipped: " + kvm.reason());
    List<String> words = List.of("--cases", "20000", "--accel", "interp", "--seed", "4711");
    assertThat(DifftestVerb.run(words)).isZero();
  }
}
