package org.quern.x86.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NamedModelsTest {
  private static CpuModel model(String name) {
    return NamedModels.find(name).orElseThrow();
  }

  @Test
  void everyListedNameIsAModelAndNoUsableOneHasMoreThanIsImplemented() {
    for (NamedModels.Entry e : NamedModels.entries()) {
      CpuModel m = model(e.name());
      assertThat(m.name()).isEqualTo(e.name());
      assertThat(CpuModel.implemented()).containsAll(NamedModels.usable(m).features());
      assertThat(NamedModels.missing(m)).doesNotContainAnyElementsOf(CpuModel.implemented());
      assertThat(m.brand()).hasSizeLessThan(49).doesNotContain("[");
    }
  }

  // Signatures and levels as QEMU 7.2 shows them to a guest.
  @ParameterizedTest
  @CsvSource({
    "486, 00000480, 1, 0",
    "pentium, 00000543, 1, 0",
    "pentium3, 00000673, 3, 0",
    "qemu64, 00060fb1, d, 8000000a",
    "core2duo, 000006fb, a, 80000008",
    "Nehalem, 000106a3, b, 80000008",
    "Haswell, 000306c4, d, 80000008",
    "Haswell-noTSX, 000306c1, d, 80000008",
    "Skylake-Server-v3, 00050654, d, 80000008",
    "Opteron_G5, 00600f20, d, 8000001a",
    "EPYC, 00800f12, d, 8000001e"
  })
  void introduceThemselvesAsInQemu(String name, String signature, String basic, String extended) {
    CpuModel m = model(name);
    assertThat(String.format("%08x", m.signature())).isEqualTo(signature);
    assertThat(Integer.toHexString(m.lastBasic())).isEqualTo(basic);
    assertThat(Integer.toHexString(m.lastExtended())).isEqualTo(extended);
  }

  @Test
  void aFamilyIsItsFirstVersion() {
    CpuModel first = model("Haswell-v1");
    assertThat(model("Haswell").features()).isEqualTo(first.features());
    assertThat(first.has(CpuFeature.HLE)).isTrue();
    assertThat(model("Haswell-noTSX").has(CpuFeature.HLE)).isFalse();
    assertThat(NamedModels.families()).contains("Haswell", "486").doesNotContain("Haswell-v1");
  }

  @Test
  void qemu64IsAMinimalX8664() {
    CpuModel m = model("qemu64");
    assertThat(m.vendor()).isEqualTo("AuthenticAMD");
    assertThat(m.has(CpuFeature.PCID)).isFalse();
    assertThat(m.has(CpuFeature.LM)).isTrue();
    assertThat(m.physicalBits()).isEqualTo(40);
    assertThat(model("pentium3").physicalBits()).isEqualTo(36);
  }

  @ParameterizedTest
  @CsvSource({
    "8086, I8086, false",
    "80286, I286, false",
    "386, I386, false",
    "486-v0, I486, false",
    "486, I486, true",
    "pentium, PENTIUM, true",
    "qemu64, P6, true"
  })
  void generationsBeforeCpuid(String name, Generation generation, boolean cpuid) {
    assertThat(model(name).generation()).isEqualTo(generation);
    assertThat(model(name).cpuid()).isEqualTo(cpuid);
  }

  @ParameterizedTest
  @CsvSource({
    "sse3, SSE3",
    "pni, SSE3",
    "tsc_adjust, TSC_ADJUST",
    "sse4_2, SSE4_2",
    "lahf-lm, LAHF_LM"
  })
  void featuresHaveOlderNames(String flag, CpuFeature feature) {
    assertThat(CpuFeature.find(flag)).contains(feature);
  }

  @Test
  void unknownNameIsNoModel() {
    assertThat(NamedModels.find("QEMU64")).isEmpty();
    assertThat(NamedModels.find("")).isEmpty();
    assertThat(CpuFeature.find("fish")).isEmpty();
    assertThat(CpuFeature.SMEP.place()).isEqualTo("CPUID.07H:EBX.smep [bit 7]");
  }

  // As QEMU 7.2 reports them (query-cpu-model-expansion).
  @ParameterizedTest
  @CsvSource({
    "Cascadelake-Server-v1, ''",
    "Cascadelake-Server-v2, rdctl-no ibrs-all skip-l1dfl-vmentry mds-no",
    "Cascadelake-Server-v5, rdctl-no ibrs-all skip-l1dfl-vmentry mds-no",
    "Cooperlake, rdctl-no ibrs-all skip-l1dfl-vmentry mds-no pschange-mc-no taa-no",
    "Icelake-Server-v2, ''",
    "Icelake-Server-v3, rdctl-no ibrs-all skip-l1dfl-vmentry mds-no pschange-mc-no taa-no",
    "Icelake-Server-v6, rdctl-no ibrs-all skip-l1dfl-vmentry mds-no pschange-mc-no taa-no",
    "Denverton, rdctl-no skip-l1dfl-vmentry",
    "Snowridge, split-lock-detect",
    "Snowridge-v4, ''",
    "max, rdctl-no ibrs-all skip-l1dfl-vmentry ssb-no mds-no pschange-mc-no taa-no"
  })
  void featuresThatMsrsReport(String name, String expected) {
    String[] flags = expected.isEmpty() ? new String[0] : expected.split(" ", -1);
    assertThat(model(name).features().stream().filter(CpuFeature::inMsr).map(f -> f.flag))
        .containsExactlyInAnyOrder(flags);
  }

  @Test
  void featuresOfMsrsAreNoLeavesOfCpuid() {
    assertThat(CpuModel.max().lastBasic()).isEqualTo(0x16);
    CpuModel via = model("qemu64").withFeatures(Set.of(CpuFeature.XSTORE, CpuFeature.KVMCLOCK));
    assertThat(via.lastBasic()).isEqualTo(model("qemu64").lastBasic());
    assertThat(CpuFeature.RDCTL_NO.place()).isEqualTo("MSR(10AH).rdctl-no [bit 0]");
  }
}
