package org.quern.x86.semantics;

import org.quern.x86.state.CpuModel;

/**
 * The caches CPUID tells of: leaves 2 and 4 (Intel), 80000005h, 80000006h and 8000001Dh (AMD). They
 * are made up, as everything is served by the host's; the sizes are those of QEMU 7.2's models.
 * Lines have 64 bytes. Sources: SDM vol. 2A, CPUID, table 3-12; AMD APM vol. 3, appendix E.
 */
final class CpuidCaches {
  private static final int LINE = 64;

  // Leaf 2: one round; 32 KiB of data, 32 KiB of instructions, 2 MiB of second level, 16 MiB of
  // third level
  static final int DESCRIPTORS_EAX = 1;
  static final int DESCRIPTORS_ECX = 0x4d;
  static final int DESCRIPTORS_EDX = 0x2c307d;

  // Leaves 80000005h and 80000006h: all-ones TLBs of the first level, none or 4-way ones of the
  // second
  static final int TLB_LARGE = 0x01ff01ff;
  static final int TLB_SMALL = 0x01ff01ff;
  static final int TLB_SECOND = 0x42004200;

  /**
   * One cache.
   *
   * @param type 1 data, 2 instruction, 3 unified
   * @param shared whether all processors share it
   */
  private record Cache(int type, int level, int ways, int sets, boolean shared) {
    int kilobytes() {
      return ways * sets * LINE >> 10;
    }
  }

  private static final Cache[] INTEL = {
    new Cache(1, 1, 8, 64, false),
    new Cache(2, 1, 8, 64, false),
    new Cache(3, 2, 16, 4096, false),
    new Cache(3, 3, 16, 16384, true)
  };

  private static final Cache[] OPTERON = {
    new Cache(1, 1, 2, 512, false),
    new Cache(2, 1, 2, 512, false),
    new Cache(3, 2, 16, 512, false),
    new Cache(3, 3, 16, 16384, true)
  };

  private static final Cache[] ZEN = {
    new Cache(1, 1, 8, 64, false),
    new Cache(2, 1, 4, 256, false),
    new Cache(3, 2, 8, 1024, false),
    new Cache(3, 3, 16, 8192, true)
  };

  private static final int ZEN_FAMILY = 23;

  private CpuidCaches() {}

  private static Cache[] of(CpuModel m) {
    if (!m.amd()) {
      return INTEL;
    }
    return m.family() < ZEN_FAMILY ? OPTERON : ZEN;
  }

  private static Cache cache(CpuModel m, int n) {
    Cache[] all = of(m);
    return n >= 0 && n < all.length ? all[n] : null;
  }

  /** EAX of leaf 4 or 8000001Dh for cache {@code n}; 0 if there is no such cache. */
  static int type(CpuModel m, int n, int sharers) {
    Cache c = cache(m, n);
    return c == null ? 0 : c.type | c.level << 5 | 1 << 8 | (c.shared ? sharers - 1 << 14 : 0);
  }

  /** EBX of leaf 4 or 8000001Dh. */
  static int shape(CpuModel m, int n) {
    Cache c = cache(m, n);
    return c == null ? 0 : c.ways - 1 << 22 | LINE - 1;
  }

  /** ECX of leaf 4 or 8000001Dh: sets less one. */
  static int sets(CpuModel m, int n) {
    Cache c = cache(m, n);
    return c == null ? 0 : c.sets - 1;
  }

  /**
   * EDX of leaf 4 or 8000001Dh: WBINVD reaches one processor's caches only; the last level holds
   * what the others do and is indexed in a complex way.
   */
  static int flags(CpuModel m, int n) {
    Cache c = cache(m, n);
    return c == null ? 0 : c.shared ? 6 : 1;
  }

  /** ECX ({@code n} 0) or EDX (1) of leaf 80000005h. */
  static int firstLevel(CpuModel m, int n) {
    Cache c = of(m)[n];
    return c.kilobytes() << 24 | c.ways << 16 | 1 << 8 | LINE;
  }

  /** ECX of leaf 80000006h. */
  static int secondLevel(CpuModel m) {
    Cache c = of(m)[2];
    return c.kilobytes() << 16 | associativity(c.ways) << 12 | 1 << 8 | LINE;
  }

  /** EDX of leaf 80000006h: the size in units of 512 KiB. */
  static int thirdLevel(CpuModel m) {
    Cache c = of(m)[3];
    return c.kilobytes() / 512 << 18 | associativity(c.ways) << 12 | 1 << 8 | LINE;
  }

  /** AMD's code for a number of ways. */
  private static int associativity(int ways) {
    return ways == 16 ? 8 : 6;
  }
}
