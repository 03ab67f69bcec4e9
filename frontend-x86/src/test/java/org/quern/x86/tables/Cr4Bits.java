package org.quern.x86.tables;

import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;

/** Which feature of CPUID each bit of CR4 needs. Source: SDM vol. 3A, 2.5. */
final class Cr4Bits {
  private Cr4Bits() {}

  /** Whether a model lets software set the one bit of {@code bit}. */
  static boolean allowed(CpuModel m, long bit) {
    int n = Long.numberOfTrailingZeros(bit);
    return switch (n) {
      case 0, 1 -> m.has(CpuFeature.VME);
      case 2 -> m.has(CpuFeature.TSC);
      case 3 -> m.has(CpuFeature.DE);
      case 4 -> m.has(CpuFeature.PSE);
      case 5 -> m.has(CpuFeature.PAE);
      case 6 -> m.has(CpuFeature.MCE);
      case 7 -> m.has(CpuFeature.PGE);
      case 8 -> true;
      case 9 -> m.has(CpuFeature.FXSR);
      case 10 -> m.has(CpuFeature.SSE);
      case 11 -> m.has(CpuFeature.UMIP);
      case 12 -> m.has(CpuFeature.LA57);
      case 13 -> m.has(CpuFeature.VMX);
      case 16 -> m.has(CpuFeature.FSGSBASE);
      case 17 -> m.has(CpuFeature.PCID);
      case 18 -> m.has(CpuFeature.XSAVE);
      case 20 -> m.has(CpuFeature.SMEP);
      case 21 -> m.has(CpuFeature.SMAP);
      case 22 -> m.has(CpuFeature.PKU);
      case 24 -> m.has(CpuFeature.PKS);
      default -> false;
    };
  }
}
