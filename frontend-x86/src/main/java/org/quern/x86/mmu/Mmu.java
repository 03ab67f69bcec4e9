package org.quern.x86.mmu;

import org.quern.x86.bus.GuestBus;
import org.quern.x86.fault.Vector;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;

/**
 * Every access of a processor to linear memory, through a software TLB in front of {@link
 * PageWalker}.
 *
 * <p>The TLB is direct-mapped with {@value #ENTRIES} entries for each of four contexts (user,
 * supervisor, supervisor with SMAP suspended, and one that never hits, for accesses that need
 * checks of their own). An entry is 32 bytes off the heap: read tag, write tag, addend from linear
 * to host address, page size and flags. A tag is a linear page address; the compare {@code tag ==
 * (la + size - 1) & ~0xfff} also rejects accesses that cross a page. A page that holds tracked
 * code, is ROM, is not dirty or has a data breakpoint has no write tag, MMIO pages have no entry:
 * the slow path sees all of them.
 *
 * <p>Linear addresses are taken as they come; a non-canonical one never hits and raises #GP(0) in
 * the slow path. Outside 64-bit mode callers truncate to 32 bits.
 */
public final class Mmu {
  public static final int ENTRIES = 1024;
  public static final int ENTRY_SHIFT = 5;
  public static final int READ_TAG = 0;
  public static final int WRITE_TAG = 8;
  public static final int ADDEND = 16;

  public static final long PAGE_MASK = -4096;

  /**
   * In an address outside 64-bit mode: the access begins at the last byte of a segment of 64 KiB
   * and goes on at the segment's first one. No TLB entry matches such an address. Only processors
   * whose segments wrap ({@code Generation.wrapsSegments}) make one.
   */
  public static final long WRAPS = 1L << 40;

  private static final int USER = 0;
  private static final int SUPERVISOR = 1;
  private static final int SUPERVISOR_AC = 2;
  private static final int CHECKED = 3;
  private static final int CONTEXT_BYTES = TlbBank.CONTEXT_BYTES;
  private final Cpu c;
  private final GuestBus bus;
  private final boolean wraps;

  /** The banks, one of which is in use. */
  public final TlbBanks banks;

  private TlbBank bank;

  /** Where the entries of {@link #bank} start. */
  private long area;

  /** Start of the current context's entries. */
  private long tlb;

  private int context = SUPERVISOR;

  /** Set by the engine; asked before a write tag is given out. */
  private CodeTracker codeTracker = CodeTracker.NONE;

  private FlushListener flushListener = FlushListener.NONE;

  /** Linear address of the page that {@link #prime} has found. */
  public long windowPage;

  /** What turns a linear address in {@link #windowPage} into a host address. */
  public long windowAddend;

  public final PageWalker walker;

  /** In VMX non-root operation: the page whose accesses are virtualized, or -1. */
  private long apicAccessPage = -1;

  /** Debug registers watch data: see {@link #debugRegistersChanged}. */
  private boolean watching;

  public Mmu(Cpu c) {
    this.c = c;
    this.bus = c.bus;
    this.walker = new PageWalker(c);
    this.wraps = c.model.generation().wrapsSegments();
    this.banks = new TlbBanks(c, this);
    this.bank = banks.root();
    this.area = bank.area;
    this.tlb = area;
    bus.addRemapListener(() -> c.request(Cpu.REQ_FLUSH));
  }

  public void setFlushListener(FlushListener listener) {
    flushListener = listener;
  }

  public void setCodeTracker(CodeTracker tracker) {
    codeTracker = tracker;
    flushBanks();
  }

  // ---- data accesses at the current privilege

