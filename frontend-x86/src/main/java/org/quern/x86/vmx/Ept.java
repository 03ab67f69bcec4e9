package org.quern.x86.vmx;

import org.quern.x86.mem.HostMemory;
import org.quern.x86.mmu.PageWalker;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;

/**
 * The extended page tables of one guest: 4 levels, pages of 4 KiB, 2 MiB and 1 GiB, accessed and
 * dirty flags with the page-modification log, execute-only pages, execution by mode. Source: SDM
 * vol. 3C, 29.3.
 */
public final class Ept {
  private static final long READ = 1;
  private static final long WRITE = 1 << 1;
  private static final long EXECUTE = 1 << 2;

  /** Of user-mode addresses, with mode-based execute control: bit 10 of an entry. */
  private static final long EXECUTE_USER = 1 << 3;

  private static final int EXECUTE_USER_SHIFT = 10 - 3;
  private static final long ALL_RIGHTS = READ | WRITE | EXECUTE | EXECUTE_USER;
  private static final long SUPPRESS_VE = 1L << 63;
  private static final long LARGE = 1 << 7;
  private static final long ACCESSED = 1 << 8;
  private static final long DIRTY = 1 << 9;
  private static final long ADDRESS = 0x000ffffffffff000L;

  // EPTP: SDM vol. 3C, 25.6.11.
  private static final int UNCACHEABLE = 0;
  private static final int WRITE_BACK = 6;
  private static final int FOUR_LEVELS = 3 << 3;
  private static final long ACCESSED_DIRTY = 1 << 6;

  // Exit qualification: SDM vol. 3C, table 28-7.
  private static final int LINEAR_VALID = 1 << 7;
  private static final int LINEAR_TRANSLATED = 1 << 8;

  private final Cpu c;
  private long root;
  private boolean flags;
  private boolean byMode;
  private final long reservedHigh;

  /** Result: whether stores need no further check. */
  public boolean writable;

  Ept(Cpu c) {
    this.c = c;
    this.reservedHigh = ADDRESS & -(1L << c.model.physicalBits());
  }

  /** Goes over to the tables that a valid EPT pointer names. */
  Ept use(long pointer, boolean executeByMode) {
    byMode = executeByMode;
    root = root(pointer);
    flags = (pointer & ACCESSED_DIRTY) != 0;
    return this;
  }

  /** The address of the tables, by which the TLB knows them. */
  static long root(long pointer) {
    return pointer & ADDRESS;
  }

  /** Whether VM entry and INVEPT accept an EPT pointer. */
  static boolean validPointer(Vmx v, long p) {
    int type = (int) p & 7;
    return (type == UNCACHEABLE || type == WRITE_BACK)
        && (p & 0x38) == FOUR_LEVELS
        && (p & 0xf80) == 0
        && v.goodAddress(p & ~0xfffL, Vmcs.BYTES);
  }

  /**
   * Translates the address of an entry of the guest's own paging structures.
   *
   * @param linear what is being translated, or {@link #NO_LINEAR}
   */
  public long entry(long guestPhysical, long linear) {
    return translate(guestPhysical, flags ? READ | WRITE : READ, linear, false);
  }

  /** There is no linear address: the PDPTEs are being loaded. */
  public static final long NO_LINEAR = Long.MIN_VALUE + 1;

  /**
   * Translates the address that the guest's own paging gave.
   *
   * @param access as {@link PageWalker#READ} and so on
   * @param userPage whether the linear address is a user-mode address
   */
  public long access(long guestPhysical, int access, long linear, boolean userPage) {
    long want =
        switch (access) {
          case PageWalker.WRITE -> WRITE;
          case PageWalker.EXECUTE -> byMode && userPage ? EXECUTE_USER : EXECUTE;
          default -> READ;
        };
    return translate(guestPhysical, want, linear, true);
  }

