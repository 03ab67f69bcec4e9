package org.quern.x86.semantics;

import org.quern.x86.bus.LocalInterrupts;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;

/**
 * CPUID: everything is derived from the {@link CpuModel}, so that it lists what works and nothing
 * else. Topology: one package with as many cores as there are processors, one thread each. Source:
 * SDM vol. 2A, CPUID; AMD APM vol. 3, appendix E, for the extended leaves.
 */
public final class Cpuid {
  private static final int MAX_BASIC = 0x16;
  private static final int MAX_EXTENDED = 0x80000008;
  private static final int HYPERVISOR = 0x40000000;
  private static final String HYPERVISOR_SIGNATURE = "QuernQuernQu";
  private static final int LINEAR_BITS = 48;

  /**
   * Frequency of the core crystal clock in leaf 15h, in Hz. Linux takes it for the frequency of the
   * local APIC timer, so it must be that.
   */
  public static final long CRYSTAL_HZ = 1_000_000_000L;

  /** XSAVE area: legacy region and header, then the upper halves of YMM. */
  private static final int XSAVE_BASE = 512 + 64;

  private static final int XSAVE_YMM = 256;

  private Cpuid() {}

  static Handler of(Mnemonic m) {
    return m == Mnemonic.CPUID ? Cpuid::cpuid : null;
  }

  static void cpuid(Cpu c, Insn i) {
    int leaf = (int) c.gpr[Reg.RAX];
    int sub = (int) c.gpr[Reg.RCX];
    set(c, 0, 0, 0, 0);
    if (leaf == HYPERVISOR && c.model.has(CpuFeature.HYPERVISOR)) {
      String s = HYPERVISOR_SIGNATURE;
      set(c, HYPERVISOR, ascii(s, 0), ascii(s, 4), ascii(s, 8));
    } else if (leaf < 0) {
      extended(c, leaf);
    } else {
      // Beyond the last basic leaf Intel's processors answer with the last one.
      boolean beyond = leaf > MAX_BASIC && (leaf & 0xff000000) != HYPERVISOR;
      basic(c, beyond ? MAX_BASIC : leaf, sub);
    }
  }

  private static void set(Cpu c, int a, int b, int cx, int d) {
    c.setGpr32(Reg.RAX, a);
    c.setGpr32(Reg.RBX, b);
    c.setGpr32(Reg.RCX, cx);
    c.setGpr32(Reg.RDX, d);
  }

  private static void basic(Cpu c, int leaf, int sub) {
    String vendor = c.model.vendor();
    switch (leaf) {
      case 0 -> set(c, MAX_BASIC, ascii(vendor, 0), ascii(vendor, 8), ascii(vendor, 4));
      case 1 -> features(c);
      // One round; the caches are in leaf 4.
      case 2 -> set(c, 0xff01, 0, 0, 0);
      case 4 -> caches(c, sub);
      // ARAT: the local APIC timer never stops.
      case 6 -> set(c, c.model.has(CpuFeature.APIC) ? 4 : 0, 0, 0, 0);
      case 7 -> {
        int subleaves = c.model.has(CpuFeature.BHI_CTRL) ? 2 : 0;
        int eax = sub == 0 ? subleaves : word(c, 7, sub, 'a');
        set(c, eax, word(c, 7, sub, 'b'), word(c, 7, sub, 'c'), word(c, 7, sub, 'd'));
      }
      case 0xb -> topology(c, sub);
      case 0xd -> extendedState(c, sub);
      case 0x15 -> crystal(c);
      case 0x16 -> {
        int mhz = (int) (c.time.tscFrequency() / 1_000_000);
        set(c, mhz, mhz, 100, 0);
      }
      default -> {
        // 3, 5, 8 to 0Ah, 0Ch, 0Eh to 14h: nothing to report.
      }
    }
  }

  /** The feature bits of the model in one register of one leaf. */
  private static int word(Cpu c, int leaf, int sub, char register) {
    return c.model.cpuidWord(leaf, sub, register);
  }

  private static void features(Cpu c) {
    int cpus = c.model.processors();
    int ids = 1 << idBits(cpus);
    int ebx = c.index << 24 | ids << 16 | 8 << 8;
    int ecx = word(c, 1, 0, 'c');
    if ((c.cr4 & Cr.CR4_OSXSAVE) != 0) {
      ecx |= 1 << 27;
    }
    int edx = word(c, 1, 0, 'd');
    if (cpus > 1) {
      edx |= 1 << CpuFeature.HT.bit;
    }
    if (!apicEnabled(c)) {
      edx &= ~(1 << CpuFeature.APIC.bit);
    }
    set(c, c.model.signature(), ebx, ecx, edx);
  }

  /** Bit 11 of IA32_APIC_BASE: a disabled APIC is not reported. */
  private static boolean apicEnabled(Cpu c) {
    try {
      return (c.interrupts.readMsr(0x1b) & 1 << 11) != 0;
    } catch (LocalInterrupts.InvalidMsrAccess e) {
      return false;
    }
  }

