package org.quern.cli.difftest;

import java.util.EnumSet;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/** The processor of ours that is compared: everything that user code can see is in it. */
final class TestedModel {
  private TestedModel() {}

  static CpuModel of() {
    CpuModel max = CpuModel.max();
    EnumSet<CpuFeature> f = EnumSet.copyOf(max.features());
    f.addAll(
        EnumSet.of(
            CpuFeature.AVX,
            CpuFeature.AVX2,
            CpuFeature.FMA,
            CpuFeature.F16C,
            CpuFeature.VAES,
            CpuFeature.VPCLMULQDQ,
            CpuFeature.CLZERO));
    return new CpuModel(
        max.name(),
        max.vendor(),
        max.family(),
        max.model(),
        max.stepping(),
        max.brand(),
        f,
        max.physicalBits());
  }
}
