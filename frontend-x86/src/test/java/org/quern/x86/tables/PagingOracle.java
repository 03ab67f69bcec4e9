package org.quern.x86.tables;

/**
 * What the manual says of one access through the paging structures, computed from the contents of
 * the entries it uses. Source: SDM vol. 3A, 4.3 to 4.8. Shares nothing with the walker under test:
 * entries are values by level, not memory.
 */
final class PagingOracle {
  /** Paging modes with the number of their levels. PAE has three, its third not in memory. */
  enum Mode {
    LEGACY(2),
    PAE(3),
    FOUR_LEVEL(4),
    FIVE_LEVEL(5);

    final int levels;

    Mode(int levels) {
      this.levels = levels;
    }

    /** IA-32e mode, which has protection keys. */
    boolean lma() {
      return levels >= 4;
    }
  }

  /** Kinds of access: SDM vol. 3A, 4.6. Implicit ones are always supervisor-mode accesses. */
  enum Access {
    READ,
    WRITE,
    FETCH,
    IMPLICIT_READ,
    IMPLICIT_WRITE;

    boolean write() {
      return this == WRITE || this == IMPLICIT_WRITE;
    }

    boolean implicit() {
      return this == IMPLICIT_READ || this == IMPLICIT_WRITE;
    }
  }

  // Bits of an entry.
  static final long P = 1;
  static final long RW = 1 << 1;
  static final long US = 1 << 2;
  static final long A = 1 << 5;
  static final long D = 1 << 6;
  static final long PS = 1 << 7;
  static final long XD = 1L << 63;

  // ---- input

  Mode mode;

  /** Entry used at each level, by number: 1 = PTE, 2 = PDE, 3 = PDPTE, 4 = PML4E, 5 = PML5E. */
  final long[] entry = new long[6];

  Access access;
  int cpl;
  boolean wp;
  boolean smep;
  boolean smap;
  boolean ac;
  boolean nxe;
  boolean pse;
  boolean hugePages = true;
  boolean pke;
  boolean pks;

  /** Bit 2k forbids access to pages with key k, bit 2k+1 writes: user and supervisor pages. */
  int pkru;

  int pkrs;
  int physicalBits = 40;

  // ---- result

  /** Error code of the page fault, or -1. */
  int error;

  /** Level of the entry that maps the page or ended the walk. */
  int last;

  /** Bits that the access must set in each entry. */
  final long[] sets = new long[6];

  void run() {
    error = -1;
    java.util.Arrays.fill(sets, 0);
    boolean user = cpl == 3 && !access.implicit();
    boolean allRw = true;
    boolean allUs = true;
    boolean anyXd = false;
    for (last = mode.levels; ; last--) {
      long e = entry[last];
      if ((e & P) == 0) {
        error = code(0, user);
        return;
      }
      if (mode == Mode.PAE && last == 3) {
        // Table 4-8: a PDPTE has no rights, and was checked when it was loaded.
        continue;
      }
      if ((e & reserved(e)) != 0) {
        error = code(1 | 1 << 3, user);
        return;
      }
      allRw &= (e & RW) != 0;
      allUs &= (e & US) != 0;
      anyXd |= mode != Mode.LEGACY && (e & XD) != 0;
      if (mapsPage(e)) {
        break;
      }
    }
    boolean keyDenies = keyDenies(user, allUs);
    if (keyDenies || !allowed(user, allUs, allRw, anyXd)) {
      // 4.7: the flag says what the key forbids, whatever else is wrong.
      error = code(keyDenies ? 1 | 1 << 5 : 1, user);
      return;
    }
    // 4.8: accessed in all, dirty in the one that maps the page.
    for (int level = mode.levels; level >= last; level--) {
      if (mode != Mode.PAE || level != 3) {
        sets[level] = A;
      }
    }
    if (access.write()) {
      sets[last] |= D;
    }
  }

  private boolean mapsPage(long e) {
    boolean large = (e & PS) != 0;
    return switch (last) {
      case 1 -> true;
      case 2 -> large && (mode != Mode.LEGACY || pse);
      case 3 -> large && hugePages;
      default -> false;
    };
  }

  /** 4.6.1: what the address is follows from all entries, what the access is from CPL. */
  private boolean allowed(boolean user, boolean userAddress, boolean writable, boolean noExecute) {
    if (access == Access.FETCH) {
      if (user) {
        return userAddress && !noExecute;
      }
      return !noExecute && !(userAddress && smep);
    }
    if (user) {
      return userAddress && (!access.write() || writable);
    }
    // Data accesses to user pages: SMAP, unless explicit with AC.
    if (userAddress && smap && (access.implicit() || !ac)) {
      return false;
    }
    return !access.write() || writable || !wp;
  }

  /** 4.6.2: protection keys concern data accesses in IA-32e mode. */
  private boolean keyDenies(boolean user, boolean userAddress) {
    boolean on = mode.lma() && (userAddress ? pke : pks);
    if (!on || access == Access.FETCH) {
      return false;
    }
    int key = (int) (entry[last] >>> 59) & 15;
    int rights = (userAddress ? pkru : pkrs) >>> 2 * key & 3;
    boolean accessDisabled = (rights & 1) != 0;
    boolean writeDisabled = (rights & 2) != 0;
    return accessDisabled || (access.write() && writeDisabled && (wp || user));
  }

  /** Reserved bits: 4.3 (32-bit), tables 4-9 to 4-11 (PAE), 4-15 to 4-20 (4-level). */
  private long reserved(long e) {
    boolean large = (e & PS) != 0;
    if (mode == Mode.LEGACY) {
      if (last != 2 || !large || !pse) {
        return 0;
      }
      // Table 4-4: bits (M-20):13 are address bits (M-1):32, the rest up to 21 is reserved.
      int m = Math.min(physicalBits, 40);
      return bits(m - 19, 21);
    }
    long r = bits(physicalBits, mode == Mode.PAE ? 62 : 51);
    if (!nxe) {
      r |= XD;
    }
    if (!large || last == 1) {
      return r;
    }
    return switch (last) {
      case 2 -> r | bits(13, 20);
      case 3 -> hugePages ? r | bits(13, 29) : r | PS;
      default -> r | PS;
    };
  }

  /** Bits {@code low} to {@code high}, both included. */
  static long bits(int low, int high) {
    long r = 0;
    for (int b = low; b <= high; b++) {
      r |= 1L << b;
    }
    return r;
  }

  /** 4.7. */
  private int code(int base, boolean user) {
    int e = base;
    if (access.write()) {
      e |= 1 << 1;
    }
    if (user) {
      e |= 1 << 2;
    }
    boolean identifiesFetches = smep || (mode != Mode.LEGACY && nxe);
    if (access == Access.FETCH && identifiesFetches) {
      e |= 1 << 4;
    }
    return e;
  }
}