  /** Reads a byte, zero-extended. */
  public int read8(long la) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) == (la & PAGE_MASK)) {
      return HostMemory.getByte(la + HostMemory.getLong(e + ADDEND)) & 0xff;
    }
    return (int) readSlow(la, 1, context) & 0xff;
  }

  /** Reads two bytes, zero-extended. */
  public int read16(long la) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) == (la + 1 & PAGE_MASK)) {
      return HostMemory.getShort(la + HostMemory.getLong(e + ADDEND)) & 0xffff;
    }
    return (int) readSlow(la, 2, context) & 0xffff;
  }

  public int read32(long la) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) == (la + 3 & PAGE_MASK)) {
      return HostMemory.getInt(la + HostMemory.getLong(e + ADDEND));
    }
    return (int) readSlow(la, 4, context);
  }

  public long read64(long la) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) == (la + 7 & PAGE_MASK)) {
      return HostMemory.getLong(la + HostMemory.getLong(e + ADDEND));
    }
    return readSlow(la, 8, context);
  }

  /** Reads {@code bytes} (1, 2, 4 or 8), zero-extended. */
  public long read(long la, int bytes) {
    return switch (bytes) {
      case 1 -> read8(la);
      case 2 -> read16(la);
      case 4 -> read32(la) & 0xffffffffL;
      default -> read64(la);
    };
  }

  public void write8(long la, int v) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) == (la & PAGE_MASK)) {
      HostMemory.putByte(la + HostMemory.getLong(e + ADDEND), (byte) v);
    } else {
      writeSlow(la, 1, v, context);
    }
  }

  public void write16(long la, int v) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) == (la + 1 & PAGE_MASK)) {
      HostMemory.putShort(la + HostMemory.getLong(e + ADDEND), (short) v);
    } else {
      writeSlow(la, 2, v, context);
    }
  }

  public void write32(long la, int v) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) == (la + 3 & PAGE_MASK)) {
      HostMemory.putInt(la + HostMemory.getLong(e + ADDEND), v);
    } else {
      writeSlow(la, 4, v, context);
    }
  }

  public void write64(long la, long v) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) == (la + 7 & PAGE_MASK)) {
      HostMemory.putLong(la + HostMemory.getLong(e + ADDEND), v);
    } else {
      writeSlow(la, 8, v, context);
    }
  }

  /** Writes the low {@code bytes} (1, 2, 4 or 8). */
  public void write(long la, int bytes, long v) {
    switch (bytes) {
      case 1 -> write8(la, (int) v);
      case 2 -> write16(la, (int) v);
      case 4 -> write32(la, (int) v);
      default -> write64(la, v);
    }
  }

  /**
   * Raises the fault a write of {@code bytes} at {@code la} would raise; changes nothing but A and
   * D bits. Call before the first of several effects.
   */
  public void probeWrite(long la, int bytes) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) != (la + bytes - 1 & PAGE_MASK)) {
      probeSlow(la, bytes, PageWalker.WRITE);
    }
  }

  /** As {@link #probeWrite} for a read. */
  public void probeRead(long la, int bytes) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) != (la + bytes - 1 & PAGE_MASK)) {
      probeSlow(la, bytes, PageWalker.READ);
    }
  }

  /**
   * Host address for a read of the byte at {@code la}, valid up to the end of its 4 KiB page until
   * the next flush; 0 if the page is MMIO or needs checks of its own, or alignment is checked. May
   * raise a fault.
   */
  public long hostForRead(long la) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) != (la & PAGE_MASK)) {
      if (context == CHECKED) {
        return 0;
      }
      translate(la, PageWalker.READ, context);
      if (HostMemory.getLong(e + READ_TAG) != (la & PAGE_MASK)) {
        return 0;
      }
    }
    return la + HostMemory.getLong(e + ADDEND);
  }

  /** As {@link #hostForRead} for writes; 0 also for ROM and for pages that hold tracked code. */
  public long hostForWrite(long la) {
    long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) != (la & PAGE_MASK)) {
      if (context == CHECKED) {
        return 0;
      }
      translate(la, PageWalker.WRITE, context);
      if (HostMemory.getLong(e + WRITE_TAG) != (la & PAGE_MASK)) {
        return 0;
      }
    }
    return la + HostMemory.getLong(e + ADDEND);
  }

  // ---- windows: pages that translated code reaches without the TLB

  /** Address of the TLB entries in use; changes with privilege. */
  public long tlb() {
    return tlb;
  }

  /**
   * Finds a page that loads and stores reach directly, and so may stand in for any window of
   * translated code until the next flush.
   *
   * @param la a linear address; its page is preferred
   * @return false if there is no such page; else it is in {@link #windowPage}
   */
  public boolean prime(long la) {
    return reachable(la & PAGE_MASK) || reachable(windowPage);
  }

  private boolean reachable(long page) {
    long e = tlb + ((page >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) != page) {
      return false;
    }
    windowPage = page;
    windowAddend = HostMemory.getLong(e + ADDEND);
    return true;
  }

  /**
   * Atomic compare-and-set for LOCK-prefixed instructions; the write must have been probed.
   *
   * @param bytes 1, 2, 4 or 8
   * @return whether memory held {@code expected} and now holds {@code v}
   */
  public boolean compareAndSet(long la, int bytes, long expected, long v) {
    if ((la & bytes - 1) == 0) {
      long e = tlb + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
      if (HostMemory.getLong(e + WRITE_TAG) == (la & PAGE_MASK)) {
        return hostCompareAndSet(la + HostMemory.getLong(e + ADDEND), bytes, expected, v);
      }
      long pa = translate(la, PageWalker.WRITE, context);
      long page = bus.hostPage(pa);
      if (page != 0 && bus.hostPageWritable(pa) && !apicAccess(pa)) {
        boolean done = hostCompareAndSet(page + (pa & 0xfff), bytes, expected, v);
        if (done) {
          stored(pa, bytes);
          watch(la, bytes, true);
        }
        return done;
      }
    }
    // Split locks and MMIO: stop everybody else for the read and the write.
    c.exclusive.enter(c);
    try {
      if (read(la, bytes) != (bytes == 8 ? expected : expected & (1L << bytes * 8) - 1)) {
        return false;
      }
      write(la, bytes, v);
      return true;
    } finally {
      c.exclusive.leave(c);
    }
  }

  private static boolean hostCompareAndSet(long host, int bytes, long expected, long v) {
    return switch (bytes) {
      case 1 -> HostMemory.compareAndSetByte(host, (byte) expected, (byte) v);
      case 2 -> HostMemory.compareAndSetShort(host, (short) expected, (short) v);
      case 4 -> HostMemory.compareAndSetInt(host, (int) expected, (int) v);
      default -> HostMemory.compareAndSetLong(host, expected, v);
    };
  }

  // ---- implicit supervisor accesses: descriptor tables, TSS, stacks of inner levels

  public int readSystem8(long la) {
    return (int) readSlowCached(la, 1) & 0xff;
  }

  public int readSystem16(long la) {
    return (int) readSlowCached(la, 2) & 0xffff;
  }

  public int readSystem32(long la) {
    return (int) readSlowCached(la, 4);
  }

  public long readSystem64(long la) {
    return readSlowCached(la, 8);
  }

  private long readSlowCached(long la, int bytes) {
    long e = area + SUPERVISOR * CONTEXT_BYTES + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + READ_TAG) == (la + bytes - 1 & PAGE_MASK)) {
      return hostRead(la + HostMemory.getLong(e + ADDEND), bytes);
    }
    return readSlow(la, bytes, SUPERVISOR);
  }

  /** Writes 1, 2, 4 or 8 bytes with supervisor privilege whatever CPL is. */
  public void writeSystem(long la, int bytes, long v) {
    long e = area + SUPERVISOR * CONTEXT_BYTES + ((la >>> 12 & ENTRIES - 1) << ENTRY_SHIFT);
    if (HostMemory.getLong(e + WRITE_TAG) == (la + bytes - 1 & PAGE_MASK)) {
      hostWrite(la + HostMemory.getLong(e + ADDEND), bytes, v);
    } else {
      writeSlow(la, bytes, v, SUPERVISOR);
    }
  }

  /** Raises the fault a write to this byte with supervisor privilege would raise. */
  public void probeWriteSystem(long la) {
    translate(la, PageWalker.WRITE, SUPERVISOR);
  }

  // ---- code

  /**
   * Physical address of the code byte at {@code la}; raises #PF or #GP(0) as a fetch does.
   *
   * @param la a linear address
   */
  public long fetchAddress(long la) {
    checkCanonical(la);
    walker.walk(la, PageWalker.EXECUTE, c.cpl == 3, false);
    long pa = walker.physical;
    return apicAccess(pa) ? c.nonRoot.apicAccess(pa, 1, PageWalker.EXECUTE) : pa;
  }

  /**
   * Walks as an access with that privilege does, whatever CPL is; the outcome is in {@link
   * #walker}. For a VMM that fills tables of its own. Raises #PF as the access does.
   */
  public void walkAs(long la, int access, boolean user) {
    boolean suspended = (c.eflags & RFlags.AC) != 0;
    walker.walk(la, access, user, !user && !suspended && (c.cr4 & Cr.CR4_SMAP) != 0);
  }

  // ---- flushing

  /** Flushes everything of the current VPID, global entries too. */
  public void flushAll() {
    bank.clearAll();
    banks.others(bank, TlbBank::clearAll);
    flushed(FlushListener.Kind.ALL, 0);
  }

  /** Flushes everything, whatever its VPID: the memory map has changed. */
  public void flushBanks() {
    banks.everyGuest(TlbBank::clearAll);
    banks.root().clearAll();
    flushed(FlushListener.Kind.ALL, 0);
  }

  /** Flushes all entries that are not global (MOV to CR3). */
  public void flushNonGlobal() {
    bank.clearNonGlobal();
    banks.others(bank, TlbBank::clearNonGlobal);
    flushed(FlushListener.Kind.NON_GLOBAL, 0);
  }

  /** INVLPG: flushes the page that contains {@code la}, whatever its size, global or not. */
  public void flushPage(long la) {
    bank.clearPage(la);
    banks.others(bank, b -> b.clearPage(la));
    flushed(FlushListener.Kind.PAGE, la);
  }

  private void flushed(FlushListener.Kind kind, long la) {
    c.request(Cpu.REQ_CODE);
    flushListener.flushed(kind, la);
  }

  /**
   * Flushes the pages whose rights by protection key change (WRPKRU and the like). Entries hold the
   * rights they were filled with, so that hits need not look at the key.
   *
   * @param keys the keys, as bits 2k
   * @param supervisor whether the rights are those to supervisor pages (PKRS)
   */
  public void keyRightsChanged(int keys, boolean supervisor) {
    int first = supervisor ? PageWalker.SUPERVISOR_KEY : 0;
    int affected = 0;
    for (int k = 0; k < 16; k++) {
      affected |= (keys >>> 2 * k & 1) << first + k;
    }
    bank.clearKeys(affected);
  }

  /** Takes write tags away, because a page has begun to hold code. Own thread only. */
  public void dropWriteTags(long physicalPage) {
    long host = bus.hostPage(physicalPage);
    banks.root().dropWriteTags(host);
    banks.everyGuest(b -> b.dropWriteTags(host));
  }

  // ---- banks

  TlbBank bank() {
    return bank;
  }

  /** Goes over to a bank; it fits the processor's registers. */
  void use(TlbBank b) {
    bank = b;
    area = b.area;
    selectContext();
  }

  /** Which bank is in use, below {@link TlbBanks#MAX}. */
  public int bankNumber() {
    return bank.number;
  }

  /** Whether something was flushed in the bank in use since this was last asked. */
  public boolean takeStale() {
    boolean was = bank.stale;
    bank.stale = false;
    return was;
  }

  /** Chooses the TLB context; call after a change of CPL, EFLAGS.AC, CR0.AM or CR4.SMAP. */
  public void selectContext() {
    boolean user = c.cpl == 3;
    boolean ac = (c.eflags & RFlags.AC) != 0;
    if (user && ac && (c.cr0 & Cr.CR0_AM) != 0) {
      context = CHECKED;
    } else if (user) {
      context = USER;
    } else {
      context = ac && (c.cr4 & Cr.CR4_SMAP) != 0 ? SUPERVISOR_AC : SUPERVISOR;
    }
    tlb = area + (long) context * CONTEXT_BYTES;
  }

  /** Whether any data breakpoint is set: then each instruction must be looked at by itself. */
  public boolean watching() {
    return watching;
  }

  /** Call after a change of DR7 or DR0 to DR3: pages with data breakpoints leave the TLB. */
  public void debugRegistersChanged() {
    boolean watch = false;
    for (int i = 0; i < 4; i++) {
      watch |= (c.dr[7] >>> 2 * i & 3) != 0 && (c.dr[7] >>> 16 + 4 * i & 3) != 0;
    }
    if (watch || watching) {
      watching = watch;
      flushAll();
    }
  }

  // ---- slow path

  /** Virtualizes accesses to a page for the guest that runs; -1 for none. */
  public void apicAccessPage(long page) {
    apicAccessPage = page;
  }

  private boolean apicAccess(long pa) {
    return (pa & PAGE_MASK) == apicAccessPage;
  }

  private long readSlow(long la, int bytes, int ctx) {
    if (wraps && (la & WRAPS) != 0) {
      return readSlow(la ^ WRAPS, 1, ctx) | readSlow(wrapped(la), 1, ctx) << 8;
    }
    checkAlignment(la, bytes, ctx);
    int first = 4096 - (int) (la & 0xfff);
    if (bytes > first) {
      translateBoth(la, bytes, PageWalker.READ, ctx);
      long v = 0;
      for (int i = 0; i < bytes; i++) {
        v |= readPhysical(translate(next(la, i), PageWalker.READ, ctx), 1) << 8 * i;
      }
      watch(la, bytes, false);
      return v;
    }
    long pa = translate(la, PageWalker.READ, ctx);
    if (apicAccess(pa)) {
      pa = c.nonRoot.apicAccess(pa, bytes, PageWalker.READ);
    }
    long v = readPhysical(pa, bytes);
    watch(la, bytes, false);
    return v;
  }

  private void writeSlow(long la, int bytes, long v, int ctx) {
    if (wraps && (la & WRAPS) != 0) {
      writeSlow(la ^ WRAPS, 1, v, ctx);
      writeSlow(wrapped(la), 1, v >>> 8, ctx);
      return;
    }
    checkAlignment(la, bytes, ctx);
    int first = 4096 - (int) (la & 0xfff);
    if (bytes > first) {
      translateBoth(la, bytes, PageWalker.WRITE, ctx);
      for (int i = 0; i < bytes; i++) {
        writePhysical(translate(next(la, i), PageWalker.WRITE, ctx), 1, v >>> 8 * i);
      }
    } else {
      long pa = translate(la, PageWalker.WRITE, ctx);
      if (apicAccess(pa)) {
        writePhysical(c.nonRoot.apicAccess(pa, bytes, PageWalker.WRITE), bytes, v);
        c.nonRoot.apicWritten(pa);
      } else {
        writePhysical(pa, bytes, v);
      }
    }
    watch(la, bytes, true);
  }

  /** The second byte of a word that wraps; such processors access no more than words. */
  private static long wrapped(long la) {
    return (la ^ WRAPS) + 1 - 0x10000;
  }

  private void probeSlow(long la, int bytes, int access) {
    if (wraps && (la & WRAPS) != 0) {
      return; // nothing can fault
    }
    checkAlignment(la, bytes, context);
    if (bytes > 4096 - (int) (la & 0xfff)) {
      translateBoth(la, bytes, access, context);
    } else {
      long pa = translate(la, access, context);
      if (apicAccess(pa)) {
        c.nonRoot.apicAccess(pa, bytes, access);
      }
    }
  }

  /** The checks of an access that goes over into the next page: both ends canonical come first. */
  private void translateBoth(long la, int bytes, int access, int ctx) {
    checkCanonical(la);
    checkCanonical(next(la, bytes - 1));
    for (long at = la; at != -1; at = at == la ? next(la, 4096 - (int) (la & 0xfff)) : -1) {
      long pa = translate(at, access, ctx);
      if (apicAccess(pa)) {
        c.nonRoot.apicAccess(pa, bytes, access);
      }
    }
  }

  /**
   * Address {@code n} bytes on; wraps at 4 GiB outside 64-bit mode, except for an implicit access
   * of compatibility mode to a table above.
   */
  private long next(long la, int n) {
    long next = la + n;
    return c.longMode || la >>> 32 != 0 ? next : next & 0xffffffffL;
  }

  /** #AC comes before #PF, as on silicon, but behind the checks of the address itself. */
  private void checkAlignment(long la, int bytes, int ctx) {
    if (ctx == CHECKED && (la & bytes - 1) != 0) {
      checkCanonical(la);
      checkCanonical(next(la, bytes - 1));
      throw c.fault.set(Vector.AC);
    }
  }

  private void checkCanonical(long la) {
    if (la << c.linearShift >> c.linearShift != la) {
      throw c.fault.setNonCanonical();
    }
  }

  /**
   * Walks and, if the page may be accessed directly, fills an entry. Returns the physical address.
   */
  private long translate(long la, int access, int ctx) {
    checkCanonical(la);
    boolean user = ctx == USER || ctx == CHECKED;
    boolean smap = ctx == SUPERVISOR && (c.cr4 & Cr.CR4_SMAP) != 0;
    walker.walk(la, access, user, smap);
    long pa = walker.physical;
    if (ctx == CHECKED) {
      return pa;
    }
    long host = bus.hostPage(pa);
    if (host == 0 || (watching && watchedPage(la & PAGE_MASK)) || apicAccess(pa)) {
      return pa;
    }
    boolean write =
        walker.writable && bus.hostPageWritable(pa) && !codeTracker.hasCode(pa & PAGE_MASK);
    bank.fill(la & PAGE_MASK, host, write, ctx, walker);
    return pa;
  }

  /** Reads physical memory, direct or MMIO; must not cross a page. */
  public long readPhysical(long pa, int bytes) {
    long host = bus.hostPage(pa);
    return host != 0 ? hostRead(host + (pa & 0xfff), bytes) : bus.mmioRead(pa, bytes);
  }

  /** Writes physical memory, direct or MMIO; must not cross a page. */
  public void writePhysical(long pa, int bytes, long v) {
    long host = bus.hostPage(pa);
    if (host != 0 && bus.hostPageWritable(pa)) {
      hostWrite(host + (pa & 0xfff), bytes, v);
      stored(pa, bytes);
    } else {
      bus.mmioWrite(pa, bytes, v);
    }
  }

  /** Atomically ands and ors eight aligned bytes of physical memory; returns what was there. */
  public long atomicPhysical(long pa, long and, long or) {
    long host = bus.hostPage(pa);
    if (host == 0 || !bus.hostPageWritable(pa)) {
      long old = bus.mmioRead(pa, 8);
      bus.mmioWrite(pa, 8, old & and | or);
      return old;
    }
    while (true) {
      long old = HostMemory.getLong(host + (pa & 0xfff));
      if (HostMemory.compareAndSetLong(host + (pa & 0xfff), old, old & and | or)) {
        stored(pa, 8);
        return old;
      }
    }
  }

  private void stored(long pa, int bytes) {
    if (codeTracker.hasCode(pa & PAGE_MASK)) {
      codeTracker.stored(pa, bytes);
    }
  }

  private static long hostRead(long host, int bytes) {
    return switch (bytes) {
      case 1 -> HostMemory.getByte(host) & 0xff;
      case 2 -> HostMemory.getShort(host) & 0xffff;
      case 4 -> HostMemory.getInt(host) & 0xffffffffL;
      default -> HostMemory.getLong(host);
    };
  }

  private static void hostWrite(long host, int bytes, long v) {
    switch (bytes) {
      case 1 -> HostMemory.putByte(host, (byte) v);
      case 2 -> HostMemory.putShort(host, (short) v);
      case 4 -> HostMemory.putInt(host, (int) v);
      default -> HostMemory.putLong(host, v);
    }
  }

  // ---- data breakpoints: SDM vol. 3B, 17.2.5

  private boolean watchedPage(long page) {
    for (int i = 0; i < 4; i++) {
      if ((c.dr[i] & PAGE_MASK) == page || (c.dr[i] + 7 & PAGE_MASK) == page) {
        return true;
      }
    }
    return false;
  }

  private void watch(long la, int bytes, boolean write) {
    if (!watching) {
      return;
    }
    long dr7 = c.dr[7];
    for (int i = 0; i < 4; i++) {
      int rw = (int) (dr7 >>> 16 + 4 * i) & 3;
      boolean enabled = (dr7 >>> 2 * i & 3) != 0 && (rw == 3 || (rw == 1 && write));
      int length = lengthOf((int) (dr7 >>> 18 + 4 * i) & 3);
      long start = c.dr[i] & -length;
      if (enabled && la < start + length && start < la + bytes) {
        c.pendingDebug |= 1 << i;
        c.request(Cpu.REQ_STEP);
      }
    }
  }

  private static int lengthOf(int len) {
    return len == 2 ? 8 : len + 1;
  }
}