  /** Bits that number {@code cpus} processors. */
  private static int idBits(int cpus) {
    return 32 - Integer.numberOfLeadingZeros(cpus - 1);
  }

  private static void caches(Cpu c, int sub) {
    int cores = (1 << idBits(c.model.processors())) - 1;
    switch (sub) {
      case 0 -> cache(c, 1, 1, 8, 64, 0, cores);
      case 1 -> cache(c, 2, 1, 8, 64, 0, cores);
      case 2 -> cache(c, 3, 2, 16, 1024, 0, cores);
      case 3 -> cache(c, 3, 3, 16, 4096, cores, cores);
      default -> {
        // No more caches: type 0.
      }
    }
  }

  /** Leaf 4: type 1 data, 2 instruction, 3 unified; lines of 64 bytes. */
  private static void cache(
      Cpu c, int type, int level, int ways, int sets, int sharing, int cores) {
    int eax = type | level << 5 | 1 << 8 | sharing << 14 | cores << 26;
    set(c, eax, ways - 1 << 22 | 63, sets - 1, 0);
  }

  private static void topology(Cpu c, int sub) {
    int cpus = c.model.processors();
    switch (sub) {
      case 0 -> set(c, 0, 1, 1 << 8, c.index);
      case 1 -> set(c, idBits(cpus), cpus, 2 << 8 | 1, c.index);
      default -> set(c, 0, 0, sub & 0xff, c.index);
    }
  }

  private static void extendedState(Cpu c, int sub) {
    if (!c.model.has(CpuFeature.XSAVE)) {
      return;
    }
    long supported = SystemInsns.xcr0Supported(c);
    switch (sub) {
      case 0 -> set(c, (int) supported, xsaveSize(c.xcr0), xsaveSize(supported), 0);
      case 1 -> set(c, word(c, 0xd, 1, 'a'), 0, 0, 0);
      case 2 -> {
        if ((supported & 4) != 0) {
          set(c, XSAVE_YMM, XSAVE_BASE, 0, 0);
        }
      }
      default -> {
        // No further components.
      }
    }
  }

  private static int xsaveSize(long components) {
    return (components & 4) != 0 ? XSAVE_BASE + XSAVE_YMM : XSAVE_BASE;
  }

  /** TSC frequency = crystal * EBX / EAX, exactly. */
  private static void crystal(Cpu c) {
    long hz = c.time.tscFrequency();
    long g = gcd(hz, CRYSTAL_HZ);
    set(c, (int) (CRYSTAL_HZ / g), (int) (hz / g), (int) CRYSTAL_HZ, 0);
  }

  private static long gcd(long a, long b) {
    while (b != 0) {
      long t = a % b;
      a = b;
      b = t;
    }
    return a;
  }

  private static void extended(Cpu c, int leaf) {
    CpuModel model = c.model;
    switch (leaf) {
      case 0x80000000 -> {
        String v = model.vendor();
        set(c, MAX_EXTENDED, ascii(v, 0), ascii(v, 8), ascii(v, 4));
      }
      case 0x80000001 -> {
        int edx = word(c, leaf, 0, 'd');
        if (model.vendor().equals("GenuineIntel")) {
          // Intel has SYSCALL in 64-bit mode only and says so.
          if (!c.longMode) {
            edx &= ~(1 << CpuFeature.SYSCALL.bit);
          }
        } else {
          edx |= word(c, 1, 0, 'd') & AMD_DUPLICATED;
        }
        set(c, model.signature(), 0, word(c, leaf, 0, 'c'), edx);
      }
      case 0x80000002, 0x80000003, 0x80000004 -> {
        String b = model.brand();
        int at = (leaf - 0x80000002) * 16;
        set(c, ascii(b, at), ascii(b, at + 4), ascii(b, at + 8), ascii(b, at + 12));
      }
      // 1 MiB of second-level cache, 16 ways, lines of 64 bytes.
      case 0x80000006 -> set(c, 0, 0, 1024 << 16 | 8 << 12 | 64, 0);
      case 0x80000007 -> set(c, 0, 0, 0, word(c, leaf, 0, 'd'));
      case 0x80000008 -> {
        int cores = model.vendor().equals("AuthenticAMD") ? model.processors() - 1 : 0;
        set(c, model.physicalBits() | LINEAR_BITS << 8, 0, cores, 0);
      }
      default -> {
        // 0x80000005 is AMD's, and beyond the last leaf there is nothing.
      }
    }
  }

  /** Bits of leaf 1 EDX that AMD repeats in leaf 80000001h. */
  private static final int AMD_DUPLICATED = 0x0183f3ff;

  /** Four characters, little-endian; zero beyond the end. */
  private static int ascii(String s, int at) {
    int v = 0;
    for (int i = 3; i >= 0; i--) {
      v = v << 8 | (at + i < s.length() ? s.charAt(at + i) & 0xff : 0);
    }
    return v;
  }
}
