package org.quern.x86.state;

import java.util.Map;
import java.util.Optional;

/**
 * CPUID feature bits by name (QEMU's spelling in {@link #flag}), whether anything implements them
 * or not: {@link CpuModel#max} says which are. Source: SDM vol. 2A, CPUID; AMD APM vol. 3, appendix
 * E.
 */
public enum CpuFeature {
  FPU("fpu", 1, 0, 'd', 0),
  VME("vme", 1, 0, 'd', 1),
  DE("de", 1, 0, 'd', 2),
  PSE("pse", 1, 0, 'd', 3),
  TSC("tsc", 1, 0, 'd', 4),
  MSR("msr", 1, 0, 'd', 5),
  PAE("pae", 1, 0, 'd', 6),
  MCE("mce", 1, 0, 'd', 7),
  CX8("cx8", 1, 0, 'd', 8),
  APIC("apic", 1, 0, 'd', 9),
  SEP("sep", 1, 0, 'd', 11),
  MTRR("mtrr", 1, 0, 'd', 12),
  PGE("pge", 1, 0, 'd', 13),
  MCA("mca", 1, 0, 'd', 14),
  CMOV("cmov", 1, 0, 'd', 15),
  PAT("pat", 1, 0, 'd', 16),
  PSE36("pse36", 1, 0, 'd', 17),
  PN("pn", 1, 0, 'd', 18),
  CLFLUSH("clflush", 1, 0, 'd', 19),
  DS("ds", 1, 0, 'd', 21),
  ACPI("acpi", 1, 0, 'd', 22),
  MMX("mmx", 1, 0, 'd', 23),
  FXSR("fxsr", 1, 0, 'd', 24),
  SSE("sse", 1, 0, 'd', 25),
  SSE2("sse2", 1, 0, 'd', 26),
  SS("ss", 1, 0, 'd', 27),
  HT("ht", 1, 0, 'd', 28),
  TM("tm", 1, 0, 'd', 29),
  IA64("ia64", 1, 0, 'd', 30),
  PBE("pbe", 1, 0, 'd', 31),
  SSE3("pni", 1, 0, 'c', 0),
  PCLMULQDQ("pclmulqdq", 1, 0, 'c', 1),
  DTES64("dtes64", 1, 0, 'c', 2),
  MONITOR("monitor", 1, 0, 'c', 3),
  DS_CPL("ds-cpl", 1, 0, 'c', 4),
  VMX("vmx", 1, 0, 'c', 5),
  SMX("smx", 1, 0, 'c', 6),
  EST("est", 1, 0, 'c', 7),
  TM2("tm2", 1, 0, 'c', 8),
  SSSE3("ssse3", 1, 0, 'c', 9),
  CID("cid", 1, 0, 'c', 10),
  FMA("fma", 1, 0, 'c', 12),
  CX16("cx16", 1, 0, 'c', 13),
  XTPR("xtpr", 1, 0, 'c', 14),
  PDCM("pdcm", 1, 0, 'c', 15),
  PCID("pcid", 1, 0, 'c', 17),
  DCA("dca", 1, 0, 'c', 18),
  SSE4_1("sse4.1", 1, 0, 'c', 19),
  SSE4_2("sse4.2", 1, 0, 'c', 20),
  X2APIC("x2apic", 1, 0, 'c', 21),
  MOVBE("movbe", 1, 0, 'c', 22),
  POPCNT("popcnt", 1, 0, 'c', 23),
  TSC_DEADLINE("tsc-deadline", 1, 0, 'c', 24),
  AES("aes", 1, 0, 'c', 25),
  XSAVE("xsave", 1, 0, 'c', 26),
  AVX("avx", 1, 0, 'c', 28),
  F16C("f16c", 1, 0, 'c', 29),
  RDRAND("rdrand", 1, 0, 'c', 30),
  HYPERVISOR("hypervisor", 1, 0, 'c', 31),
  ARAT("arat", 6, 0, 'a', 2),
  FSGSBASE("fsgsbase", 7, 0, 'b', 0),
  TSC_ADJUST("tsc-adjust", 7, 0, 'b', 1),
  SGX("sgx", 7, 0, 'b', 2),
  BMI1("bmi1", 7, 0, 'b', 3),
  HLE("hle", 7, 0, 'b', 4),
  AVX2("avx2", 7, 0, 'b', 5),
  SMEP("smep", 7, 0, 'b', 7),
  BMI2("bmi2", 7, 0, 'b', 8),
  ERMS("erms", 7, 0, 'b', 9),
  INVPCID("invpcid", 7, 0, 'b', 10),
  RTM("rtm", 7, 0, 'b', 11),
  MPX("mpx", 7, 0, 'b', 14),
  AVX512F("avx512f", 7, 0, 'b', 16),
  AVX512DQ("avx512dq", 7, 0, 'b', 17),
  RDSEED("rdseed", 7, 0, 'b', 18),
  ADX("adx", 7, 0, 'b', 19),
  SMAP("smap", 7, 0, 'b', 20),
  AVX512IFMA("avx512ifma", 7, 0, 'b', 21),
  PCOMMIT("pcommit", 7, 0, 'b', 22),
  CLFLUSHOPT("clflushopt", 7, 0, 'b', 23),
  CLWB("clwb", 7, 0, 'b', 24),
  INTEL_PT("intel-pt", 7, 0, 'b', 25),
  AVX512PF("avx512pf", 7, 0, 'b', 26),
  AVX512ER("avx512er", 7, 0, 'b', 27),
  AVX512CD("avx512cd", 7, 0, 'b', 28),
  SHA("sha-ni", 7, 0, 'b', 29),
  AVX512BW("avx512bw", 7, 0, 'b', 30),
  AVX512VL("avx512vl", 7, 0, 'b', 31),
  AVX512VBMI("avx512vbmi", 7, 0, 'c', 1),
  UMIP("umip", 7, 0, 'c', 2),
  PKU("pku", 7, 0, 'c', 3),
  WAITPKG("waitpkg", 7, 0, 'c', 5),
  AVX512VBMI2("avx512vbmi2", 7, 0, 'c', 6),
  GFNI("gfni", 7, 0, 'c', 8),
  VAES("vaes", 7, 0, 'c', 9),
  VPCLMULQDQ("vpclmulqdq", 7, 0, 'c', 10),
  AVX512VNNI("avx512vnni", 7, 0, 'c', 11),
  AVX512BITALG("avx512bitalg", 7, 0, 'c', 12),
  AVX512_VPOPCNTDQ("avx512-vpopcntdq", 7, 0, 'c', 14),
  LA57("la57", 7, 0, 'c', 16),
  RDPID("rdpid", 7, 0, 'c', 22),
  BUS_LOCK_DETECT("bus-lock-detect", 7, 0, 'c', 24),
  CLDEMOTE("cldemote", 7, 0, 'c', 25),
  MOVDIRI("movdiri", 7, 0, 'c', 27),
  MOVDIR64B("movdir64b", 7, 0, 'c', 28),
  SGXLC("sgxlc", 7, 0, 'c', 30),
  PKS("pks", 7, 0, 'c', 31),
  AVX512_4VNNIW("avx512-4vnniw", 7, 0, 'd', 2),
  AVX512_4FMAPS("avx512-4fmaps", 7, 0, 'd', 3),
  FSRM("fsrm", 7, 0, 'd', 4),
  AVX512_VP2INTERSECT("avx512-vp2intersect", 7, 0, 'd', 8),
  MD_CLEAR("md-clear", 7, 0, 'd', 10),
  SERIALIZE("serialize", 7, 0, 'd', 14),
  TSX_LDTRK("tsx-ldtrk", 7, 0, 'd', 16),
  ARCH_LBR("arch-lbr", 7, 0, 'd', 19),
  AMX_BF16("amx-bf16", 7, 0, 'd', 22),
  AVX512_FP16("avx512-fp16", 7, 0, 'd', 23),
  AMX_TILE("amx-tile", 7, 0, 'd', 24),
  AMX_INT8("amx-int8", 7, 0, 'd', 25),
  SPEC_CTRL("spec-ctrl", 7, 0, 'd', 26),
  STIBP("stibp", 7, 0, 'd', 27),
  ARCH_CAPABILITIES("arch-capabilities", 7, 0, 'd', 29),
  CORE_CAPABILITY("core-capability", 7, 0, 'd', 30),
  SSBD("ssbd", 7, 0, 'd', 31),
  AVX_VNNI("avx-vnni", 7, 1, 'a', 4),
  AVX512_BF16("avx512-bf16", 7, 1, 'a', 5),
  BHI_CTRL("bhi-ctrl", 7, 2, 'd', 4),
  XSAVEOPT("xsaveopt", 0xd, 1, 'a', 0),
  XSAVEC("xsavec", 0xd, 1, 'a', 1),
  XGETBV1("xgetbv1", 0xd, 1, 'a', 2),
  XSAVES("xsaves", 0xd, 1, 'a', 3),
  XFD("xfd", 0xd, 1, 'a', 4),
  LAHF_LM("lahf-lm", 0x80000001, 0, 'c', 0),
  CMP_LEGACY("cmp-legacy", 0x80000001, 0, 'c', 1),
  SVM("svm", 0x80000001, 0, 'c', 2),
  EXTAPIC("extapic", 0x80000001, 0, 'c', 3),
  CR8LEGACY("cr8legacy", 0x80000001, 0, 'c', 4),
  ABM("abm", 0x80000001, 0, 'c', 5),
  SSE4A("sse4a", 0x80000001, 0, 'c', 6),
  MISALIGNSSE("misalignsse", 0x80000001, 0, 'c', 7),
  PREFETCHW("3dnowprefetch", 0x80000001, 0, 'c', 8),
  OSVW("osvw", 0x80000001, 0, 'c', 9),
  IBS("ibs", 0x80000001, 0, 'c', 10),
  XOP("xop", 0x80000001, 0, 'c', 11),
  SKINIT("skinit", 0x80000001, 0, 'c', 12),
  WDT("wdt", 0x80000001, 0, 'c', 13),
  LWP("lwp", 0x80000001, 0, 'c', 15),
  FMA4("fma4", 0x80000001, 0, 'c', 16),
  TCE("tce", 0x80000001, 0, 'c', 17),
  NODEID_MSR("nodeid-msr", 0x80000001, 0, 'c', 19),
  TBM("tbm", 0x80000001, 0, 'c', 21),
  TOPOEXT("topoext", 0x80000001, 0, 'c', 22),
  PERFCTR_CORE("perfctr-core", 0x80000001, 0, 'c', 23),
  PERFCTR_NB("perfctr-nb", 0x80000001, 0, 'c', 24),
  SYSCALL("syscall", 0x80000001, 0, 'd', 11),
  NX("nx", 0x80000001, 0, 'd', 20),
  MMXEXT("mmxext", 0x80000001, 0, 'd', 22),
  FXSR_OPT("fxsr-opt", 0x80000001, 0, 'd', 25),
  PDPE1GB("pdpe1gb", 0x80000001, 0, 'd', 26),
  RDTSCP("rdtscp", 0x80000001, 0, 'd', 27),
  LM("lm", 0x80000001, 0, 'd', 29),
  AMD_3DNOWEXT("3dnowext", 0x80000001, 0, 'd', 30),
  AMD_3DNOW("3dnow", 0x80000001, 0, 'd', 31),
  INVTSC("invtsc", 0x80000007, 0, 'd', 8),
  CLZERO("clzero", 0x80000008, 0, 'b', 0),
  XSAVEERPTR("xsaveerptr", 0x80000008, 0, 'b', 2),
  WBNOINVD("wbnoinvd", 0x80000008, 0, 'b', 9),
  IBPB("ibpb", 0x80000008, 0, 'b', 12),
  IBRS("ibrs", 0x80000008, 0, 'b', 14),
  AMD_STIBP("amd-stibp", 0x80000008, 0, 'b', 15),
  AMD_SSBD("amd-ssbd", 0x80000008, 0, 'b', 24),
  VIRT_SSBD("virt-ssbd", 0x80000008, 0, 'b', 25),
  AMD_NO_SSB("amd-no-ssb", 0x80000008, 0, 'b', 26),
  NPT("npt", 0x8000000a, 0, 'd', 0),
  LBRV("lbrv", 0x8000000a, 0, 'd', 1),
  SVM_LOCK("svm-lock", 0x8000000a, 0, 'd', 2),
  NRIP_SAVE("nrip-save", 0x8000000a, 0, 'd', 3),
  TSC_SCALE("tsc-scale", 0x8000000a, 0, 'd', 4),
  VMCB_CLEAN("vmcb-clean", 0x8000000a, 0, 'd', 5),
  FLUSHBYASID("flushbyasid", 0x8000000a, 0, 'd', 6),
  DECODEASSISTS("decodeassists", 0x8000000a, 0, 'd', 7),
  PAUSE_FILTER("pause-filter", 0x8000000a, 0, 'd', 10),
  PFTHRESHOLD("pfthreshold", 0x8000000a, 0, 'd', 12),
  AVIC("avic", 0x8000000a, 0, 'd', 13),
  V_VMSAVE_VMLOAD("v-vmsave-vmload", 0x8000000a, 0, 'd', 15),
  VGIF("vgif", 0x8000000a, 0, 'd', 16),
  SVME_ADDR_CHK("svme-addr-chk", 0x8000000a, 0, 'd', 28),

