package org.quern.x86.state;

/**
 * The processors that {@link NamedModels} knows, as text. Source: what QEMU 7.2 reports of its
 * models (query-cpu-model-expansion), and for the generations before CPUID the manuals of Intel's
 * 8086, 80186, 80286, 80386 and 80486.
 *
 * <p>{@code name | vendor family,model,stepping | last basic, extended leaf (hex) | brand [note]},
 * and in the lines below the features: {@code =OTHER} takes those of another model. {@code name ->
 * other} is another name. What QEMU takes away from its models under TCG only (vme) is here.
 */
final class ModelTable {
  private ModelTable() {}

  static final String ROWS =
      """
      8086-v1 | Intel 0,0,0 | -,0 | [no CPUID]
      80186-v1 | Intel 1,0,0 | -,0 | [no CPUID]
      80286-v1 | Intel 2,0,0 | -,0 | [no CPUID]
        fpu
      386-v1 | Intel 3,0,8 | -,0 | [no CPUID]
        fpu
      486-v0 | Intel 4,0,0 | -,0 | [early 486, no CPUID]
        fpu
      486-v1 | Intel 4,8,0 | 1,0 |
        fpu pse vme
      pentium-v1 | Intel 5,4,3 | 1,0 |
        =486-v1 +apic +cx8 +de +mce +mmx +msr +tsc
      pentium2-v1 | Intel 6,5,2 | 2,0 |
        =pentium-v1 +cmov +fxsr +mca +mtrr +pae +pat +pge +pse36 +sep
      pentium3-v1 | Intel 6,7,3 | 3,0 |
        =pentium2-v1 +sse
      athlon-v1 | AMD 6,2,3 | 2,8 | QEMU Virtual CPU version 2.5+
        3dnow 3dnowext apic cmov cx8 de fpu fxsr mca mce mmx mmxext msr mtrr pae pat pge pse pse36
        sep sse sse2 tsc vme
      qemu32-v1 | Intel 6,6,3 | 4,4 | QEMU Virtual CPU version 2.5+
        =pentium3-v1 +pni +sse2 -mca -mtrr -pse36 -vme
      kvm32-v1 | Intel 15,6,1 | 5,8 | Common 32-bit KVM processor
        =pentium3-v1 +clflush +pni +sse2
      kvm64-v1 | Intel 15,6,1 | d,8 | Common KVM processor
        =kvm32-v1 +cx16 +lm +nx +syscall
      qemu64-v1 | AMD 15,107,1 | d,a | QEMU Virtual CPU version 2.5+
        =kvm64-v1 +lahf-lm +svm -vme
      coreduo-v1 | Intel 6,14,8 | a,8 | Genuine Intel(R) CPU           T2600  @ 2.16GHz
        =kvm32-v1 +acpi +monitor +nx +ss -pse36
      core2duo-v1 | Intel 6,15,11 | a,8 | Intel(R) Core(TM)2 Duo CPU     T7700  @ 2.40GHz
        =coreduo-v1 +cx16 +lahf-lm +lm +pse36 +ssse3 +syscall
      n270-v1 | Intel 6,28,2 | a,8 | Intel(R) Atom(TM) CPU N270   @ 1.60GHz
        =coreduo-v1 +lahf-lm +movbe +ssse3
      Conroe-v1 | Intel 6,15,3 | a,8 | Intel Celeron_4x0 (Conroe/Merom Class Core 2)
        =kvm64-v1 +lahf-lm +ssse3 -cx16
      Penryn-v1 | Intel 6,23,3 | a,8 | Intel Core 2 Duo P9xxx (Penryn Class Core 2)
        =Conroe-v1 +cx16 +sse4.1
      Nehalem-v1 | Intel 6,26,3 | b,8 | Intel Core i7 9xx (Nehalem Class Core i7)
        =Penryn-v1 +popcnt +sse4.2
      Nehalem-v2 | Intel 6,26,3 | b,8 | Intel Core i7 9xx (Nehalem Core i7, IBRS update)
        =Nehalem-v1 +spec-ctrl
      Westmere-v1 | Intel 6,44,1 | b,8 | Westmere E56xx/L56xx/X56xx (Nehalem-C)
        =Nehalem-v1 +aes +arat +pclmulqdq
      Westmere-v2 | Intel 6,44,1 | b,8 | Westmere E56xx/L56xx/X56xx (IBRS update)
        =Westmere-v1 +spec-ctrl
      SandyBridge-v1 | Intel 6,42,1 | d,8 | Intel Xeon E312xx (Sandy Bridge)
        =Westmere-v1 +avx +rdtscp +tsc-deadline +x2apic +xsave +xsaveopt
      SandyBridge-v2 | Intel 6,42,1 | d,8 | Intel Xeon E312xx (Sandy Bridge, IBRS update)
        =SandyBridge-v1 +spec-ctrl
      IvyBridge-v1 | Intel 6,58,9 | d,8 | Intel Xeon E3-12xx v2 (Ivy Bridge)
        =SandyBridge-v1 +erms +f16c +fsgsbase +rdrand +smep
      IvyBridge-v2 | Intel 6,58,9 | d,8 | Intel Xeon E3-12xx v2 (Ivy Bridge, IBRS)
        =IvyBridge-v1 +spec-ctrl
      Haswell-v1 | Intel 6,60,4 | d,8 | Intel Core Processor (Haswell)
        =IvyBridge-v1 +abm +avx2 +bmi1 +bmi2 +fma +hle +invpcid +movbe +pcid +rtm
      Haswell-v2 | Intel 6,60,1 | d,8 | Intel Core Processor (Haswell, no TSX)
        =Haswell-v1 -hle -rtm
      Haswell-v3 | Intel 6,60,4 | d,8 | Intel Core Processor (Haswell, IBRS)
        =Haswell-v2 +hle +rtm +spec-ctrl
      Haswell-v4 | Intel 6,60,1 | d,8 | Intel Core Processor (Haswell, no TSX, IBRS)
        =Haswell-v3 -hle -rtm
      Broadwell-v1 | Intel 6,61,2 | d,8 | Intel Core Processor (Broadwell)
        =Haswell-v1 +3dnowprefetch +adx +rdseed +smap
      Broadwell-v2 | Intel 6,61,2 | d,8 | Intel Core Processor (Broadwell, no TSX)
        =Broadwell-v1 -hle -rtm
      Broadwell-v3 | Intel 6,61,2 | d,8 | Intel Core Processor (Broadwell, IBRS)
        =Broadwell-v2 +hle +rtm +spec-ctrl
      Broadwell-v4 | Intel 6,61,2 | d,8 | Intel Core Processor (Broadwell, no TSX, IBRS)
        =Broadwell-v3 -hle -rtm
      Skylake-Client-v1 | Intel 6,94,3 | d,8 | Intel Core Processor (Skylake)
        =Broadwell-v1 +xgetbv1 +xsavec
      Skylake-Client-v2 | Intel 6,94,3 | d,8 | Intel Core Processor (Skylake, IBRS)
        =Skylake-Client-v1 +spec-ctrl
      Skylake-Client-v3 | Intel 6,94,3 | d,8 | Intel Core Processor (Skylake, IBRS, no TSX)
        =Skylake-Client-v2 -hle -rtm
      Skylake-Client-v4 | Intel 6,94,3 | d,8 | Intel Core Processor (Skylake, IBRS, no TSX) [IBRS, XSAVES, no TSX]
        =Skylake-Client-v3 +xsaves
      Skylake-Server-v1 | Intel 6,85,4 | d,8 | Intel Xeon Processor (Skylake)
        =Skylake-Client-v1 +avx512bw +avx512cd +avx512dq +avx512f +avx512vl +clflushopt +clwb
        +pdpe1gb +pku
      Skylake-Server-v2 | Intel 6,85,4 | d,8 | Intel Xeon Processor (Skylake, IBRS)
        =Skylake-Server-v1 +spec-ctrl -clflushopt
      Skylake-Server-v3 | Intel 6,85,4 | d,8 | Intel Xeon Processor (Skylake, IBRS, no TSX)
        =Skylake-Server-v2 -hle -rtm
      Skylake-Server-v4 | Intel 6,85,4 | d,8 | Intel Xeon Processor (Skylake, IBRS, no TSX) [IBRS, EPT switching, no TSX]
        =Skylake-Server-v3
      Skylake-Server-v5 | Intel 6,85,4 | d,8 | Intel Xeon Processor (Skylake, IBRS, no TSX) [IBRS, XSAVES, EPT switching, no TSX]
        =Skylake-Server-v4 +xsaves
      Cascadelake-Server-v1 | Intel 6,85,6 | d,8 | Intel Xeon Processor (Cascadelake)
        =Skylake-Server-v1 +avx512vnni +spec-ctrl +ssbd
      Cascadelake-Server-v2 | Intel 6,85,6 | d,8 | Intel Xeon Processor (Cascadelake) [ARCH_CAPABILITIES]
        =Cascadelake-Server-v1 +arch-capabilities +ibrs-all +mds-no +rdctl-no
        +skip-l1dfl-vmentry
      Cascadelake-Server-v3 | Intel 6,85,6 | d,8 | Intel Xeon Processor (Cascadelake) [ARCH_CAPABILITIES, no TSX]
        =Cascadelake-Server-v2 -hle -rtm
      Cascadelake-Server-v4 | Intel 6,85,6 | d,8 | Intel Xeon Processor (Cascadelake) [ARCH_CAPABILITIES, EPT switching, no TSX]
        =Cascadelake-Server-v3
      Cascadelake-Server-v5 | Intel 6,85,6 | d,8 | Intel Xeon Processor (Cascadelake) [ARCH_CAPABILITIES, EPT switching, XSAVES, no TSX]
        =Cascadelake-Server-v4 +xsaves
      Cooperlake-v1 | Intel 6,85,10 | d,8 | Intel Xeon Processor (Cooperlake)
        =Cascadelake-Server-v2 +avx512-bf16 +pschange-mc-no +stibp +taa-no
      Cooperlake-v2 | Intel 6,85,10 | d,8 | Intel Xeon Processor (Cooperlake) [XSAVES]
        =Cooperlake-v1 +xsaves
      Icelake-Server-v1 | Intel 6,134,0 | d,8 | Intel Xeon Processor (Icelake)
        =Cascadelake-Server-v1 +avx512-vpopcntdq +avx512bitalg +avx512vbmi +avx512vbmi2 +gfni
        +la57 +umip +vaes +vpclmulqdq +wbnoinvd
      Icelake-Server-v2 | Intel 6,134,0 | d,8 | Intel Xeon Processor (Icelake) [no TSX]
        =Icelake-Server-v1 -hle -rtm
      Icelake-Server-v3 | Intel 6,134,0 | d,8 | Intel Xeon Processor (Icelake)
        =Icelake-Server-v2 +arch-capabilities +ibrs-all +mds-no +pschange-mc-no +rdctl-no
        +skip-l1dfl-vmentry +taa-no
      Icelake-Server-v4 | Intel 6,106,0 | d,8 | Intel Xeon Processor (Icelake)
        =Icelake-Server-v3 +avx512ifma +fsrm +rdpid +sha-ni
      Icelake-Server-v5 | Intel 6,106,0 | d,8 | Intel Xeon Processor (Icelake) [XSAVES]
        =Icelake-Server-v4 +xsaves
      Icelake-Server-v6 | Intel 6,106,0 | d,8 | Intel Xeon Processor (Icelake) [5-level EPT]
        =Icelake-Server-v5
      KnightsMill-v1 | Intel 6,133,0 | d,8 | Intel Xeon Phi Processor (Knights Mill)
        =Broadwell-v1 +avx512-4fmaps +avx512-4vnniw +avx512-vpopcntdq +avx512cd +avx512er +avx512f
        +avx512pf +pdpe1gb +ss -hle -invpcid -pcid -rtm -smap
      Denverton-v1 | Intel 6,95,1 | 15,8 | Intel Atom Processor (Denverton)
        =Westmere-v1 +3dnowprefetch +arch-capabilities +clflushopt +erms +fsgsbase +monitor +movbe
        +mpx +pdpe1gb +rdctl-no +rdrand +rdseed +rdtscp +sha-ni +skip-l1dfl-vmentry +smap +smep +spec-ctrl +ssbd
        +tsc-deadline +x2apic +xgetbv1 +xsave +xsavec +xsaveopt
      Denverton-v2 | Intel 6,95,1 | 15,8 | Intel Atom Processor (Denverton) [no MPX, no MONITOR]
        =Denverton-v1 -monitor -mpx
      Denverton-v3 | Intel 6,95,1 | 15,8 | Intel Atom Processor (Denverton) [XSAVES, no MPX, no MONITOR]
        =Denverton-v2 +xsaves
      Snowridge-v1 | Intel 6,134,1 | 1b,8 | Intel Atom Processor (SnowRidge)
        =Denverton-v1 +cldemote +clwb +core-capability +gfni +movdir64b +movdiri +split-lock-detect
        +umip -rdctl-no -skip-l1dfl-vmentry
      Snowridge-v2 | Intel 6,134,1 | 1b,8 | Intel Atom Processor (Snowridge, no MPX)
        =Snowridge-v1 -mpx
      Snowridge-v3 | Intel 6,134,1 | 1b,8 | Intel Atom Processor (Snowridge, no MPX) [XSAVES, no MPX]
        =Snowridge-v2 +xsaves
      Snowridge-v4 | Intel 6,134,1 | 1b,8 | Intel Atom Processor (Snowridge, no MPX) [no split lock detect, no core-capability]
        =Snowridge-v3 -core-capability -split-lock-detect
      Opteron_G1-v1 | AMD 15,6,1 | 5,8 | AMD Opteron 240 (Gen 1 Class Opteron)
        =kvm64-v1 -cx16
      Opteron_G2-v1 | AMD 15,6,1 | 5,a | AMD Opteron 22xx (Gen 2 Class Opteron)
        =Opteron_G1-v1 +cx16 +lahf-lm +svm
      Opteron_G3-v1 | AMD 16,2,3 | 5,a | AMD Opteron 23xx (Gen 3 Class Opteron)
        =Opteron_G2-v1 +abm +misalignsse +monitor +popcnt +rdtscp +sse4a
      Opteron_G4-v1 | AMD 21,1,2 | d,1a | AMD Opteron 62xx class CPU
        =Opteron_G3-v1 +3dnowprefetch +aes +avx +fma4 +npt +nrip-save +pclmulqdq +pdpe1gb +sse4.1
        +sse4.2 +ssse3 +xop +xsave -monitor
      Opteron_G5-v1 | AMD 21,2,0 | d,1a | AMD Opteron 63xx class CPU
        =Opteron_G4-v1 +f16c +fma +tbm
      phenom-v1 | AMD 16,2,3 | 5,1a | AMD Phenom(tm) 9550 Quad-Core Processor
        =Opteron_G3-v1 +3dnow +3dnowext +fxsr-opt +mmxext +npt +pdpe1gb -misalignsse
      EPYC-v1 | AMD 23,1,2 | d,1e | AMD EPYC Processor
        =Opteron_G5-v1 +adx +arat +avx2 +bmi1 +bmi2 +clflushopt +cr8legacy +fsgsbase +fxsr-opt
        +mmxext +monitor +movbe +osvw +rdrand +rdseed +sha-ni +smap +smep +topoext +xgetbv1
        +xsavec +xsaveopt -fma4 -tbm -xop
      EPYC-v2 | AMD 23,1,2 | d,1e | AMD EPYC Processor (with IBPB)
        =EPYC-v1 +ibpb
      EPYC-v3 | AMD 23,1,2 | d,1e | AMD EPYC Processor
        =EPYC-v2 +clzero +perfctr-core +xsaveerptr +xsaves
      EPYC-Rome-v1 | AMD 23,49,0 | d,1e | AMD EPYC-Rome Processor
        =EPYC-v3 +amd-stibp +clwb +rdpid +umip +wbnoinvd
      EPYC-Rome-v2 | AMD 23,49,0 | d,1e | AMD EPYC-Rome Processor
        =EPYC-Rome-v1 +amd-ssbd +ibrs
      EPYC-Milan-v1 | AMD 25,1,1 | d,1e | AMD EPYC-Milan Processor
        =EPYC-Rome-v2 +erms +fsrm +invpcid +pcid +pku +svme-addr-chk
      Dhyana-v1 | Hygon 24,0,1 | d,1e | Hygon Dhyana Processor
        =EPYC-v2 -aes -pclmulqdq -sha-ni
      Dhyana-v2 | Hygon 24,0,1 | d,1e | Hygon Dhyana Processor [XSAVES]
        =Dhyana-v1 +xsaves
      Nehalem-IBRS -> Nehalem-v2
      Westmere-IBRS -> Westmere-v2
      SandyBridge-IBRS -> SandyBridge-v2
      IvyBridge-IBRS -> IvyBridge-v2
      Haswell-IBRS -> Haswell-v3
      Haswell-noTSX -> Haswell-v2
      Haswell-noTSX-IBRS -> Haswell-v4
      Broadwell-IBRS -> Broadwell-v3
      Broadwell-noTSX -> Broadwell-v2
      Broadwell-noTSX-IBRS -> Broadwell-v4
      Skylake-Client-IBRS -> Skylake-Client-v2
      Skylake-Client-noTSX-IBRS -> Skylake-Client-v3
      Skylake-Server-IBRS -> Skylake-Server-v2
      Skylake-Server-noTSX-IBRS -> Skylake-Server-v3
      Cascadelake-Server-noTSX -> Cascadelake-Server-v3
      Icelake-Server-noTSX -> Icelake-Server-v2
      EPYC-IBPB -> EPYC-v2
      """;
}
