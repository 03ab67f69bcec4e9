package org.quern.translator;

import org.quern.x86.bus.NoInterrupts;
import org.quern.x86.bus.RamBus;
import org.quern.x86.bus.StoppedTime;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.CpuModel;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * 64 KiB of RAM, and processors over it: linear 0 to 2 MiB is mapped one to one, and the last page
 * below 4 GiB to {@link #TOP}.
 */
final class PagedRam {
  static final int BYTES = 1 << 16;
  static final long DATA = 0x8000;
  static final long TOP = 0xf000;
  private final long ram = HostMemory.allocate(BYTES);
  private final RamBus bus = new RamBus(ram, BYTES);

  /** Host address of a physical address. */
  long at(long physical) {
    return ram + physical;
  }

  long get(long physical) {
    return HostMemory.getLong(ram + physical);
  }

  void put(long physical, long v) {
    HostMemory.putLong(ram + physical, v);
  }

  /** A processor in 64-bit mode at CPL 0; page tables at 0x1000. */
  Cpu cpu() {
    return cpu(64);
  }

  /**
   * A processor at CPL 0 with paging, in 64-bit mode or in compatibility mode with flat segments.
   */
  Cpu cpu(int codeSize) {
    put(0x1000, 0x2000 | 7);
    put(0x2000, 0x3000 | 7);
    put(0x3000, 0x87);
    put(0x2018, 0x4000 | 7);
    put(0x4ff8, 0x6000 | 7);
    put(0x6ff8, TOP | 7);
    Cpu c = new Cpu(0, CpuModel.max(), bus, new NoInterrupts(), new StoppedTime());
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG;
    c.cr4 = Cr.CR4_PAE;
    c.cr3 = 0x1000;
    c.efer = Cr.EFER_LME | Cr.EFER_LMA;
    int code = Segment.P | Segment.S | Segment.CODE | Segment.READABLE;
    for (Segment s : c.seg) {
      s.set(0x10, 0, -1, Segment.P | Segment.S | Segment.WRITABLE | Segment.DB, true);
    }
    c.seg[Reg.CS].set(8, 0, -1, code | (codeSize == 64 ? Segment.L : Segment.DB), true);
    CpuMode.update(c);
    return c;
  }
}
