package org.quern.firmware.acpi;

import java.util.ArrayList;
import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BoardDescription.Power;
import org.quern.firmware.bytes.ByteWriter;

/**
 * The ACPI tables of a board as one block of memory: RSDP first, then RSDT, XSDT, FACS, DSDT, FADT,
 * MADT and HPET. Source: ACPI 6.4, chapter 5; IA-PC HPET 1.0a, 3.2.4.
 */
public final class AcpiTables {
  private static final int HEADER_SIZE = 36;
  private static final int CHECKSUM = 9;
  private static final int RSDP_SIZE = 36;
  private static final int RSDP_V1_SIZE = 20;
  private static final int ALIGN = 16;
  private static final int FACS_ALIGN = 64;
  private static final int FACS_SIZE = 64;

  private static final String OEM_ID = "QUERN";
  private static final String CREATOR = "QURN";

  // FADT flags, table 5-10.
  private static final int WBINVD = 1;
  private static final int PROC_C1 = 1 << 2;
  private static final int SLP_BUTTON = 1 << 5;
  private static final int RTC_S4 = 1 << 7;
  private static final int RESET_REG_SUP = 1 << 10;
  private static final int USE_PLATFORM_CLOCK = 1 << 15;

  // IA-PC boot architecture flags, table 5-11.
  private static final int LEGACY_DEVICES = 1;
  private static final int KEYBOARD_8042 = 1 << 1;
  private static final int NO_VGA = 1 << 2;
  private static final int NO_RTC = 1 << 5;

  private static final int SPACE_MEMORY = 0;
  private static final int SPACE_IO = 1;

  // MADT structures, section 5.2.12; MPS INTI flags, table 5-26.
  private static final int MADT_PCAT_COMPAT = 1;
  private static final int CPU_ENABLED = 1;
  private static final int ALL_CPUS = 0xff;
  private static final int ALL_X2APICS = -1;
  private static final int LEVEL_ACTIVE_HIGH = 0x0d;
  private static final int[] PCI_ISA_IRQS = {5, 9, 10, 11};

  /** Largest id an xAPIC can have; 255 is the broadcast. */
  private static final int MAX_XAPIC_ID = 254;

  /** Intel, one comparator block of three, 64-bit counter, legacy routing (HPET 1.0a, 2.3.4). */
  private static final long HPET_BLOCK_ID = 0x8086a201L;

  private static final int HPET_MIN_TICK = 0;

  private final BoardDescription board;
  private final long base;
  private final ByteWriter memory = new ByteWriter();

  private AcpiTables(BoardDescription board, long base) {
    this.board = board;
    this.base = base;
  }

  /**
   * Builds all tables.
   *
   * @param base physical address they will have; the RSDP lies there, so it must be on a 16-byte
   *     boundary within 0xe0000 to 0xfffff for guests that search for it
   */
  public static byte[] build(BoardDescription board, long base) {
    if (base % FACS_ALIGN != 0) {
      throw new IllegalArgumentException("ACPI tables must start on a 64-byte boundary");
    }
    return new AcpiTables(board, base).build();
  }

  private byte[] build() {
    memory.zeros(RSDP_SIZE);
    memory.align(FACS_ALIGN);
    long facs = here();
    memory.text("FACS").u32(FACS_SIZE).zeros(FACS_SIZE - 8);
    long dsdt = table("DSDT", 1, Dsdt.of(board));
    List<Long> roots = new ArrayList<>();
    roots.add(table("FACP", 3, fadt(facs, dsdt)));
    roots.add(table("APIC", 3, madt()));
    if (board.apics().hpetBase() != 0) {
      roots.add(table("HPET", 1, hpet()));
    }
    ByteWriter narrow = new ByteWriter();
    ByteWriter wide = new ByteWriter();
    for (long root : roots) {
      narrow.u32(root);
      wide.u64(root);
    }
    long rsdt = table("RSDT", 1, narrow.toBytes());
    long xsdt = table("XSDT", 1, wide.toBytes());
    ByteWriter rsdp =
        new ByteWriter()
            .text("RSD PTR ")
            .u8(0)
            .text(OEM_ID, 6, ' ')
            .u8(2)
            .u32(rsdt)
            .u32(RSDP_SIZE)
            .u64(xsdt)
            .u32(0);
    rsdp.checksum(8, 0, RSDP_V1_SIZE).checksum(32, 0, RSDP_SIZE);
    memory.patch(0, rsdp.toBytes());
    return memory.toBytes();
  }

  private long here() {
    return base + memory.size();
  }

