package org.quern.x86.mmu;

import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuFeature;
import org.quern.x86.state.Cr;
import org.quern.x86.vmx.Ept;

/**
 * Walks the guest's page tables: 32-bit, PAE, 4-level and 5-level paging with all page sizes,
 * permissions, protection keys, reserved bits, accessed and dirty flags. Source: SDM vol. 3A,
 * chapter 4.
 *
 * <p>Owned by one processor. A walk leaves its outcome in the public fields.
 */
public final class PageWalker {
  /** What an access wants to do. */
  public static final int READ = 0;

  public static final int WRITE = 1;
  public static final int EXECUTE = 2;

  // Page-fault error code bits: SDM vol. 3A, figure 4-12.
  public static final int PF_PRESENT = 1;
  public static final int PF_WRITE = 1 << 1;
  public static final int PF_USER = 1 << 2;
  public static final int PF_RESERVED = 1 << 3;
  public static final int PF_FETCH = 1 << 4;
  public static final int PF_KEY = 1 << 5;

  /** Added to the key of a supervisor page in {@link #protectionKey}. */
  static final int SUPERVISOR_KEY = 16;

  // What PKRU and PKRS forbid for a key
  private static final int KEY_ACCESS = 1;
  private static final int KEY_WRITE = 2;

  private static final long P = 1;
  private static final long RW = 1 << 1;
  private static final long US = 1 << 2;
  private static final long A = 1 << 5;
  private static final long D = 1 << 6;
  private static final long PS = 1 << 7;
  private static final long G = 1 << 8;
  private static final long NX = 1L << 63;

  private final Cpu c;
  private final GuestBus bus;

  /** What guest-physical addresses mean in VMX non-root operation with EPT; null otherwise. */
  public Ept ept;

  /** PDPTE registers of PAE paging, loaded with CR3. */
  public final long[] pdpte = new long[4];

  /** Bits above the physical address width, reserved in every entry. */
  private final long reservedHigh;

  private final boolean hugePages;

  /** What is left of an address without paging. */
  private final long unpaged;

  /** Bits of a 4 MiB PDE that must be 0: the address bits 32 and up are there with PSE-36 only. */
  private final long reservedLarge;

  /** Result: physical address of the byte that was asked for. */
  public long physical;

  /** Result: all entries give user mode access, or there is no paging. */
  private boolean userPage;

  /** Result: the mapping is global. */
  public boolean global;

  /**
   * Result: what all tables on the way allow, as bits of an entry: {@link #RIGHT_WRITE}, {@link
   * #RIGHT_USER} and {@link #RIGHT_NO_EXECUTE}, which also is 0 where EFER.NXE is.
   */
  public long rights;

  public static final long RIGHT_WRITE = 1 << 1;
  public static final long RIGHT_USER = 1 << 2;
  public static final long RIGHT_NO_EXECUTE = 1L << 63;

  /** Result: a write through this mapping needs no further check (writable and dirty). */
  public boolean writable;

  /**
   * Result: the protection key of the page, plus {@link #SUPERVISOR_KEY} if it is a supervisor
   * page; 0 where there are none.
   */
  int protectionKey;

  /** Result: linear size of the page, 4 KiB to 1 GiB. */
  public long pageSize;

  PageWalker(Cpu c) {
    this.c = c;
    this.bus = c.bus;
    this.reservedHigh = 0x000fffffffffffffL & -(1L << c.model.physicalBits());
    this.unpaged = (1L << c.model.generation().addressLines()) - 1;
    this.reservedLarge = c.model.has(CpuFeature.PSE36) ? 1 << 21 : 0x3fe000;
    this.hugePages = c.model.has(CpuFeature.PDPE1GB);
  }

  /** Whether the processor is in PAE paging, the one form that keeps PDPTE registers. */
  public static boolean usesPdptes(Cpu c) {
    return (c.cr0 & Cr.CR0_PG) != 0 && (c.cr4 & Cr.CR4_PAE) != 0 && (c.efer & Cr.EFER_LMA) == 0;
  }

  /**
   * Loads the PDPTE registers from CR3.
   *
   * @return false if a present one has reserved bits set: the load of CR3 is then #GP(0) and
   *     nothing has changed
   */
  public boolean loadPdptes(long cr3) {
    long table = cr3 & 0xffffffe0L;
    long[] read = new long[4];
    for (int i = 0; i < 4; i++) {
      long at = table + 8L * i;
      long e = physicalRead64(ept == null ? at : ept.entry(at, Ept.NO_LINEAR));
      if ((e & P) != 0 && (e & (reservedHigh | 0xfff0000000000000L | 0x1e6)) != 0) {
        return false;
      }
      read[i] = e;
    }
    System.arraycopy(read, 0, pdpte, 0, 4);
    return true;
  }

