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
  private static final int HYPERVISOR = 0x40000000;
  private static final String HYPERVISOR_SIGNATURE = "QuernQuernQu";

  /**
   * Frequency of the core crystal clock in leaf 15h, in Hz. Linux takes it for the frequency of the
   * local APIC timer, so it must be that.
   */
  public static final long CRYSTAL_HZ = 1_000_000_000L;

  /** Leaf 7 ECX: CR4.PKE is set. */
  private static final int OSPKE = 1 << 4;

  private Cpuid() {}

  static Handler of(Mnemonic m) {
    return m == Mnemonic.CPUID ? Cpuid::cpuid : null;
  }

  static void cpuid(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      throw c.nonRoot.always(i);
    }
    answer(c, (int) c.gpr[Reg.RAX], (int) c.gpr[Reg.RCX]);
  }

  /** Loads EAX to EDX with what a processor in the state of {@code c} says of itself. */
  public static void answer(Cpu c, int leaf, int sub) {
    set(c, 0, 0, 0, 0);
    if ((leaf & 0xffffff00) == HYPERVISOR && c.model.has(CpuFeature.HYPERVISOR)) {
      String s = HYPERVISOR_SIGNATURE;
      if (leaf == HYPERVISOR) {
        set(c, HYPERVISOR, ascii(s, 0), ascii(s, 4), ascii(s, 8));
      }
    } else if (leaf < 0 && Integer.compareUnsigned(leaf, c.model.lastExtended()) <= 0) {
      extended(c, leaf, sub);
    } else if (leaf >= 0 && leaf <= lastBasic(c)) {
      basic(c, leaf, sub);
    } else if (!c.model.amd()) {
      // Beyond the last leaf Intel's processors answer with the last basic one, AMD's with zeros.
      basic(c, lastBasic(c), sub);
    }
  }

  private static int lastBasic(Cpu c) {
    int last = c.model.lastBasic();
    return c.msr.limitsCpuid() ? Math.min(last, 2) : last;
  }

  private static void set(Cpu c, int a, int b, int cx, int d) {
    c.setGpr32(Reg.RAX, a);
    c.setGpr32(Reg.RBX, b);
    c.setGpr32(Reg.RCX, cx);
    c.setGpr32(Reg.RDX, d);
  }

  private static void basic(Cpu c, int leaf, int sub) {
    CpuModel m = c.model;
    switch (leaf) {
      case 0 ->
          set(c, lastBasic(c), ascii(m.vendor(), 0), ascii(m.vendor(), 8), ascii(m.vendor(), 4));
      case 1 -> features(c);
      case 2 -> {
        if (!m.amd()) {
          set(
              c,
              CpuidCaches.DESCRIPTORS_EAX,
              0,
              CpuidCaches.DESCRIPTORS_ECX,
              CpuidCaches.DESCRIPTORS_EDX);
        }
      }
      case 4 -> {
        if (!m.amd()) {
          cache(c, sub, (1 << idBits(m.processors())) - 1 << 26);
        }
      }
      case 5 -> monitor(c);
      case 6 -> set(c, word(c, 6, 0, 'a'), 0, 0, 0);
      case 7 -> {
        int eax = sub == 0 ? lastSubleaf(m) : word(c, 7, sub, 'a');
        set(c, eax, word(c, 7, sub, 'b'), structured(c, sub), word(c, 7, sub, 'd'));
      }
      case 0xb -> topology(c, sub);
      case 0xd -> extendedState(c, sub);
      case 0x15 -> crystal(c);
      case 0x16 -> {
        int mhz = (int) (c.time.tscFrequency() / 1_000_000);
        set(c, mhz, mhz, 100, 0);
      }
      default -> {
        // 3, 8 to 0Ah, 0Ch, 0Eh to 14h: nothing to report.
      }
    }
  }

  /** The last subleaf of leaf 7. */
  private static int lastSubleaf(CpuModel m) {
    int last = 0;
    for (CpuFeature f : m.features()) {
      last = f.leaf == 7 ? Math.max(last, f.subleaf) : last;
    }
    return last;
  }

  /** ECX of leaf 7; in subleaf 0, OSPKE follows CR4. */
  private static int structured(Cpu c, int sub) {
    boolean ospke = sub == 0 && (c.cr4 & Cr.CR4_PKE) != 0;
    return word(c, 7, sub, 'c') | (ospke ? OSPKE : 0);
  }

  /** Ranges of a line; MWAIT takes extensions and may be ended by interrupts that are off. */
  private static void monitor(Cpu c) {
    if (c.model.has(CpuFeature.MONITOR)) {
      set(c, 64, 64, 3, 0);
    }
  }

  /** The feature bits of the model in one register of one leaf. */
  private static int word(Cpu c, int leaf, int sub, char register) {
    return c.model.cpuidWord(leaf, sub, register);
  }

  private static void features(Cpu c) {
    int cpus = c.model.processors();
    int ids = Math.min(1 << idBits(cpus), 0xff);
    int lines = c.model.has(CpuFeature.CLFLUSH) ? 8 << 8 : 0;
    int ebx = c.index << 24 | ids << 16 | lines;
    int ecx = word(c, 1, 0, 'c');
    if (!c.msr.monitorOn()) {
      ecx &= ~(1 << CpuFeature.MONITOR.bit);
    }
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

  /** Leaf 4 and, with no {@code cores}, AMD's leaf 8000001Dh. */
  private static void cache(Cpu c, int n, int cores) {
    CpuModel m = c.model;
    int type = CpuidCaches.type(m, n, 1 << idBits(m.processors()));
    if (type != 0) {
      set(
          c,
          type | cores,
          CpuidCaches.shape(m, n),
          CpuidCaches.sets(m, n),
          CpuidCaches.flags(m, n));
    }
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
    long user = StateComponents.user(c.model);
    long supervisor = StateComponents.supervisor();
    if (sub == 0) {
      int now = StateComponents.standardSize(c.xcr0);
      set(c, (int) user, now, StateComponents.standardSize(user), (int) (user >>> 32));
    } else if (sub == 1) {
      boolean compacts = c.model.has(CpuFeature.XSAVEC) || c.model.has(CpuFeature.XSAVES);
      int now = compacts ? StateComponents.compactedSize(c.xcr0 | c.msr.xss) : 0;
      set(c, word(c, 0xd, 1, 'a'), now, (int) supervisor, (int) (supervisor >>> 32));
    } else if (sub > 0 && sub < 64 && ((user | supervisor) >>> sub & 1) != 0) {
      set(c, StateComponents.size(sub), StateComponents.standardOffset(sub), 0, 0);
    }
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

  private static void extended(Cpu c, int leaf, int sub) {
    CpuModel m = c.model;
    switch (leaf) {
      case 0x80000000 -> {
        String v = m.vendor();
        set(c, m.lastExtended(), ascii(v, 0), ascii(v, 8), ascii(v, 4));
      }
      case 0x80000001 -> extendedFeatures(c);
      case 0x80000002, 0x80000003, 0x80000004 -> {
        String b = m.brand();
        int at = (leaf - 0x80000002) * 16;
        set(c, ascii(b, at), ascii(b, at + 4), ascii(b, at + 8), ascii(b, at + 12));
      }
      case 0x80000005 -> {
        if (m.amd()) {
          int tlb = CpuidCaches.TLB_LARGE;
          int small = CpuidCaches.TLB_SMALL;
          set(c, tlb, small, CpuidCaches.firstLevel(m, 0), CpuidCaches.firstLevel(m, 1));
        }
      }
      case 0x80000006 -> {
        int tlb = m.amd() ? CpuidCaches.TLB_SECOND : 0;
        set(c, 0, tlb, CpuidCaches.secondLevel(m), m.amd() ? CpuidCaches.thirdLevel(m) : 0);
      }
      case 0x80000007 -> set(c, 0, 0, 0, word(c, leaf, 0, 'd'));
      case 0x80000008 -> {
        int linear = m.has(CpuFeature.LM) ? 64 - c.widestShift : 32;
        int cores = m.amd() ? m.processors() - 1 : 0;
        set(c, m.physicalBits() | linear << 8, word(c, leaf, 0, 'b'), cores, 0);
      }
      case 0x8000000a -> set(c, 0, 0, 0, word(c, leaf, 0, 'd'));
      case 0x8000001d -> cache(c, sub, 0);
      // Topology: the processor, its core, one node.
      case 0x8000001e -> set(c, c.index, c.index & 0xff, 0, 0);
      default -> {
        // Nothing to report.
      }
    }
  }

  private static void extendedFeatures(Cpu c) {
    CpuModel m = c.model;
    int ecx = word(c, 0x80000001, 0, 'c');
    int edx = word(c, 0x80000001, 0, 'd');
    if (m.amd()) {
      edx |= word(c, 1, 0, 'd') & AMD_DUPLICATED;
      ecx |= m.processors() > 1 ? 1 << CpuFeature.CMP_LEGACY.bit : 0;
    } else if (!c.longMode) {
      // Intel has SYSCALL in 64-bit mode only and says so.
      edx &= ~(1 << CpuFeature.SYSCALL.bit);
    }
    if (c.msr.executeDisableOff()) {
      edx &= ~(1 << CpuFeature.NX.bit);
    }
    set(c, m.signature(), 0, ecx, edx);
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