  // What SGX and Intel PT have, the services of KVM, and VIA's processors.
  SGX1("sgx1", 0x12, 0, 'a', 0),
  SGX2("sgx2", 0x12, 0, 'a', 1),
  SGX_EXINFO("sgx-exinfo", 0x12, 0, 'b', 0),
  SGX_DEBUG("sgx-debug", 0x12, 1, 'a', 1),
  SGX_MODE64("sgx-mode64", 0x12, 1, 'a', 2),
  SGX_PROVISIONKEY("sgx-provisionkey", 0x12, 1, 'a', 4),
  SGX_TOKENKEY("sgx-tokenkey", 0x12, 1, 'a', 5),
  SGX_KSS("sgx-kss", 0x12, 1, 'a', 7),
  INTEL_PT_LIP("intel-pt-lip", 0x14, 0, 'c', 31),
  KVMCLOCK("kvmclock", 0x40000001, 0, 'a', 0),
  KVM_NOPIODELAY("kvm-nopiodelay", 0x40000001, 0, 'a', 1),
  KVM_MMU("kvm-mmu", 0x40000001, 0, 'a', 2),
  KVM_ASYNCPF("kvm-asyncpf", 0x40000001, 0, 'a', 4),
  KVM_STEAL_TIME("kvm-steal-time", 0x40000001, 0, 'a', 5),
  KVM_PV_EOI("kvm-pv-eoi", 0x40000001, 0, 'a', 6),
  KVM_PV_UNHALT("kvm-pv-unhalt", 0x40000001, 0, 'a', 7),
  KVM_PV_TLB_FLUSH("kvm-pv-tlb-flush", 0x40000001, 0, 'a', 9),
  KVM_PV_IPI("kvm-pv-ipi", 0x40000001, 0, 'a', 11),
  KVM_POLL_CONTROL("kvm-poll-control", 0x40000001, 0, 'a', 12),
  KVM_PV_SCHED_YIELD("kvm-pv-sched-yield", 0x40000001, 0, 'a', 13),
  KVM_ASYNCPF_INT("kvm-asyncpf-int", 0x40000001, 0, 'a', 14),
  KVM_MSI_EXT_DEST_ID("kvm-msi-ext-dest-id", 0x40000001, 0, 'a', 15),
  KVMCLOCK_STABLE_BIT("kvmclock-stable-bit", 0x40000001, 0, 'a', 24),
  KVM_HINT_DEDICATED("kvm-hint-dedicated", 0x40000001, 0, 'd', 0),
  XSTORE("xstore", 0xc0000001, 0, 'd', 2),
  XSTORE_EN("xstore-en", 0xc0000001, 0, 'd', 3),
  XCRYPT("xcrypt", 0xc0000001, 0, 'd', 6),
  XCRYPT_EN("xcrypt-en", 0xc0000001, 0, 'd', 7),
  ACE2("ace2", 0xc0000001, 0, 'd', 8),
  ACE2_EN("ace2-en", 0xc0000001, 0, 'd', 9),
  PHE("phe", 0xc0000001, 0, 'd', 10),
  PHE_EN("phe-en", 0xc0000001, 0, 'd', 11),
  PMM("pmm", 0xc0000001, 0, 'd', 12),
  PMM_EN("pmm-en", 0xc0000001, 0, 'd', 13),