  /**
   * Translates; raises #PF where the tables do not allow the access.
   *
   * @param linear a canonical linear address
   * @param access {@link #READ}, {@link #WRITE} or {@link #EXECUTE}
   * @param user whether the access has user privilege
   * @param smap whether SMAP forbids supervisor data accesses to user pages
   */
  void walk(long linear, int access, boolean user, boolean smap) {
    if ((c.cr0 & Cr.CR0_PG) == 0) {
      physical = linear & unpaged;
      global = false;
      writable = true;
      rights = RW | US;
      protectionKey = 0;
      pageSize = 4096;
      userPage = true;
      extend(linear, access);
      return;
    }
    int error = translate(linear, access, user, smap, true);
    if (error >= 0) {
      throw c.fault.setPageFault(linear, error);
    }
    extend(linear, access);
  }

  /**
   * Translates without touching guest state, for debuggers and reports.
   *
   * @return the physical address, or -1 if not mapped
   */
  public long probe(long linear) {
    if ((c.cr0 & Cr.CR0_PG) == 0) {
      return probeExtended(linear & unpaged);
    }
    return translate(linear, READ, false, false, false) >= 0 ? -1 : probeExtended(physical);
  }

  /** Returns the error code, or -1 on success with the result fields set. */
  private int translate(long linear, int access, boolean user, boolean smap, boolean update) {
    if ((c.cr4 & Cr.CR4_PAE) == 0) {
      return legacy(linear, access, user, smap, update);
    }
    boolean nxe = (c.efer & Cr.EFER_NXE) != 0;
    long reserved = reservedHigh | (nxe ? 0 : NX);
    long flags = RW | US;
    long nx = 0;
    long table;
    int shift;
    if ((c.efer & Cr.EFER_LMA) != 0) {
      table = c.cr3 & 0x000ffffffffff000L;
      shift = (c.cr4 & Cr.CR4_LA57) != 0 ? 48 : 39;
    } else {
      long e = pdpte[(int) (linear >>> 30) & 3];
      if ((e & P) == 0) {
        return errorCode(0, access, user);
      }
      table = e & 0x000ffffffffff000L;
      shift = 21;
      // Outside long mode bits 52 to 62 of PDEs and PTEs are reserved as well.
      reserved |= 0x7ff0000000000000L;
    }
    while (true) {
      long address = entry(table + ((linear >>> shift & 511) << 3), linear, update);
      long e = physicalRead64(address);
      if ((e & P) == 0) {
        return errorCode(0, access, user);
      }
      boolean leaf = shift == 12;
      long bad = reserved;
      if (!leaf && (e & PS) != 0) {
        if (shift == 21 || (shift == 30 && hugePages)) {
          leaf = true;
          bad |= (1L << shift) - 1 & ~0x1fffL;
        } else {
          bad |= PS;
        }
      }
      if ((e & bad) != 0) {
        return errorCode(PF_PRESENT | PF_RESERVED, access, user);
      }
      flags &= e;
      nx |= e & NX;
      if (leaf) {
        int key = keyRights(e, flags);
        if (update && access != EXECUTE && keyDenies(key, access, user)) {
          return errorCode(PF_PRESENT | PF_KEY, access, user);
        }
        if (!allowed(flags, nx != 0, access, user, smap)) {
          return errorCode(PF_PRESENT, access, user);
        }
        long want = access == WRITE ? A | D : A;
        if (update && (e & want) != want) {
          if (!setBits64(address, e, want)) {
            continue;
          }
          e |= want;
        }
        long mask = (1L << shift) - 1;
        finish(e & 0x000fffffffffffffL & ~mask & ~0xfffL | linear & mask, e, flags, user, mask + 1);
        rights |= nx;
        writable &= !keyDenies(key & KEY_WRITE, WRITE, user);
        return -1;
      }
      if (update && (e & A) == 0 && !setBits64(address, e, A)) {
        continue;
      }
      table = e & 0x000ffffffffff000L;
      shift -= 9;
    }
  }

  // ---- protection keys: SDM vol. 3A, 4.6.2

  /** What the key of a page forbids, and {@link #protectionKey}. */
  private int keyRights(long leaf, long flags) {
    boolean userPage = (flags & US) != 0;
    protectionKey = 0;
    if ((c.cr4 & (userPage ? Cr.CR4_PKE : Cr.CR4_PKS)) == 0 || (c.efer & Cr.EFER_LMA) == 0) {
      return 0;
    }
    int key = (int) (leaf >>> 59) & 15;
    protectionKey = userPage ? key : key + SUPERVISOR_KEY;
    return (userPage ? c.pkru : c.msr.pkrs) >>> 2 * key & (KEY_ACCESS | KEY_WRITE);
  }

  private boolean keyDenies(int rights, int access, boolean user) {
    return (rights & KEY_ACCESS) != 0
        || (access == WRITE && (rights & KEY_WRITE) != 0 && (user || (c.cr0 & Cr.CR0_WP) != 0));
  }

