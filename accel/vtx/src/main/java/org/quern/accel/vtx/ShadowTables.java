package org.quern.accel.vtx;

import java.util.BitSet;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.mmu.PageWalker;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * The shadow page tables of one virtual processor: from linear to host-physical addresses, filled
 * by page faults from what a walk of the guest's own tables gives, and emptied where the guest must
 * empty its TLB. So they are a large TLB, which the architecture allows to be stale exactly where
 * this one may be, and the guest's tables need no write protection (ADR 0009). A page is writable
 * here only once its dirty flag is set there.
 *
 * <p>Two roots: four levels for a guest in IA-32e mode, PAE for any other, paged or not. Pages of
 * the guest of 2 MiB and more are pages of 2 MiB here where the machine's memory allows it. Source:
 * SDM vol. 3C, 33.3 (a VMM's virtual TLB).
 */
final class ShadowTables {
  private static final long P = 1;
  private static final long RW = PageWalker.RIGHT_WRITE;
  private static final long US = PageWalker.RIGHT_USER;
  private static final int NXE_TO_NX = 63 - 11;
  private static final long ACCESSED_DIRTY = 3 << 5;
  private static final long PS = 1 << 7;
  private static final long ADDRESS = 0x000ffffffffff000L;
  private static final long LARGE_BYTES = 1 << 21;

  /** Leaf entries known by their address; when more are filled, all are emptied. */
  private static final int LEAVES = 1 << 16;

  /** Tables at most. */
  private static final int TABLES = 2048;

  private static final int REGIONS = 1024;

  /** Outcomes of {@link #fault}. */
  enum Outcome {
    /** The page is mapped now. */
    MAPPED,
    /** The guest's own tables forbid the access: {@link #error} is its error code. */
    GUEST_FAULT,
    /** There is no memory, or it cannot be mapped as the access wants it. */
    EMULATE
  }

  private final PrivateMemory memory;
  private final Cpu guest;
  private final long wideRoot;
  private final long paeRoot;

  /** The page directories of the PAE root. */
  private final long[] directories = new long[4];

  /** Tables in use or free; the first {@link #tablesUsed} are in use. */
  private final long[] tables = new long[TABLES];

  private int tableCount;
  private int tablesUsed;

  /** Addresses of leaf entries that may be in use; global mappings and others. */
  private final long[] globals = new long[LEAVES];

  private final long[] locals = new long[LEAVES];
  private int globalCount;
  private int localCount;

  /**
   * Where pages of the guest are cut into smaller ones here, by 2 MiB and by GiB, modulo 1,024:
   * INVLPG there must empty more than one entry.
   */
  private final BitSet cutRegions = new BitSet(REGIONS);

  private final BitSet cutGigabytes = new BitSet(REGIONS);

  /** Error code of {@link Outcome#GUEST_FAULT}. */
  private int error;

  /**
   * Empty tables.
   *
   * @param pdpt 32 bytes of private memory below 4 GiB
   */
  ShadowTables(PrivateMemory memory, Cpu guest, long pdpt) {
    this.memory = memory;
    this.guest = guest;
    this.wideRoot = memory.page();
    this.paeRoot = pdpt;
    for (int n = 0; n < 4; n++) {
      directories[n] = memory.page();
      memory.write64(pdpt + 8L * n, directories[n] | P);
    }
  }

  private boolean wide() {
    return (guest.efer & Cr.EFER_LMA) != 0;
  }

  /** What CR3 of the hardware is. */
  long root() {
    return wide() ? wideRoot : paeRoot;
  }

  int error() {
    return error;
  }

  // ---- filling

  /**
   * Handles a page fault.
   *
   * @param code the error code that the hardware gave
   */
  Outcome fault(long linear, int code) {
    boolean store = (code & PageWalker.PF_WRITE) != 0;
    boolean user = (code & PageWalker.PF_USER) != 0;
    boolean fetch = (code & PageWalker.PF_FETCH) != 0;
    int access = store ? PageWalker.WRITE : fetch ? PageWalker.EXECUTE : PageWalker.READ;
    try {
      guest.mmu.walkAs(linear, access, user);
    } catch (GuestFault f) {
      error = f.errorCode;
      return Outcome.GUEST_FAULT;
    }
    PageWalker w = guest.mmu.walker;
    long physical = w.physical;
    boolean writable = guest.bus.hostPageWritable(physical);
    if (guest.bus.hostPage(physical) == 0 || (store && !writable)) {
      return Outcome.EMULATE;
    }
    long rights = w.rights;
    if (!w.writable || !writable) {
      rights &= ~RW;
    }
    if (store && (w.rights & RW) == 0) {
      // CR0.WP is clear: the supervisor may write, and nobody else may get in this way.
      rights = rights & ~US | RW;
      if ((guest.cr4 & Cr.CR4_SMEP) != 0 && (w.rights & US) != 0) {
        rights |= (guest.efer & Cr.EFER_NXE) << NXE_TO_NX;
      }
    }
    boolean large = w.pageSize >= LARGE_BYTES && alike(physical);
    boolean changed = fill(linear, physical, rights, w.global, large);
    if (w.pageSize > LARGE_BYTES) {
      cutGigabytes.set((int) (linear >>> 30) & REGIONS - 1);
    } else if (w.pageSize == LARGE_BYTES) {
      cutRegions.set((int) (linear >>> 21) & REGIONS - 1);
    }
    return changed ? Outcome.MAPPED : Outcome.EMULATE;
  }

  /** Whether the machine has 2 MiB of writable memory around an address. */
  private boolean alike(long physical) {
    long start = physical & -LARGE_BYTES;
    return guest.bus.hostPage(start) != 0
        && guest.bus.hostPageWritable(start)
        && guest.bus.hostRun(start) >= LARGE_BYTES;
  }

  private boolean fill(long linear, long physical, long rights, boolean global, boolean large) {
    if (globalCount == LEAVES || localCount == LEAVES || tablesUsed > TABLES - 4) {
      flushAll();
    }
    long table = wide() ? wideRoot : directories[(int) (linear >>> 30) & 3];
    int shift = wide() ? 39 : 21;
    long at;
    while (true) {
      at = table + ((linear >>> shift & 511) << 3);
      long e = memory.read64(at);
      boolean leaf = shift == 12 || (shift == 21 && large && ((e & P) == 0 || (e & PS) != 0));
      if (leaf) {
        break;
      }
      if ((e & P) == 0 || (shift == 21 && (e & PS) != 0)) {
        e = table() | P | RW | US;
        memory.write64(at, e);
      }
      table = e & ADDRESS;
      shift -= 9;
    }
    long page = shift == 21 ? physical & -LARGE_BYTES | PS : physical & ADDRESS;
    long e = page | P | ACCESSED_DIRTY | rights;
    if (memory.read64(at) == e) {
      return false;
    }
    memory.write64(at, e);
    if (global) {
      globals[globalCount++] = at;
    } else {
      locals[localCount++] = at;
    }
    return true;
  }

  private long table() {
    if (tablesUsed == tableCount) {
      tables[tableCount++] = memory.page();
    }
    long t = tables[tablesUsed++];
    memory.fill(t, 0);
    return t;
  }

  // ---- emptying

  /** The guest has loaded CR3: all but global mappings go. */
  void flushNonGlobal() {
    for (int n = 0; n < localCount; n++) {
      memory.write64(locals[n], 0);
    }
    localCount = 0;
  }

  /** Everything goes, tables too. */
  void flushAll() {
    globalCount = 0;
    localCount = 0;
    tablesUsed = 0;
    cutRegions.clear();
    cutGigabytes.clear();
    memory.fill(wideRoot, 0);
    for (long d : directories) {
      memory.fill(d, 0);
    }
  }

  /** INVLPG. */
  void flushPage(long linear) {
    if (cutRegions.get((int) (linear >>> 21) & REGIONS - 1)
        || cutGigabytes.get((int) (linear >>> 30) & REGIONS - 1)) {
      flushAll();
      return;
    }
    long table = wide() ? wideRoot : directories[(int) (linear >>> 30) & 3];
    for (int shift = wide() ? 39 : 21; ; shift -= 9) {
      long at = table + ((linear >>> shift & 511) << 3);
      long e = memory.read64(at);
      if ((e & P) == 0) {
        return;
      }
      if (shift == 12 || (shift == 21 && (e & PS) != 0)) {
        memory.write64(at, 0);
        return;
      }
      table = e & ADDRESS;
    }
  }
}
