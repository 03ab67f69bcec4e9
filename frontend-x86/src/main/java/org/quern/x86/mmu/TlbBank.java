package org.quern.x86.mmu;

import java.util.Arrays;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * The TLB entries of one virtual processor identifier under one set of extended page tables; {@link
 * Mmu} says what an entry is. Root operation and guests without a VPID use the bank of VPID 0.
 * Source: SDM vol. 3C, 29.4 (what is tagged with what).
 *
 * <p>Entries hold rights as CR0, CR4, EFER and the protection keys were when they were made. A bank
 * that is taken into use again compares these and is flushed where they differ: a VMM may have
 * changed them for its guest.
 */
final class TlbBank {
  static final int CONTEXTS = 4;
  static final int CONTEXT_BYTES = Mmu.ENTRIES << Mmu.ENTRY_SHIFT;

  /**
   * Page size in bytes, {@link #GLOBAL}, {@link #UNLISTED} and the protection key; only flushing
   * looks at it.
   */
  private static final int INFO = 24;

  private static final long GLOBAL = 1;

  /** The entry is not in {@link #filled}. Set in an entry that was never used (all ones). */
  private static final long UNLISTED = 2;

  /** Where {@link PageWalker#protectionKey} is in the flags: five bits. */
  private static final int KEY_SHIFT = 2;

  static final long NO_TAG = -1;

  /** From so many entries on, one fill of the area is cheaper than clearing them. */
  private static final int WIPE_FROM = 2048;

  // What rights in entries, or how tables are walked, depend on
  private static final long CR0_PAGING = Cr.CR0_PG | Cr.CR0_WP;
  private static final long CR4_PAGING =
      Cr.CR4_PAE
          | Cr.CR4_PSE
          | Cr.CR4_PGE
          | Cr.CR4_PCIDE
          | Cr.CR4_SMEP
          | Cr.CR4_SMAP
          | Cr.CR4_PKE
          | Cr.CR4_PKS
          | Cr.CR4_LA57;
  private static final long EFER_PAGING = Cr.EFER_NXE | Cr.EFER_LMA;

  /** Which of the banks of a processor this is. */
  final int number;

  final long area = HostMemory.allocate((long) CONTEXTS * CONTEXT_BYTES);

  /** Virtual processor identifier; 0 for root operation. */
  int vpid;

  /** Address of the EPT's root, or -1 without EPT. */
  long eptRoot = -1;

  /** Something was flushed while the bank was not in use. */
  boolean stale;

  /** Offsets (from {@link #area}) of all entries that may hold something; each once. */
  private final int[] filled = new int[CONTEXTS * Mmu.ENTRIES];

  private int filledCount;

  /**
   * Which 2 MiB regions, by number modulo 1,024, may have entries that come from a 2 or 4 MiB page:
   * INVLPG must then look for the others of that page.
   */
  private final long[] largeRegions = new long[16];

  /** Whether any entry may come from a 1 GiB page. */
  private boolean hugePages;

  /** Which protection keys entries may have, by {@link PageWalker#protectionKey}. */
  private int keysPresent;

  // ---- what the entries were made under
  private long cr0;
  private long cr3;
  private long cr4;
  private long efer;
  private int pkru;
  private int pkrs;

  TlbBank(int number) {
    this.number = number;
    wipe();
  }

  // ---- taking turns

  /** The processor goes over to another bank. */
  void leave(Cpu c) {
    cr0 = c.cr0;
    cr3 = c.cr3;
    cr4 = c.cr4;
    efer = c.efer;
    pkru = c.pkru;
    pkrs = c.msr.pkrs;
  }

  /** The processor goes over to this bank; its registers have been loaded. */
  void enter(Cpu c) {
    boolean rights =
        ((cr0 ^ c.cr0) & CR0_PAGING) != 0
            || ((cr4 ^ c.cr4) & CR4_PAGING) != 0
            || ((efer ^ c.efer) & EFER_PAGING) != 0
            || (c.cr4 & (Cr.CR4_PKE | Cr.CR4_PKS)) != 0 && (pkru != c.pkru || pkrs != c.msr.pkrs);
    if (rights) {
      clearAll();
    } else if (cr3 != c.cr3 || PageWalker.usesPdptes(c)) {
      clearNonGlobal();
    }
  }

  // ---- filling

