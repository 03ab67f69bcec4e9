package org.quern.cli.report;

import java.util.ArrayList;
import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.x86.bus.GuestBus;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cr;

/**
 * The page walk of one linear address, level by level, as text. Reads tables only from RAM and
 * changes nothing. Works from a {@link CpuState}, so under every accelerator. Source: SDM vol. 3A,
 * chapter 4.
 */
public final class PageWalkReport {
  private static final String[] LONG_LEVELS = {"PTE", "PDE", "PDPTE", "PML4E"};
  private static final long ADDRESS = 0x000ffffffffff000L;

  private final CpuState cpu;
  private final GuestBus bus;
  private final List<String> lines = new ArrayList<>();
  private long physical = -1;

  private PageWalkReport(CpuState cpu, GuestBus bus) {
    this.cpu = cpu;
    this.bus = bus;
  }

  /** The walk as lines of text, the last of which says where it ends. */
  public static List<String> describe(CpuState cpu, GuestBus bus, long linear) {
    PageWalkReport r = new PageWalkReport(cpu, bus);
    r.walk(linear);
    r.lines.add(r.physical >= 0 ? String.format("-> physical %016x", r.physical) : "-> not mapped");
    return r.lines;
  }

  /** Physical address of a linear one, or -1 if the tables do not map it. */
  public static long translate(CpuState cpu, GuestBus bus, long linear) {
    PageWalkReport r = new PageWalkReport(cpu, bus);
    r.walk(linear);
    return r.physical;
  }

  private void walk(long linear) {
    if ((cpu.cr0 & Cr.CR0_PG) == 0) {
      lines.add("paging is off");
      physical = linear & 0xffffffffL;
    } else if ((cpu.cr4 & Cr.CR4_PAE) == 0) {
      walk32(linear);
    } else if ((cpu.efer & Cr.EFER_LMA) != 0) {
      if (linear << 16 >> 16 != linear) {
        lines.add("not a canonical address");
      } else {
        walk64(linear, cpu.cr3 & ADDRESS, 3);
      }
    } else {
      long address = (cpu.cr3 & 0xffffffe0L) + 8 * (linear >>> 30 & 3);
      long e = entry("PDPTE", address, 8);
      if ((e & 1) != 0) {
        walk64(linear, e & ADDRESS, 1);
      }
    }
  }

  private void walk64(long linear, long firstTable, int firstLevel) {
    long table = firstTable;
    for (int level = firstLevel; level >= 0; level--) {
      int shift = 12 + 9 * level;
      long e = entry(LONG_LEVELS[level], table + 8 * (linear >>> shift & 511), 8);
      if ((e & 1) == 0) {
        return;
      }
      if (level == 0 || (level <= 2 && (e & 0x80) != 0)) {
        long mask = (1L << shift) - 1;
        physical = e & ADDRESS & ~mask | linear & mask;
        return;
      }
      table = e & ADDRESS;
    }
  }

  private void walk32(long linear) {
    long pde = entry("PDE", (cpu.cr3 & 0xfffff000L) + 4 * (linear >>> 22 & 1023), 4);
    if ((pde & 1) == 0) {
      return;
    }
    if ((pde & 0x80) != 0 && (cpu.cr4 & Cr.CR4_PSE) != 0) {
      physical = pde & 0xffc00000L | (pde >>> 13 & 0xff) << 32 | linear & 0x3fffff;
      return;
    }
    long pte = entry("PTE", (pde & 0xfffff000L) + 4 * (linear >>> 12 & 1023), 4);
    if ((pte & 1) != 0) {
      physical = pte & 0xfffff000L | linear & 0xfff;
    }
  }

  private long entry(String name, long address, int bytes) {
    long host = bus.hostPage(address);
    if (host == 0) {
      lines.add(String.format("%-5s at %012x lies outside RAM", name, address));
      return 0;
    }
    long at = host + (address & 0xfff);
    long e = bytes == 8 ? HostMemory.getLong(at) : HostMemory.getInt(at) & 0xffffffffL;
    lines.add(String.format("%-5s at %012x = %016x %s", name, address, e, flags(e)));
    return e;
  }

  private static String flags(long e) {
    if ((e & 1) == 0) {
      return "not present";
    }
    StringBuilder s = new StringBuilder("P");
    s.append((e & 2) != 0 ? " RW" : " RO").append((e & 4) != 0 ? " US" : " S");
    String[] names = {"PWT", "PCD", "A", "D", "PS", "G"};
    for (int i = 0; i < names.length; i++) {
      if ((e >>> 3 + i & 1) != 0) {
        s.append(' ').append(names[i]);
      }
    }
    return (e < 0 ? s.append(" NX") : s).toString();
  }
}
