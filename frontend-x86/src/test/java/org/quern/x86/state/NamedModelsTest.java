package org.quern.x86.state;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NamedModelsTest {
  @Test
  void noModelHasMoreThanIsImplemented() {
    for (CpuModel m : NamedModels.all()) {
      assertThat(CpuModel.max().features()).containsAll(m.features());
    }
  }

  @Test
  void qemu64IntroducesItselfAsInQemu() {
    CpuModel m = NamedModels.find("qemu64").orElseThrow();
    assertThat(m.signature()).isEqualTo(0x00060fb1);
    assertThat(m.vendor()).isEqualTo("AuthenticAMD");
    assertThat(m.has(CpuFeature.PCID)).isFalse();
    assertThat(m.has(CpuFeature.LM)).isTrue();
  }

  @Test
  void unknownNameIsNoModel() {
    assertThat(NamedModels.find("QEMU64")).isEmpty();
  }
}