  /** 32-bit paging: SDM vol. 3A, 4.3. */
  private int legacy(long linear, int access, boolean user, boolean smap, boolean update) {
    boolean pse = (c.cr4 & Cr.CR4_PSE) != 0;
    protectionKey = 0;
    while (true) {
      long pdeAddress =
          entry((c.cr3 & 0xfffff000L) + ((linear >>> 22 & 1023) << 2), linear, update);
      long pde = physicalRead32(pdeAddress);
      if ((pde & P) == 0) {
        return errorCode(0, access, user);
      }
      long want = access == WRITE ? A | D : A;
      if (pse && (pde & PS) != 0) {
        // PSE-36: bits 13 to 20 hold physical bits 32 to 39, bit 21 is reserved.
        if ((pde & reservedLarge) != 0
            || (pde >>> 13 & 0xff) << 32 != ((pde >>> 13 & 0xff) << 32 & ~reservedHigh)) {
          return errorCode(PF_PRESENT | PF_RESERVED, access, user);
        }
        if (!allowed(pde, false, access, user, smap)) {
          return errorCode(PF_PRESENT, access, user);
        }
        if (update && (pde & want) != want) {
          if (!setBits32(pdeAddress, pde, want)) {
            continue;
          }
          pde |= want;
        }
        long pageBase = pde & 0xffc00000L | (pde >>> 13 & 0xff) << 32;
        finish(pageBase | linear & 0x3fffff, pde, pde, user, 1 << 22);
        return -1;
      }
      long pteAddress = entry((pde & 0xfffff000L) + ((linear >>> 12 & 1023) << 2), linear, update);
      long pte = physicalRead32(pteAddress);
      if ((pte & P) == 0) {
        return errorCode(0, access, user);
      }
      long flags = pde & pte & (RW | US);
      if (!allowed(flags, false, access, user, smap)) {
        return errorCode(PF_PRESENT, access, user);
      }
      if (update) {
        if ((pde & A) == 0 && !setBits32(pdeAddress, pde, A)) {
          continue;
        }
        if ((pte & want) != want) {
          if (!setBits32(pteAddress, pte, want)) {
            continue;
          }
          pte |= want;
        }
      }
      finish(pte & 0xfffff000L | linear & 0xfff, pte, flags, user, 4096);
      return -1;
    }
  }

  // ---- EPT

  /** Where an entry of the paging structures is: with EPT not where they say. */
  private long entry(long pa, long linear, boolean update) {
    if (ept == null) {
      return pa;
    }
    return update ? ept.entry(pa, linear) : Math.max(ept.peek(pa), 0);
  }

  private void extend(long linear, int access) {
    if (ept != null) {
      physical = ept.access(physical, access, linear, userPage);
      writable &= ept.writable;
    }
  }

  private long probeExtended(long pa) {
    return ept == null ? pa : ept.peek(pa);
  }

  private void finish(long pa, long leaf, long flags, boolean user, long size) {
    physical = pa;
    rights = flags & (RW | US);
    pageSize = size;
    userPage = (flags & US) != 0;
    global = (leaf & G) != 0 && (c.cr4 & Cr.CR4_PGE) != 0;
    writable = (leaf & D) != 0 && ((flags & RW) != 0 || (!user && (c.cr0 & Cr.CR0_WP) == 0));
  }

  /** SDM vol. 3A, 4.6.1. */
  private boolean allowed(long flags, boolean nx, int access, boolean user, boolean smap) {
    boolean userPage = (flags & US) != 0;
    if (user && !userPage) {
      return false;
    }
    if (access == EXECUTE) {
      return !nx && (user || !userPage || (c.cr4 & Cr.CR4_SMEP) == 0);
    }
    if (smap && !user && userPage) {
      return false;
    }
    return access == READ || (flags & RW) != 0 || (!user && (c.cr0 & Cr.CR0_WP) == 0);
  }

  private int errorCode(int base, int access, boolean user) {
    int e = base;
    if (access == WRITE) {
      e |= PF_WRITE;
    }
    if (user) {
      e |= PF_USER;
    }
    boolean fetchBit =
        (c.cr4 & Cr.CR4_SMEP) != 0 || ((c.cr4 & Cr.CR4_PAE) != 0 && (c.efer & Cr.EFER_NXE) != 0);
    if (access == EXECUTE && fetchBit) {
      e |= PF_FETCH;
    }
    return e;
  }

  // ---- physical accesses of the walker; tables may lie in MMIO space, where hardware would read
  // whatever the bus answers

  long physicalRead64(long pa) {
    long host = bus.hostPage(pa);
    return host != 0 ? HostMemory.getLong(host + (pa & 0xfff)) : bus.mmioRead(pa, 8);
  }

  private long physicalRead32(long pa) {
    long host = bus.hostPage(pa);
    return (host != 0 ? HostMemory.getInt(host + (pa & 0xfff)) : (int) bus.mmioRead(pa, 4))
        & 0xffffffffL;
  }

  private boolean setBits64(long pa, long old, long bits) {
    long host = bus.hostPage(pa);
    return host == 0
        || !bus.hostPageWritable(pa)
        || HostMemory.compareAndSetLong(host + (pa & 0xfff), old, old | bits);
  }

  private boolean setBits32(long pa, long old, long bits) {
    long host = bus.hostPage(pa);
    return host == 0
        || !bus.hostPageWritable(pa)
        || HostMemory.compareAndSetInt(host + (pa & 0xfff), (int) old, (int) (old | bits));
  }
}
