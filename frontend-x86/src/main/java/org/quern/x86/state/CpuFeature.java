package org.quern.x86.state;

/**
 * CPUID feature bits that Quern knows by name (QEMU's spelling in {@link #flag}). Source: SDM vol.
 * 2A, CPUID; AMD APM vol. 3, appendix E.
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
  CLFLUSH("clflush", 1, 0, 'd', 19),
  MMX("mmx", 1, 0, 'd', 23),
  FXSR("fxsr", 1, 0, 'd', 24),
  SSE("sse", 1, 0, 'd', 25),
  SSE2("sse2", 1, 0, 'd', 26),
  HT("ht", 1, 0, 'd', 28),
  SSE3("sse3", 1, 0, 'c', 0),
  PCLMULQDQ("pclmulqdq", 1, 0, 'c', 1),
  MONITOR("monitor", 1, 0, 'c', 3),
  VMX("vmx", 1, 0, 'c', 5),
  SSSE3("ssse3", 1, 0, 'c', 9),
  FMA("fma", 1, 0, 'c', 12),
  CX16("cx16", 1, 0, 'c', 13),
  PCID("pcid", 1, 0, 'c', 17),
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
  FSGSBASE("fsgsbase", 7, 0, 'b', 0),
  TSC_ADJUST("tsc_adjust", 7, 0, 'b', 1),
  BMI1("bmi1", 7, 0, 'b', 3),
  AVX2("avx2", 7, 0, 'b', 5),
  SMEP("smep", 7, 0, 'b', 7),
  BMI2("bmi2", 7, 0, 'b', 8),
  ERMS("erms", 7, 0, 'b', 9),
  INVPCID("invpcid", 7, 0, 'b', 10),
  RDSEED("rdseed", 7, 0, 'b', 18),
  ADX("adx", 7, 0, 'b', 19),
  SMAP("smap", 7, 0, 'b', 20),
  CLFLUSHOPT("clflushopt", 7, 0, 'b', 23),
  CLWB("clwb", 7, 0, 'b', 24),
  SHA("sha-ni", 7, 0, 'b', 29),
  UMIP("umip", 7, 0, 'c', 2),
  PKU("pku", 7, 0, 'c', 3),
  GFNI("gfni", 7, 0, 'c', 8),
  VAES("vaes", 7, 0, 'c', 9),
  VPCLMULQDQ("vpclmulqdq", 7, 0, 'c', 10),
  LA57("la57", 7, 0, 'c', 16),
  RDPID("rdpid", 7, 0, 'c', 22),
  SPEC_CTRL("spec-ctrl", 7, 0, 'd', 26),
  ARCH_CAPABILITIES("arch-capabilities", 7, 0, 'd', 29),
  BHI_CTRL("bhi-ctrl", 7, 2, 'd', 4),
  XSAVEOPT("xsaveopt", 0xd, 1, 'a', 0),
  XSAVEC("xsavec", 0xd, 1, 'a', 1),
  XSAVES("xsaves", 0xd, 1, 'a', 3),
  LAHF_LM("lahf_lm", 0x80000001, 0, 'c', 0),
  SVM("svm", 0x80000001, 0, 'c', 2),
  ABM("abm", 0x80000001, 0, 'c', 5),
  SSE4A("sse4a", 0x80000001, 0, 'c', 6),
  PREFETCHW("3dnowprefetch", 0x80000001, 0, 'c', 8),
  SYSCALL("syscall", 0x80000001, 0, 'd', 11),
  NX("nx", 0x80000001, 0, 'd', 20),
  PDPE1GB("pdpe1gb", 0x80000001, 0, 'd', 26),
  RDTSCP("rdtscp", 0x80000001, 0, 'd', 27),
  LM("lm", 0x80000001, 0, 'd', 29),
  INVTSC("invtsc", 0x80000007, 0, 'd', 8);

  /** Name on QEMU's command line. */
  public final String flag;

  public final int leaf;
  public final int subleaf;

  /** {@code a}, {@code b}, {@code c} or {@code d}: EAX, EBX, ECX or EDX. */
  public final char register;

  public final int bit;

  CpuFeature(String flag, int leaf, int subleaf, char register, int bit) {
    this.flag = flag;
    this.leaf = leaf;
    this.subleaf = subleaf;
    this.register = register;
    this.bit = bit;
  }
}
