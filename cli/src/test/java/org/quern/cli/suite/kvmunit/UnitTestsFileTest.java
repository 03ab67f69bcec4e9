package org.quern.cli.suite.kvmunit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UnitTestsFileTest {
  private static List<UnitTest> parse(String text) {
    return UnitTestsFile.parse(text.lines().toList());
  }

  @Test
  void readsSectionsWithDefaults() {
    List<UnitTest> tests =
        parse(
            """
            # comment
            [setjmp]
            file = setjmp.flat

            [x2apic]
            file = apic.flat
            smp = 2
            qemu_params = -cpu qemu64,+x2apic
            arch = x86_64
            timeout = 30
            groups = apic nodefault
            check = /sys/a=Y /sys/b=N
            """);

    assertThat(tests).extracting(UnitTest::name).containsExactly("setjmp", "x2apic");
    UnitTest plain = tests.get(0);
    assertThat(plain.smp()).isEqualTo("1");
    assertThat(plain.timeoutSeconds()).isZero();
    assertThat(plain.manual()).isFalse();
    assertThat(plain.group()).isEqualTo("other");
    UnitTest apic = tests.get(1);
    assertThat(apic.parameters()).isEqualTo("-cpu qemu64,+x2apic");
    assertThat(apic.checks()).containsExactly("/sys/a=Y", "/sys/b=N");
    assertThat(apic.timeoutSeconds()).isEqualTo(30);
    assertThat(apic.manual()).isTrue();
    assertThat(apic.group()).isEqualTo("apic");
  }

  @Test
  void bothNamesOfTheParametersMeanTheSame() {
    assertThat(parse("[a]\nextra_params = -m 2g\n").get(0).parameters()).isEqualTo("-m 2g");
    assertThat(parse("[a]\nqemu_params = -m 2g\n").get(0).parameters()).isEqualTo("-m 2g");
  }

  @Test
  void valuesKeepTheirEqualsSigns() {
    assertThat(parse("[a]\nextra_params = -machine pit=off\n").get(0).parameters())
        .isEqualTo("-machine pit=off");
  }
}
