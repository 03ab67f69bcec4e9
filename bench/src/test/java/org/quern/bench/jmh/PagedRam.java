package org.quern.bench.jmh;

import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.accel.api.VmConfig;
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

/** 16 MiB of RAM without devices, mapped one to one by 4 KiB pages, and a processor over it. */
final class PagedRam {
  /** Where benchmarks may put data. */
  static final long DATA = 0x10_0000;

  private static final int BYTES = 16 << 20;
  private static final long TABLES = 0x10000;
  private static final int PRESENT_WRITABLE_USER = 7;
  private static final int DATA_SEGMENT = Segment.P | Segment.S | Segment.WRITABLE;
  private static final int CODE_SEGMENT =
      Segment.P | Segment.S | Segment.CODE | Segment.READABLE | Segment.L;

  private final long ram = HostMemory.allocate(BYTES);
  private final RamBus bus = new RamBus(ram, BYTES);

  PagedRam() {
    put(TABLES, TABLES + 0x1000 | PRESENT_WRITABLE_USER);
    put(TABLES + 0x1000, TABLES + 0x2000 | PRESENT_WRITABLE_USER);
    for (int n = 0; n < BYTES >> 21; n++) {
      put(TABLES + 0x2000 + 8L * n, TABLES + 0x3000 + 0x1000L * n | PRESENT_WRITABLE_USER);
    }
    for (int n = 0; n < BYTES >> 12; n++) {
      put(TABLES + 0x3000 + 8L * n, (long) n << 12 | PRESENT_WRITABLE_USER);
    }
  }

  private void put(long physical, long v) {
    HostMemory.putLong(ram + physical, v);
  }

  /** Copies bytes to physical memory. */
  void write(long physical, byte[] bytes) {
    HostMemory.write(bytes, 0, bytes.length, ram + physical);
  }

  /** Host address of a physical address. */
  long at(long physical) {
    return ram + physical;
  }

  /** A virtual machine of one processor with this memory. */
  VmConfig vmConfig() {
    return new VmConfig(
        CpuModel.max(), List.of(bus), List.of(new NoInterrupts()), new StoppedTime());
  }

  /** The state of a processor in 64-bit mode at CPL 0 that is about to execute at an address. */
  static CpuState state(long rip) {
    CpuState s = new CpuState();
    s.rip = rip;
    s.cr0 = Cr.CR0_PE | Cr.CR0_PG;
    s.cr3 = TABLES;
    s.cr4 = Cr.CR4_PAE;
    s.efer = Cr.EFER_LME | Cr.EFER_LMA;
    s.fpu.init();
    for (Segment segment : s.seg) {
      segment.set(0x10, 0, -1, DATA_SEGMENT, true);
    }
    s.seg[Reg.CS].set(8, 0, -1, CODE_SEGMENT, true);
    return s;
  }

  /** A processor in 64-bit mode at CPL 0. */
  Cpu cpu() {
    Cpu c = new Cpu(0, CpuModel.max(), bus, new NoInterrupts(), new StoppedTime());
    c.cr0 = Cr.CR0_PE | Cr.CR0_PG;
    c.cr4 = Cr.CR4_PAE;
    c.cr3 = TABLES;
    c.efer = Cr.EFER_LME | Cr.EFER_LMA;
    for (Segment s : c.seg) {
      s.set(0x10, 0, -1, DATA_SEGMENT, true);
    }
    c.seg[Reg.CS].set(8, 0, -1, CODE_SEGMENT, true);
    CpuMode.update(c);
    return c;
  }
}