  // Bits of IA32_CORE_CAPABILITIES, IA32_ARCH_CAPABILITIES and IA32_PERF_CAPABILITIES.
  SPLIT_LOCK_DETECT("split-lock-detect", 0xcf, 0, 'm', 5),
  RDCTL_NO("rdctl-no", 0x10a, 0, 'm', 0),
  IBRS_ALL("ibrs-all", 0x10a, 0, 'm', 1),
  RSBA("rsba", 0x10a, 0, 'm', 2),
  SKIP_L1DFL_VMENTRY("skip-l1dfl-vmentry", 0x10a, 0, 'm', 3),
  SSB_NO("ssb-no", 0x10a, 0, 'm', 4),
  MDS_NO("mds-no", 0x10a, 0, 'm', 5),
  PSCHANGE_MC_NO("pschange-mc-no", 0x10a, 0, 'm', 6),
  TSX_CTRL("tsx-ctrl", 0x10a, 0, 'm', 7),
  TAA_NO("taa-no", 0x10a, 0, 'm', 8),
  FULL_WIDTH_WRITE("full-width-write", 0x345, 0, 'm', 13);

  private static final Map<String, String> ALIASES =
      Map.of(
          "sse3", "pni",
          "sse4-1", "sse4.1",
          "sse4_1", "sse4.1",
          "sse4-2", "sse4.2",
          "sse4_2", "sse4.2",
          "pclmuldq", "pclmulqdq",
          "ffxsr", "fxsr-opt",
          "xd", "nx",
          "i64", "lm");