  /** Makes the entry of a page that {@code w} has just found. */
  void fill(long page, long host, boolean write, int ctx, PageWalker w) {
    int offset = ctx * CONTEXT_BYTES + ((int) (page >>> 12 & Mmu.ENTRIES - 1) << Mmu.ENTRY_SHIFT);
    long e = area + offset;
    HostMemory.putLong(e + Mmu.READ_TAG, page);
    HostMemory.putLong(e + Mmu.WRITE_TAG, write ? page : NO_TAG);
    HostMemory.putLong(e + Mmu.ADDEND, host - page);
    if ((HostMemory.getLong(e + INFO) & UNLISTED) != 0) {
      filled[filledCount++] = offset;
    }
    int key = w.protectionKey;
    keysPresent |= 1 << key;
    long info = w.pageSize | (long) key << KEY_SHIFT;
    HostMemory.putLong(e + INFO, w.global ? info | GLOBAL : info);
    if (w.pageSize != 4096) {
      noteLarge(page, w.pageSize);
    }
  }

  private void noteLarge(long page, long size) {
    if (size > 1 << 22) {
      hugePages = true;
    } else {
      // A 4 MiB page is two regions.
      long region = page >>> 21;
      long both = size == 1 << 22 ? 3L << (region & ~1) : 1L << region;
      largeRegions[(int) region >>> 6 & 15] |= both;
    }
  }

  // ---- flushing

  void clearAll() {
    stale = true;
    if (filledCount >= WIPE_FROM) {
      wipe();
    } else {
      for (int i = 0; i < filledCount; i++) {
        clear(area + filled[i]);
      }
    }
    filledCount = 0;
    Arrays.fill(largeRegions, 0);
    hugePages = false;
    keysPresent = 0;
  }

  void clearNonGlobal() {
    stale = true;
    int kept = 0;
    for (int i = 0; i < filledCount; i++) {
      long e = area + filled[i];
      if ((HostMemory.getLong(e + INFO) & GLOBAL) != 0) {
        filled[kept++] = filled[i];
      } else {
        clear(e);
      }
    }
    filledCount = kept;
  }

  /** The page that contains {@code la}, whatever its size, global or not. */
  void clearPage(long la) {
    stale = true;
    long slot = (la >>> 12 & Mmu.ENTRIES - 1) << Mmu.ENTRY_SHIFT;
    for (int i = 0; i < CONTEXTS; i++) {
      long e = area + (long) i * CONTEXT_BYTES + slot;
      if (HostMemory.getLong(e + Mmu.READ_TAG) == (la & Mmu.PAGE_MASK)) {
        dropTags(e);
      }
    }
    long region = la >>> 21;
    if (hugePages || (largeRegions[(int) region >>> 6 & 15] >>> region & 1) != 0) {
      clearLargePage(la);
    }
  }

  /** Every entry that comes from a large page with {@code la} in it. */
  private void clearLargePage(long la) {
    for (int i = 0; i < filledCount; i++) {
      long e = area + filled[i];
      long size = HostMemory.getLong(e + INFO) & Mmu.PAGE_MASK;
      if (size != 4096 && ((HostMemory.getLong(e + Mmu.READ_TAG) ^ la) & -size) == 0) {
        dropTags(e);
      }
    }
  }

  /** Entries with one of these keys, a bit each by {@link PageWalker#protectionKey}. */
  void clearKeys(int affected) {
    if ((affected & keysPresent) == 0) {
      return;
    }
    for (int i = 0; i < filledCount; i++) {
      long e = area + filled[i];
      int key = (int) (HostMemory.getLong(e + INFO) >>> KEY_SHIFT) & 31;
      if ((affected >>> key & 1) != 0) {
        dropTags(e);
      }
    }
    keysPresent &= ~affected;
  }

  /** Takes the write tags of a page away, which is at {@code host}. */
  void dropWriteTags(long host) {
    for (int i = 0; i < filledCount; i++) {
      long e = area + filled[i];
      long tag = HostMemory.getLong(e + Mmu.WRITE_TAG);
      if (tag != NO_TAG && tag + HostMemory.getLong(e + Mmu.ADDEND) == host) {
        HostMemory.putLong(e + Mmu.WRITE_TAG, NO_TAG);
      }
    }
  }

  /** Empties an entry and takes note that it is in {@link #filled} no more. */
  private static void clear(long e) {
    dropTags(e);
    HostMemory.putLong(e + INFO, -1);
  }

  private static void dropTags(long e) {
    HostMemory.putLong(e + Mmu.READ_TAG, NO_TAG);
    HostMemory.putLong(e + Mmu.WRITE_TAG, NO_TAG);
  }

  private void wipe() {
    HostMemory.fill(area, (long) CONTEXTS * CONTEXT_BYTES, (byte) 0xff);
  }
}