  /** Appends a table with its header and returns its address. */
  private long table(String signature, int revision, byte[] body) {
    memory.align(ALIGN);
    int start = memory.size();
    int length = HEADER_SIZE + body.length;
    memory
        .text(signature)
        .u32(length)
        .u8(revision)
        .u8(0)
        .text(OEM_ID, 6, ' ')
        .text(OEM_ID + signature, 8, ' ')
        .u32(1)
        .text(CREATOR)
        .u32(1)
        .raw(body)
        .checksum(start + CHECKSUM, start, length);
    return base + start;
  }

  /** The fixed description in the layout of ACPI 2.0, 244 bytes with the header. */
  private byte[] fadt(long facs, long dsdt) {
    Power p = board.power();
    boolean gpe = p.gpe0Base() != 0;
    int arch =
        LEGACY_DEVICES
            | (board.legacy().keyboard() ? KEYBOARD_8042 : 0)
            | (board.legacy().vga() ? 0 : NO_VGA)
            | (board.legacy().rtc() ? 0 : NO_RTC);
    ByteWriter w = new ByteWriter();
    w.u32(facs).u32(dsdt).u8(0).u8(0).u16(p.sciIrq());
    w.u32(p.smiPort()).u8(p.acpiEnable()).u8(p.acpiDisable()).u8(0).u8(0);
    w.u32(p.pmBase()).u32(0); // PM1a and PM1b events
    w.u32(p.pmBase() + 4L).u32(0); // PM1a and PM1b control
    w.u32(0).u32(p.pmBase() + 8L); // PM2 control, PM timer
    w.u32(p.gpe0Base()).u32(0);
    w.u8(4).u8(2).u8(0).u8(4).u8(gpe ? p.gpe0Length() : 0).u8(0).u8(0).u8(0);
    w.u16(0xfff).u16(0xfff); // no C2, no C3
    w.u16(0).u16(0).u8(0).u8(0); // flushing, duty cycle
    w.u8(0).u8(0).u8(board.legacy().rtc() ? 0x32 : 0); // RTC alarm day, month, century
    w.u16(arch).u8(0);
    w.u32(WBINVD | PROC_C1 | SLP_BUTTON | RTC_S4 | RESET_REG_SUP | USE_PLATFORM_CLOCK);
    address(w, SPACE_IO, 8, p.resetPort());
    w.u8(p.resetValue()).zeros(3);
    w.u64(0).u64(dsdt); // the 32-bit FACS address is enough
    address(w, SPACE_IO, 32, p.pmBase());
    address(w, SPACE_IO, 0, 0);
    address(w, SPACE_IO, 16, p.pmBase() + 4L);
    address(w, SPACE_IO, 0, 0);
    address(w, SPACE_IO, 0, 0);
    address(w, SPACE_IO, 32, p.pmBase() + 8L);
    address(w, SPACE_IO, gpe ? 8 * p.gpe0Length() : 0, p.gpe0Base());
    address(w, SPACE_IO, 0, 0);
    return w.toBytes();
  }

  /** A generic address structure; an absent register is all zeros but for the space. */
  private static void address(ByteWriter w, int space, int bits, long address) {
    w.u8(space).u8(bits).u8(0).u8(0).u64(address);
  }

  private byte[] madt() {
    ByteWriter w = new ByteWriter().u32(board.apics().localBase()).u32(MADT_PCAT_COMPAT);
    boolean x2apic = false;
    for (int i = 0; i < board.cpus(); i++) {
      int id = board.apicIds().get(i);
      if (id <= MAX_XAPIC_ID) {
        w.u8(0).u8(8).u8(i).u8(id).u32(CPU_ENABLED);
      } else {
        x2apic = true;
        w.u8(9).u8(16).u16(0).u32(id).u32(CPU_ENABLED).u32(i);
      }
    }
    w.u8(1).u8(12).u8(board.apics().ioId()).u8(0).u32(board.apics().ioBase()).u32(0);
    // The PIT arrives at pin 2; the interrupts PCI links can use are level-triggered.
    override(w, 0, 2, 0);
    for (int irq : PCI_ISA_IRQS) {
      override(w, irq, irq, LEVEL_ACTIVE_HIGH);
    }
    w.u8(4).u8(6).u8(ALL_CPUS).u16(0).u8(1); // LINT1 is NMI
    if (x2apic) {
      w.u8(10).u8(12).u16(0).u32(ALL_X2APICS).u8(1).zeros(3);
    }
    return w.toBytes();
  }

  private static void override(ByteWriter w, int irq, int pin, int flags) {
    w.u8(2).u8(10).u8(0).u8(irq).u32(pin).u16(flags);
  }

  private byte[] hpet() {
    ByteWriter w = new ByteWriter().u32(HPET_BLOCK_ID);
    address(w, SPACE_MEMORY, 0, board.apics().hpetBase());
    return w.u8(0).u16(HPET_MIN_TICK).u8(0).toBytes();
  }
}
