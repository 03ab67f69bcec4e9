package org.quern.x86.state;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * A named CPU model: which features it has and how it introduces itself. Immutable.
 *
 * @param name QEMU's name, e.g. {@code qemu64}
 * @param vendor twelve ASCII characters of leaf 0
 * @param family display family; 0 to 3 for the processors before CPUID, see {@link Generation}
 * @param model display model
 * @param stepping 0 to 15
 * @param brand up to 48 ASCII characters
 * @param features what the guest may use
 * @param physicalBits width of a physical address, 32 to 52
 * @param processors how many processors the machine has, 1 to 255: what CPUID says of its topology
 * @param minLevel the last basic CPUID leaf, unless a feature needs a later one; -1 if there is no
 *     CPUID
 * @param minExtended the last extended leaf (80000000h and up), likewise; 0 for none
 */
public record CpuModel(
    String name,
    String vendor,
    int family,
    int model,
    int stepping,
    String brand,
    Set<CpuFeature> features,
    int physicalBits,
    int processors,
    int minLevel,
    int minExtended) {

  public static final String INTEL = "GenuineIntel";
  public static final String AMD = "AuthenticAMD";
  public static final String HYGON = "HygonGenuine";

  public CpuModel {
    features = Set.copyOf(features);
  }

  /** A model of a machine with one processor and with all CPUID leaves. */
  public CpuModel(
      String name,
      String vendor,
      int family,
      int model,
      int stepping,
      String brand,
      Set<CpuFeature> features,
      int physicalBits) {
    this(name, vendor, family, model, stepping, brand, features, physicalBits, 1, 0x16, 0x80000008);
  }

  /** The same model in a machine with {@code n} processors. */
  public CpuModel withProcessors(int n) {
    return new CpuModel(
        name,
        vendor,
        family,
        model,
        stepping,
        brand,
        features,
        physicalBits,
        n,
        minLevel,
        minExtended);
  }

  /** The same model with these features and no others. */
  public CpuModel withFeatures(Set<CpuFeature> other) {
    return new CpuModel(
        name,
        vendor,
        family,
        model,
        stepping,
        brand,
        other,
        physicalBits,
        processors,
        minLevel,
        minExtended);
  }

  /** The same model with physical addresses of another width. */
  public CpuModel withPhysicalBits(int bits) {
    return new CpuModel(
        name,
        vendor,
        family,
        model,
        stepping,
        brand,
        features,
        bits,
        processors,
        minLevel,
        minExtended);
  }

  /** The step of the architecture the model has reached. */
  public Generation generation() {
    return Generation.ofFamily(family);
  }

  /** Whether the model has the instruction CPUID, and so EFLAGS.ID. */
  public boolean cpuid() {
    return minLevel >= 0;
  }

  /** AMD's, or Hygon's, which has the same rules. */
  public boolean amd() {
    return vendor.equals(AMD) || vendor.equals(HYGON);
  }

  /** EAX of CPUID leaf 0: the last basic leaf. */
  public int lastBasic() {
    return last(minLevel, 0);
  }

  /** EAX of CPUID leaf 80000000h: the last extended leaf; 0 if there is none. */
  public int lastExtended() {
    return last(minExtended, 0x80000000);
  }

  /** What tells basic leaves (0), those of hypervisors, extended ones and VIA's apart. */
  private static final int LEAF_RANGE = 0xc0000000;

  private int last(int min, int base) {
    int last = min;
    for (CpuFeature f : features) {
      boolean counts = !f.inMsr() && (f.leaf & LEAF_RANGE) == base;
      if (counts && Integer.compareUnsigned(f.leaf, last) > 0) {
        last = f.leaf;
      }
    }
    return last;
  }

  /**
   * The feature bits in one register of one CPUID leaf.
   *
   * @param register {@code a}, {@code b}, {@code c} or {@code d}; {@code m} for the low half of an
   *     MSR that reports features
   */
  public int cpuidWord(int leaf, int subleaf, char register) {
    int v = 0;
    for (CpuFeature f : features) {
      if (f.leaf == leaf && f.subleaf == subleaf && f.register == register) {
        v |= 1 << f.bit;
      }
    }
    return v;
  }

  public boolean has(CpuFeature f) {
    return features.contains(f);
  }

  /** EAX of CPUID leaf 1, and EDX after reset. Source: SDM vol. 2A, figure 3-6. */
  public int signature() {
    int baseFamily = Math.min(family, 15);
    int extFamily = family - baseFamily;
    return extFamily << 20 | model >> 4 << 16 | baseFamily << 8 | (model & 15) << 4 | stepping;
  }

  /**
   * Every feature that can be switched on: those of {@link #max}, those that only AMD's processors
   * report, those that tell of the host's speed or of its defects, and VMX, which is not all there
   * yet.
   */
  public static Set<CpuFeature> implemented() {
    EnumSet<CpuFeature> f = EnumSet.copyOf(max().features);
    f.addAll(
        List.of(
            CpuFeature.VMX,
            CpuFeature.SS,
            CpuFeature.MD_CLEAR,
            CpuFeature.FSRM,
            CpuFeature.XSAVEERPTR,
            CpuFeature.CLZERO,
            CpuFeature.CMP_LEGACY,
            CpuFeature.TOPOEXT,
            CpuFeature.IBPB,
            CpuFeature.IBRS,
            CpuFeature.STIBP,
            CpuFeature.SSBD,
            CpuFeature.AMD_STIBP,
            CpuFeature.AMD_SSBD));
    return f;
  }

  /** The default model: everything a guest may gain by; see {@link #implemented}. */
  public static CpuModel max() {
    EnumSet<CpuFeature> f =
        EnumSet.of(
            CpuFeature.FPU,
            CpuFeature.VME,
            CpuFeature.DE,
            CpuFeature.PSE,
            CpuFeature.TSC,
            CpuFeature.MSR,
            CpuFeature.PAE,
            CpuFeature.MCE,
            CpuFeature.CX8,
            CpuFeature.APIC,
            CpuFeature.SEP,
            CpuFeature.MTRR,
            CpuFeature.PGE,
            CpuFeature.MCA,
            CpuFeature.CMOV,
            CpuFeature.PAT,
            CpuFeature.PSE36,
            CpuFeature.CLFLUSH,
            CpuFeature.MMX,
            CpuFeature.FXSR,
            CpuFeature.SSE,
            CpuFeature.SSE2,
            CpuFeature.SSE3,
            CpuFeature.PCLMULQDQ,
            CpuFeature.SSSE3,
            CpuFeature.SSE4_1,
            CpuFeature.SSE4_2,
            CpuFeature.MOVBE,
            CpuFeature.POPCNT,
            CpuFeature.RDRAND,
            CpuFeature.BMI1,
            CpuFeature.BMI2,
            CpuFeature.RDSEED,
            CpuFeature.ADX,
            CpuFeature.ABM,
            CpuFeature.PREFETCHW,
            CpuFeature.SSE4A,
            CpuFeature.CX16,
            CpuFeature.PCID,
            CpuFeature.X2APIC,
            CpuFeature.TSC_DEADLINE,
            CpuFeature.AES,
            CpuFeature.XSAVE,
            CpuFeature.XSAVEOPT,
            CpuFeature.XSAVEC,
            CpuFeature.XGETBV1,
            CpuFeature.XSAVES,
            CpuFeature.PKU,
            CpuFeature.PKS,
            CpuFeature.LA57,
            CpuFeature.RDPID,
            CpuFeature.SERIALIZE,
            CpuFeature.WBNOINVD,
            CpuFeature.MONITOR,
            CpuFeature.HYPERVISOR,
            CpuFeature.FSGSBASE,
            CpuFeature.TSC_ADJUST,
            CpuFeature.SMEP,
            CpuFeature.ERMS,
            CpuFeature.INVPCID,
            CpuFeature.SMAP,
            CpuFeature.CLFLUSHOPT,
            CpuFeature.CLWB,
            CpuFeature.SHA,
            CpuFeature.UMIP,
            CpuFeature.GFNI,
            CpuFeature.AVX,
            CpuFeature.AVX2,
            CpuFeature.FMA,
            CpuFeature.F16C,
            CpuFeature.VAES,
            CpuFeature.VPCLMULQDQ,
            CpuFeature.LAHF_LM,
            CpuFeature.SYSCALL,
            CpuFeature.NX,
            CpuFeature.PDPE1GB,
            CpuFeature.RDTSCP,
            CpuFeature.ARAT,
            CpuFeature.SPEC_CTRL,
            CpuFeature.ARCH_CAPABILITIES,
            CpuFeature.RDCTL_NO,
            CpuFeature.IBRS_ALL,
            CpuFeature.SKIP_L1DFL_VMENTRY,
            CpuFeature.SSB_NO,
            CpuFeature.MDS_NO,
            CpuFeature.PSCHANGE_MC_NO,
            CpuFeature.TAA_NO,
            CpuFeature.BHI_CTRL,
            CpuFeature.INVTSC,
            CpuFeature.LM);
    return new CpuModel("max", INTEL, 6, 6, 3, "Quern Virtual CPU version 1.0", f, 40);
  }
}
