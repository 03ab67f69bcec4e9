package org.quern.firmware.entry;

import org.quern.accel.api.CpuState;
import org.quern.firmware.GuestMemory;
import org.quern.firmware.bytes.ByteWriter;
import org.quern.firmware.memory.FirmwareLayout;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Builds the state in which the boot protocols enter a kernel: flat segments, interrupts off; in
 * protected mode without paging, or in long mode with the first 4 GiB mapped onto themselves.
 * Writes the GDT and the page tables for it.
 */
public final class EntryState {
  /** Selectors of the Linux boot protocol, __BOOT_CS and __BOOT_DS. */
  public static final int LINUX_CODE = 0x10;

  /** Code selector of the other protocols, which leave it open; QEMU's choice. */
  public static final int OTHER_CODE = 0x08;

  private static final int DATA_ATTR =
      Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED | Segment.DB | Segment.G;
  private static final int CODE32_ATTR = DATA_ATTR | Segment.CODE;
  private static final int CODE64_ATTR = CODE32_ATTR & ~Segment.DB | Segment.L;
  private static final int BUSY_TSS_ATTR = Segment.P | 11;
  private static final int TSS_LIMIT = 0x67;

  // SDM vol. 3A, 12.11.2.1 and 12.12.4: caching as a BIOS leaves it, all memory write-back.
  private static final long MTRR_ENABLED_WRITE_BACK = 0x806;
  private static final long PAT_AFTER_RESET = 0x0007040600070406L;

  // SDM vol. 3A, 4.5: present, writable, and the 2 MiB page bit of a page directory entry.
  private static final long PRESENT_WRITABLE = 3;
  private static final long LARGE_PAGE = 1 << 7;
  private static final int ENTRIES = 512;
  private static final int PAGE = 4096;
  private static final int DIRECTORIES = 4;

  private EntryState() {}

  /**
   * Protected mode, paging off.
   *
   * @param codeSelector {@link #LINUX_CODE} or {@link #OTHER_CODE}; the data selector follows it
   */
  public static CpuState protectedMode(GuestMemory memory, int codeSelector, long entry) {
    CpuState s = common(memory, codeSelector, CODE32_ATTR, entry);
    s.cr0 = Cr.CR0_PE | Cr.CR0_ET;
    return s;
  }

  /** Long mode, 64-bit code, the first 4 GiB mapped onto themselves. */
  public static CpuState longMode(GuestMemory memory, int codeSelector, long entry) {
    CpuState s = common(memory, codeSelector, CODE64_ATTR, entry);
    writePageTables(memory);
    s.cr0 = Cr.CR0_PE | Cr.CR0_ET | Cr.CR0_PG;
    s.cr3 = FirmwareLayout.PAGE_TABLES;
    s.cr4 = Cr.CR4_PAE;
    s.efer = Cr.EFER_LME | Cr.EFER_LMA;
    return s;
  }

  private static CpuState common(GuestMemory memory, int codeSelector, int codeAttr, long entry) {
    CpuState s = new CpuState();
    registers(s);
    // QEMU resets the x87 like this: small kernels compute without an FNINIT of their own.
    s.fpu.init();
    int dataSelector = codeSelector + 8;
    for (Segment segment : s.seg) {
      segment.set(dataSelector, 0, -1, DATA_ATTR, true);
    }
    s.seg[Reg.CS].set(codeSelector, 0, -1, codeAttr, true);
    s.ldtr.set(0, 0, 0, Segment.P | 2, false);
    s.tr.set(dataSelector + 8, 0, TSS_LIMIT, BUSY_TSS_ATTR, true);
    s.rip = entry;
    s.gpr[Reg.RSP] = FirmwareLayout.STACK_TOP;
    byte[] gdt = gdt(codeSelector, codeAttr);
    memory.write(FirmwareLayout.GDT, gdt, 0, gdt.length);
    s.gdtBase = FirmwareLayout.GDT;
    s.gdtLimit = gdt.length - 1;
    return s;
  }

  private static void registers(CpuState s) {
    s.dr[6] = 0xffff0ff0L;
    s.dr[7] = 0x400;
    s.msr.pat = PAT_AFTER_RESET;
    s.msr.mtrrDefType = MTRR_ENABLED_WRITE_BACK;
  }

  private static byte[] gdt(int codeSelector, int codeAttr) {
    ByteWriter w = new ByteWriter().zeros(codeSelector);
    flat(w, codeAttr);
    flat(w, DATA_ATTR);
    // The task segment, 16 bytes wide so that it is right in long mode too.
    w.u16(TSS_LIMIT).u16(0).u8(0).u8(BUSY_TSS_ATTR).u16(0).u64(0);
    return w.toBytes();
  }

  private static void flat(ByteWriter w, int attr) {
    w.u16(0xffff).u16(0).u8(0).u16(attr | 0xf00).u8(0);
  }

  private static void writePageTables(GuestMemory memory) {
    long base = FirmwareLayout.PAGE_TABLES;
    ByteWriter w = new ByteWriter();
    w.u64(base + PAGE | PRESENT_WRITABLE).align(PAGE);
    for (int i = 0; i < DIRECTORIES; i++) {
      w.u64(base + (2L + i) * PAGE | PRESENT_WRITABLE);
    }
    w.align(PAGE);
    for (long i = 0; i < (long) DIRECTORIES * ENTRIES; i++) {
      w.u64(i << 21 | LARGE_PAGE | PRESENT_WRITABLE);
    }
    byte[] tables = w.toBytes();
    memory.write(base, tables, 0, tables.length);
  }
}
