package org.quern.x86.state;

import static org.quern.x86.state.CpuFeature.APIC;
import static org.quern.x86.state.CpuFeature.CLFLUSH;
import static org.quern.x86.state.CpuFeature.CMOV;
import static org.quern.x86.state.CpuFeature.CX16;
import static org.quern.x86.state.CpuFeature.CX8;
import static org.quern.x86.state.CpuFeature.DE;
import static org.quern.x86.state.CpuFeature.FPU;
import static org.quern.x86.state.CpuFeature.FXSR;
import static org.quern.x86.state.CpuFeature.HYPERVISOR;
import static org.quern.x86.state.CpuFeature.LAHF_LM;
import static org.quern.x86.state.CpuFeature.LM;
import static org.quern.x86.state.CpuFeature.MCA;
import static org.quern.x86.state.CpuFeature.MCE;
import static org.quern.x86.state.CpuFeature.MMX;
import static org.quern.x86.state.CpuFeature.MSR;
import static org.quern.x86.state.CpuFeature.MTRR;
import static org.quern.x86.state.CpuFeature.NX;
import static org.quern.x86.state.CpuFeature.PAE;
import static org.quern.x86.state.CpuFeature.PAT;
import static org.quern.x86.state.CpuFeature.PGE;
import static org.quern.x86.state.CpuFeature.PSE;
import static org.quern.x86.state.CpuFeature.PSE36;
import static org.quern.x86.state.CpuFeature.SEP;
import static org.quern.x86.state.CpuFeature.SSE;
import static org.quern.x86.state.CpuFeature.SSE2;
import static org.quern.x86.state.CpuFeature.SSE3;
import static org.quern.x86.state.CpuFeature.SVM;
import static org.quern.x86.state.CpuFeature.SYSCALL;
import static org.quern.x86.state.CpuFeature.TSC;
import static org.quern.x86.state.CpuFeature.VME;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The models by name. Each lists the features of the processor it is named after and shows those of
 * them that are implemented. Source: QEMU 7.2, target/i386/cpu.c, for numbers and features.
 */
public final class NamedModels {
  private static final int PHYSICAL_BITS = 40;

  /** What every x86-64 processor has. */
  private static final Set<CpuFeature> BASE =
      Set.of(
          FPU,
          DE,
          PSE,
          TSC,
          MSR,
          PAE,
          MCE,
          CX8,
          APIC,
          SEP,
          MTRR,
          PGE,
          MCA,
          CMOV,
          PAT,
          PSE36,
          CLFLUSH,
          MMX,
          FXSR,
          SSE,
          SSE2,
          SSE3,
          SYSCALL,
          NX,
          LM,
          HYPERVISOR);

  private static final List<CpuModel> ALL =
      List.of(
          CpuModel.max(),
          amd(
              "qemu64",
              new int[] {15, 107, 1},
              "Quern Virtual CPU version 1.0",
              Set.of(CX16, LAHF_LM, SVM)),
          amd(
              "Opteron_G1",
              new int[] {15, 6, 1},
              "AMD Opteron 240 (Gen 1 Class Opteron)",
              Set.of(VME)));

  private NamedModels() {}

  private static CpuModel amd(String name, int[] signature, String brand, Set<CpuFeature> more) {
    Set<CpuFeature> features = EnumSet.copyOf(BASE);
    features.addAll(more);
    features.retainAll(CpuModel.max().features());
    return new CpuModel(
        name,
        "AuthenticAMD",
        signature[0],
        signature[1],
        signature[2],
        brand,
        features,
        PHYSICAL_BITS);
  }

  /** All models, the default one first. */
  public static List<CpuModel> all() {
    return ALL;
  }

  /** The model of that name. */
  public static Optional<CpuModel> find(String name) {
    return ALL.stream().filter(m -> m.name().equals(name)).findFirst();
  }
}
