package org.quern.cli.run;

import org.quern.accel.api.CpuState;
import org.quern.machine.core.DmaSpace;
import org.quern.x86.state.Cr;

/**
 * Walks the guest's page tables for a reader: every entry on the way with its flags, and why the
 * walk ended. Changes nothing. Source: SDM vol. 3A, 4.3 to 4.5.
 */
final class PageWalkText {
  /** What {@link #walk} returns for an address that is not mapped. */
  static final long UNMAPPED = -1;

  private static final long ADDRESS = 0x000f_ffff_ffff_f000L;
  private static final int PRESENT = 1;
  private static final int LARGE = 1 << 7;
  private static final String[] LEVELS = {"PTE  ", "PDE  ", "PDPTE", "PML4E", "PML5E"};

  private final CpuState state;
  private final DmaSpace memory;

  PageWalkText(CpuState state, DmaSpace memory) {
    this.state = state;
    this.memory = memory;
  }

  /**
   * Walks.
   *
   * @param out takes one line an entry; null if only the result counts
   * @return the physical address, or {@link #UNMAPPED}
   */
  long walk(long linear, StringBuilder out) {
    if ((state.cr0 & Cr.CR0_PG) == 0) {
      line(out, "  paging is off: linear is physical");
      return linear & 0xffff_ffffL;
    }
    boolean pae = (state.cr4 & Cr.CR4_PAE) != 0;
    boolean longMode = (state.efer & Cr.EFER_LMA) != 0;
    int longLevels = (state.cr4 & Cr.CR4_LA57) != 0 ? 5 : 4;
    int levels = longMode ? longLevels : pae ? 3 : 2;
    int indexBits = pae ? 9 : 10;
    long table = state.cr3 & (longMode ? ADDRESS : pae ? 0xffff_ffe0L : 0xffff_f000L);
    for (int level = levels - 1; level >= 0; level--) {
      int shift = 12 + indexBits * level;
      int index = (int) (linear >>> shift) & (1 << indexBits) - 1;
      long at = table + (long) index * (pae ? 8 : 4);
      long entry = read(at, pae ? 8 : 4);
      line(
          out,
          String.format(
              "  %s[%03x] at %010x = %016x %s", LEVELS[level], index, at, entry, flags(entry)));
      if ((entry & PRESENT) == 0) {
        line(out, "  not present");
        return UNMAPPED;
      }
      // PDPTEs of PAE paging have no such bit; the 32-bit form heeds it with CR4.PSE only.
      boolean mayBeLarge =
          longMode && level < 3 || pae && level == 1 || !pae && (state.cr4 & Cr.CR4_PSE) != 0;
      if (level == 0 || mayBeLarge && (entry & LARGE) != 0) {
        long offset = (1L << shift) - 1;
        long physical = entry & ADDRESS & ~offset | linear & offset;
        if (!pae && level > 0) {
          // PSE-36: bits 13 to 20 are address bits 32 to 39.
          physical = entry & 0xffc0_0000L | (entry >> 13 & 0xff) << 32 | linear & offset;
        }
        line(out, String.format("  physical %x", physical));
        return physical;
      }
      table = entry & ADDRESS;
    }
    throw new IllegalStateException("a walk ends at level 0");
  }

  private static String flags(long e) {
    StringBuilder t = new StringBuilder();
    String names = "PWUwcADLG";
    for (int i = 0; i < names.length(); i++) {
      t.append((e >> i & 1) != 0 ? names.charAt(i) : '-');
    }
    return t.append(e < 0 ? "X" : "-").toString();
  }

  private static void line(StringBuilder out, String text) {
    if (out != null) {
      out.append(text).append('\n');
    }
  }

  private long read(long physical, int size) {
    byte[] b = new byte[8];
    memory.read(physical, b, 0, size);
    long v = 0;
    for (int i = 0; i < size; i++) {
      v |= (b[i] & 0xffL) << 8 * i;
    }
    return v;
  }
}