  /** Translates without effects, for reports; -1 where there is no mapping. */
  public long peek(long guestPhysical) {
    long table = root;
    for (int shift = 39; ; shift -= 9) {
      long e = c.mmu.readPhysical(table + ((guestPhysical >>> shift & 511) << 3), 8);
      if (rights(e) == 0) {
        return -1;
      }
      if (shift == 12 || (shift <= 30 && (e & LARGE) != 0)) {
        long mask = (1L << shift) - 1;
        return e & ADDRESS & ~mask | guestPhysical & mask;
      }
      table = e & ADDRESS;
    }
  }

  private long rights(long e) {
    long r = e & (READ | WRITE | EXECUTE);
    return byMode ? r | e >>> EXECUTE_USER_SHIFT & EXECUTE_USER : r;
  }

  private long translate(long gpa, long want, long linear, boolean last) {
    if (gpa >>> 48 != 0) {
      throw violation(gpa, want, 0, linear, last, SUPPRESS_VE);
    }
    long table = root;
    long rights = ALL_RIGHTS;
    int shift = 39;
    while (true) {
      long at = table + ((gpa >>> shift & 511) << 3);
      long e = c.mmu.readPhysical(at, 8);
      if (rights(e) == 0) {
        throw violation(gpa, want, 0, linear, last, e);
      }
      boolean leaf = shift == 12 || (shift <= 30 && (e & LARGE) != 0);
      if (misconfigured(e, leaf, shift)) {
        throw c.nonRoot.memory.misconfiguration(gpa);
      }
      rights &= rights(e);
      if (leaf && (rights & want) != want) {
        throw violation(gpa, want, rights, linear, last, e);
      }
      boolean dirties = flags && leaf && (want & WRITE) != 0 && (e & DIRTY) == 0;
      if (dirties && c.nonRoot.memory.modificationLogFull()) {
        throw c.nonRoot.memory.modificationLogExit();
      }
      long set = !flags ? 0 : dirties ? ACCESSED | DIRTY : ACCESSED;
      if ((e & set) != set) {
        long host = c.bus.hostPage(at);
        if (host != 0
            && c.bus.hostPageWritable(at)
            && !HostMemory.compareAndSetLong(host + (at & 0xfff), e, e | set)) {
          rights = ALL_RIGHTS;
          table = root;
          shift = 39;
          continue;
        }
        e |= set;
      }
      if (dirties) {
        c.nonRoot.memory.logModification(gpa);
      }
      if (leaf) {
        long mask = (1L << shift) - 1;
        writable = (rights & WRITE) != 0 && (!flags || (e & DIRTY) != 0);
        long pa = e & ADDRESS & ~mask | gpa & mask;
        if (!last) {
          c.nonRoot.physicalAccess(pa);
        }
        return pa;
      }
      table = e & ADDRESS;
      shift -= 9;
    }
  }

  /** SDM vol. 3C, 29.3.3.1. */
  private boolean misconfigured(long e, boolean leaf, int shift) {
    if ((e & (READ | WRITE)) == WRITE || (e & reservedHigh) != 0) {
      return true;
    }
    if (!leaf) {
      return shift == 39 ? (e & 0xf8) != 0 : (e & 0x78) != 0;
    }
    int type = (int) (e >>> 3) & 7;
    boolean badType = type == 2 || type == 3 || type == 7;
    boolean badSize = shift == 30 && !c.model.has(CpuFeature.PDPE1GB);
    return badType || badSize || (e & ADDRESS & (1L << shift) - 1) != 0;
  }

  private RuntimeException violation(
      long gpa, long want, long rights, long linear, boolean last, long entry) {
    long access = want == EXECUTE_USER ? EXECUTE : want;
    int q = (int) (access | rights << 3);
    if (linear != NO_LINEAR) {
      q |= LINEAR_VALID | (last ? LINEAR_TRANSLATED : 0);
    }
    boolean convertible = (entry & SUPPRESS_VE) == 0;
    return c.nonRoot.memory.violation(q, gpa, linear == NO_LINEAR ? 0 : linear, convertible);
  }
}
