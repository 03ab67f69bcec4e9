package org.quern.cli.difftest;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.quern.accel.api.CpuState;
import org.quern.cli.CliException;
import org.quern.x86.asm.Assembler;
import org.quern.x86.asm.Assembly;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** Writes the guest that all engines run: processor tables, page tables and the harness. */
final class GuestImage {
  private static final int PRESENT = 1;
  private static final int WRITABLE = 2;
  private static final int USER = 4;
  private static final long NX = 1L << 63;

  /** Where the harness has faulted, or 0. */
  private static final int BROKEN = Layout.VARIABLES + 72;

  private final boolean avx;
  private final Assembly harness;

  /**
   * @param avx whether the upper halves of the YMM registers are loaded and saved
   */
  GuestImage(boolean avx) {
    this.avx = avx;
    this.harness = Assembler.assemble(constants() + source(), 64, Layout.HARNESS);
  }

  /** Where the address lies that a slot of code jumps to when it is done. */
  static int leaveVariable() {
    return Layout.VARIABLES + 64;
  }

  private String source() {
    String text;
    try (InputStream in = GuestImage.class.getResourceAsStream("harness.asm")) {
      text = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    StringBuilder load = new StringBuilder();
    StringBuilder save = new StringBuilder();
    for (int n = 0; avx && n < 16; n++) {
      int at = 512 + 16 * n;
      load.append(String.format("vinsertf128 ymm%d, ymm%d, [rcx + %d], 1%n", n, n, at));
      int to = Layout.OUT_YMM_HIGH + 16 * n;
      save.append(String.format("vextractf128 [rbx + %d], ymm%d, 1%n", to, n));
    }
    return text.replace("    AVX_LOAD", load)
        .replace("    AVX_SAVE", save)
        .replace("    RESTORE", restore());
  }

  /** Copies the contents of the special pages that a case may have changed. */
  private static String restore() {
    StringBuilder s = new StringBuilder();
    for (int page : Layout.SPECIAL_WRITABLE) {
      int offset = page * HostMemory.PAGE_SIZE;
      s.append("mov esi, ").append(Layout.PRISTINE + offset).append('\n');
      s.append("mov edi, ").append(Layout.SPECIAL + offset).append('\n');
      s.append("mov ecx, ").append(HostMemory.PAGE_SIZE / 8).append("\nrep movsq\n");
    }
    return s.toString();
  }

  private static String constants() {
    int frame = Layout.EXCEPTION_STACK;
    Object[][] all = {
      {"HARNESS", Layout.HARNESS},
      {"CURRENT", Layout.VARIABLES},
      {"LEFT", Layout.VARIABLES + 8},
      {"IB", Layout.VARIABLES + 16},
      {"TARGET", Layout.VARIABLES + 24},
      {"SAVED_RSP", Layout.VARIABLES + 32},
      {"OUT_TOP", Layout.VARIABLES + 40},
      {"EXIT", exitVariable()},
      {"FAULT_ADDRESS", cr2Variable()},
      {"BROKEN", BROKEN},
      {"IB_TABLE", Layout.BLOCKS},
      {"IB_BYTES", Layout.BLOCK_BYTES},
      {"CASE_BYTES", Layout.CASE_BYTES},
      {"VECTORS_IN", Layout.VECTORS_IN},
      {"VECTORS_OUT", Layout.VECTORS_OUT},
      {"WINDOW", Layout.WINDOW},
      {"FIXED_AT", Layout.FIXED_AT},
      {"FIXED_COPY", Layout.FIXED_COPY},
      {"FIXED_BYTES", Layout.FIXED_BYTES},
      {"OUT_WINDOW", Layout.OUT_WINDOW},
      {"WINDOW_BYTES", Layout.WINDOW_BYTES},
      {"OUT_END", Layout.OUT_END},
      {"OUT_EXIT", Layout.OUT_EXIT},
      {"OUT_ERROR", Layout.OUT_ERROR},
      {"OUT_RIP", Layout.OUT_RIP},
      {"OUT_FAULT_RFLAGS", Layout.OUT_FAULT_RFLAGS},
      {"OUT_FAULT_RSP", Layout.OUT_FAULT_RSP},
      {"OUT_CR2", Layout.OUT_CR2},
      {"OUT_VECTORS", Layout.OUT_VECTORS},
      {"OUT_ENVIRONMENT", Layout.OUT_ENVIRONMENT},
      {"FAULT", Layout.FAULT},
      {"END_PORT", Layout.END_PORT},
      {"FRAME_RSP", frame - 16},
      {"FRAME_RFLAGS", frame - 24},
      {"FRAME_RIP", frame - 40},
      {"ERROR_CODE", frame - 48},
    };
    StringBuilder s = new StringBuilder();
    for (Object[] c : all) {
      s.append(c[0]).append(" equ ").append(c[1]).append('\n');
    }
    return s.toString();
  }

  /** Where a slot of code says by which pad it leaves. */
  static int exitVariable() {
    return Layout.VARIABLES + 48;
  }

  private static int cr2Variable() {
    return Layout.VARIABLES + 56;
  }

  // ---- memory

  /**
   * To be asked when a batch has ended.
   *
   * @throws CliException if the harness could not run all cases
   */
  static void check(long ram) throws CliException {
    if (HostMemory.getLong(ram + BROKEN) != 0) {
      long at = HostMemory.getLong(ram + Layout.VARIABLES);
      throw new CliException(
          String.format(
              "a case has overwritten what the harness needs for the case at %#x:"
                  + " it faults at %#x, the case has %x, %x, %x",
              at,
              HostMemory.getLong(ram + BROKEN),
              HostMemory.getLong(ram + at + Layout.VECTORS_IN),
              HostMemory.getLong(ram + at + Layout.WINDOW),
              HostMemory.getLong(ram + at + Layout.FIXED_AT)));
    }
  }

  /** Writes everything but the cases into RAM at a host address. */
  void writeTo(long ram) {
    long leave = harness.symbol("leave");
    HostMemory.putLong(ram + leaveVariable(), leave);
    tables(ram);
    pages(ram);
    fillSpecial(ram, Layout.PRISTINE);
    write(ram, Layout.HARNESS, harness.bytes());
    StringBuilder stubs = new StringBuilder();
    StringBuilder entries = new StringBuilder();
    for (int v = 0; v < 32; v++) {
      stubs.append("align 32\n");
      if (v == 14) {
        stubs.append("push rax\nmov rax, cr2\nmov [" + cr2Variable() + "], rax\npop rax\n");
      }
      stubs.append("mov rsp, " + (Layout.FRAMES + v * Layout.FRAME_BYTES) + "\niretq\n");
      entries.append("align 32\n");
      entries.append("mov qword [" + exitVariable() + "], " + (Layout.FAULT + v) + "\n");
      entries.append("jmp " + leave + "\n");
      frame(ram, v, Layout.FAULT_ENTRIES + 32L * v);
    }
    write(ram, Layout.STUBS, Assembler.assemble(stubs.toString(), 64, Layout.STUBS).bytes());
    write(
        ram,
        Layout.FAULT_ENTRIES,
        Assembler.assemble(entries.toString(), 64, Layout.FAULT_ENTRIES).bytes());
  }

  /** Gives the special pages the contents they have at the begin of each run. */
  static void fillSpecial(long ram) {
    fillSpecial(ram, Layout.SPECIAL);
  }

  private static void fillSpecial(long ram, int to) {
    for (int n = 0; n < Layout.SPECIAL_PAGES * HostMemory.PAGE_SIZE; n += 8) {
      HostMemory.putLong(ram + to + n, special(n));
    }
  }

  /**
   * Eight bytes of the special pages as every case finds them.
   *
   * @param offset from their begin, a multiple of 8
   */
  static long special(int offset) {
    return 0x9e3779b97f4a7c15L * (offset + 1);
  }

  private static void write(long ram, int at, byte[] bytes) {
    HostMemory.write(bytes, 0, bytes.length, ram + at);
  }

  private static void frame(long ram, int v, long rip) {
    long f = ram + Layout.FRAMES + (long) v * Layout.FRAME_BYTES;
    HostMemory.putLong(f, rip);
    HostMemory.putLong(f + 8, Layout.USER_CODE);
    HostMemory.putLong(f + 16, RFlags.FIXED | RFlags.IF);
    HostMemory.putLong(f + 24, Layout.EXCEPTION_STACK - 0x800);
    HostMemory.putLong(f + 32, Layout.USER_DATA);
  }

  private static void tables(long ram) {
    long[] gdt = {
      0,
      0x00af9b000000ffffL,
      0x00cf93000000ffffL,
      0,
      0,
      0x00cff3000000ffffL,
      0x00affb000000ffffL,
      0x0000890000000000L | Layout.TSS_LIMIT | (long) Layout.TSS << 16,
      0
    };
    for (int n = 0; n < gdt.length; n++) {
      HostMemory.putLong(ram + Layout.GDT + 8L * n, gdt[n]);
    }
    for (int v = 0; v < 32; v++) {
      gate(ram, v, Layout.STUBS + 32 * v, v == 3 || v == 4 ? 3 : 0);
    }
    // User code may write the one port that ends a batch. SDM vol. 1, 19.5.2.
    HostMemory.putLong(ram + Layout.TSS + 4, Layout.EXCEPTION_STACK);
    HostMemory.putShort(ram + Layout.TSS + 102, (short) 104);
    HostMemory.fill(ram + Layout.TSS + 104, Layout.TSS_LIMIT - 103, (byte) 0xff);
    HostMemory.putByte(
        ram + Layout.TSS + 104 + (Layout.END_PORT >> 3), (byte) ~(1 << (Layout.END_PORT & 7)));
  }

  /** A 64-bit interrupt gate. SDM vol. 3A, 6.14.1. */
  private static void gate(long ram, int v, long to, int dpl) {
    long at = ram + Layout.IDT + 16L * v;
    long attributes = 0x8e00L | dpl << 13;
    HostMemory.putLong(
        at,
        to & 0xffff
            | (long) Layout.KERNEL_CODE << 16
            | attributes << 32
            | (to >> 16 & 0xffff) << 48);
    HostMemory.putLong(at + 8, 0);
  }

  private static void pages(long ram) {
    HostMemory.putLong(ram + Layout.PML4, Layout.PDPT | PRESENT | WRITABLE | USER);
    HostMemory.putLong(ram + Layout.PDPT, Layout.PD | PRESENT | WRITABLE | USER);
    int tables = Layout.RAM_BYTES >> 21;
    for (int n = 0; n < tables; n++) {
      long table = Layout.PAGE_TABLES + 0x1000L * n;
      HostMemory.putLong(ram + Layout.PD + 8L * n, table | PRESENT | WRITABLE | USER);
    }
    for (int page = 0; page < Layout.RAM_BYTES >> 12; page++) {
      HostMemory.putLong(ram + Layout.PAGE_TABLES + 8L * page, entry(page << 12));
    }
  }

  /** The page-table entry of a page. */
  private static long entry(int address) {
    if (address == 0) {
      return 0;
    }
    if (address < Layout.EXCEPTION_STACK - 0x1000) {
      return address | PRESENT | WRITABLE;
    }
    if (address >= Layout.SPECIAL && address < Layout.SPECIAL + Layout.SPECIAL_PAGES * 0x1000) {
      return switch (address - Layout.SPECIAL >> 12) {
        case Layout.SPECIAL_NOT_PRESENT -> 0;
        case Layout.SPECIAL_READ_ONLY -> address | PRESENT | USER | NX;
        case Layout.SPECIAL_SUPERVISOR -> address | PRESENT | WRITABLE | NX;
        default -> address | PRESENT | WRITABLE | USER | NX;
      };
    }
    boolean code =
        (address >= Layout.HARNESS && address < Layout.BLOCKS)
            || (address >= Layout.CODE && address < Layout.CODE_END);
    if (code) {
      return address | PRESENT | USER;
    }
    if (address >= Layout.PAGE_TABLES && address < Layout.CODE) {
      return address | PRESENT | WRITABLE | NX;
    }
    return address | PRESENT | WRITABLE | USER | NX;
  }

  // ---- registers

  /** The state in which the guest begins: user code at the start of the harness. */
  CpuState start() {
    CpuState s = new CpuState();
    s.rip = Layout.HARNESS;
    s.rflags = RFlags.FIXED | RFlags.IF;
    s.gpr[Reg.RSP] = Layout.EXCEPTION_STACK - 0x800;
    s.cr0 = Cr.CR0_PE | Cr.CR0_MP | Cr.CR0_ET | Cr.CR0_NE | Cr.CR0_WP | Cr.CR0_AM | Cr.CR0_PG;
    s.cr3 = Layout.PML4;
    s.cr4 = Cr.CR4_PAE | Cr.CR4_OSFXSR | Cr.CR4_OSXMMEXCPT;
    s.xcr0 = 1;
    if (avx) {
      s.cr4 |= Cr.CR4_OSXSAVE;
      s.xcr0 = 7;
    }
    s.efer = Cr.EFER_SCE | Cr.EFER_LME | Cr.EFER_LMA | Cr.EFER_NXE;
    s.gdtBase = Layout.GDT;
    s.gdtLimit = 9 * 8 - 1;
    s.idtBase = Layout.IDT;
    s.idtLimit = 0xfff;
    s.dr[6] = 0xffff0ff0L;
    s.dr[7] = 0x400;
    s.fpu.init();
    s.tr.set(Layout.TSS_SELECTOR, Layout.TSS, Layout.TSS_LIMIT, 0x8b, true);
    s.ldtr.set(0, 0, 0, 0x82, false);
    int common = Segment.P | Segment.S | Segment.G | Segment.ACCESSED | Segment.WRITABLE;
    int data = common | Segment.DB | Segment.DPL;
    for (int n = 0; n < 6; n++) {
      s.seg[n].set(Layout.USER_DATA, 0, -1, data, true);
    }
    s.seg[Reg.FS].base = Layout.FS_BASE;
    s.seg[Reg.GS].base = 2 * Layout.FS_BASE;
    int code = common | Segment.CODE | Segment.L | Segment.DPL;
    s.seg[Reg.CS].set(Layout.USER_CODE, 0, -1, code, true);
    return s;
  }
}