  /** Name on QEMU's command line. */
  public final String flag;

  /** Leaf of CPUID, or number of an MSR. */
  public final int leaf;

  public final int subleaf;

  /** {@code a}, {@code b}, {@code c} or {@code d}: EAX, EBX, ECX or EDX; {@code m}: of an MSR. */
  public final char register;

  public final int bit;

  CpuFeature(String flag, int leaf, int subleaf, char register, int bit) {
    this.flag = flag;
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.register = register;
    this.bit = bit;
  }

  /** The feature of that name on QEMU's command line, or under one of its older names. */
  public static Optional<CpuFeature> find(String name) {
    String flag = ALIASES.getOrDefault(name, name).replace('_', '-');
    for (CpuFeature f : values()) {
      if (f.flag.equals(flag)) {
        return Optional.of(f);
      }
    }
    return Optional.empty();
  }

  /** Whether an MSR reports it and not CPUID. */
  public boolean inMsr() {
    return register == 'm';
  }

  /** The feature without which there is no place that reports this one; null if CPUID is enough. */
  public CpuFeature needs() {
    return switch (leaf) {
      case 0xcf -> CORE_CAPABILITY;
      case 0x10a -> ARCH_CAPABILITIES;
      case 0x345 -> PDCM;
      case 0x14 -> INTEL_PT;
      default -> null;
    };
  }

  /** Where CPUID reports it, as QEMU writes it: {@code CPUID.07H:EBX.smep [bit 7]}. */
  public String place() {
    if (inMsr()) {
      return String.format("MSR(%XH).%s [bit %d]", leaf, flag, bit);
    }
    char letter = Character.toUpperCase(register);
    return String.format("CPUID.%02XH:E%cX.%s [bit %d]", leaf, letter, flag, bit);
  }
}
