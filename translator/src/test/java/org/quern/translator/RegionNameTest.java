package org.quern.translator;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RegionNameTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "memcpy+0x0 | memcpy_0x0",
        "do_syscall_64+0x1c | do_syscall_64_0x1c",
        "std::vector<int, T>::at(long)+0x8 | std__vector_int__T___at_long__0x8",
        "foo.constprop.0+0x4 | foo_constprop_0_0x4",
        "a/b;c[d]+0x1 | a_b_c_d__0x1",
        "grün+0x1 | gr_n_0x1"
      })
  void whatAClassCannotBeCalledIsReplaced(String place, String name) {
    assertThat(RegionName.of(place)).isEqualTo(name);
  }

  @Test
  void codeWithoutASymbolIsNamedByPageAndOffset() {
    assertThat(RegionName.of(0x12345000L, 0x4f)).isEqualTo("p12345000_04f");
  }

  @Test
  void aLongSymbolIsCutButKeepsItsOffset() {
    assertThat(RegionName.of("x".repeat(300) + "+0x123"))
        .isEqualTo("x".repeat(94) + "_0x123")
        .hasSize(100);
    assertThat(RegionName.of("y".repeat(300))).isEqualTo("y".repeat(100));
  }
}
