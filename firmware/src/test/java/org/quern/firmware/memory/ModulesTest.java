package org.quern.firmware.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ModulesTest {
  @Test
  void splitsAtSingleCommas() {
    assertThat(Modules.split("a b, c ,d,,e")).containsExactly("a b", "c", "d,e");
  }
}
