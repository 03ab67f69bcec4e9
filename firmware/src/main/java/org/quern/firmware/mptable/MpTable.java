package org.quern.firmware.mptable;

import java.util.List;
import org.quern.firmware.BoardDescription;
import org.quern.firmware.BoardDescription.Pci;
import org.quern.firmware.bytes.ByteWriter;

/**
 * The MP floating pointer and configuration table. Processors whose APIC id does not fit into eight
 * bits are left out. Source: Intel MultiProcessor Specification 1.4, chapter 4.
 */
public final class MpTable {
  private static final int POINTER_SIZE = 16;
  private static final int HEADER_SIZE = 44;
  private static final int REVISION = 4;

  private static final int PROCESSOR = 0;
  private static final int BUS = 1;
  private static final int IO_APIC = 2;
  private static final int IO_INTERRUPT = 3;
  private static final int LOCAL_INTERRUPT = 4;

  private static final int ENABLED = 1;
  private static final int BOOT_PROCESSOR = 2;
  private static final int LOCAL_APIC_VERSION = 0x14;
  private static final int IO_APIC_VERSION = 0x11;
  private static final int MAX_XAPIC_ID = 254;

  /** Family 6; the features say that there are an FPU and an APIC. */
  private static final int CPU_SIGNATURE = 0x600;

  private static final int CPU_FEATURES = 0x201;

  // Interrupt types, table 4-10; flags: 0 as the bus has it, else active high and level.
  private static final int INT = 0;
  private static final int NMI = 1;
  private static final int EXT_INT = 3;
  private static final int LEVEL_ACTIVE_HIGH = 0x0d;

  private static final int ALL_CPUS = 0xff;
  private static final int ISA_IRQS = 16;
  private static final int CASCADE = 2;
  private static final int SLOTS = 32;
  private static final int PINS = 4;

  private final BoardDescription board;
  private final ByteWriter entries = new ByteWriter();
  private int count;

  private MpTable(BoardDescription board) {
    this.board = board;
  }

  /**
   * Builds the pointer and, right behind it, the table.
   *
   * @param base physical address of the result, on a 16-byte boundary within 0xf0000 to 0xfffff
   */
  public static byte[] build(BoardDescription board, long base) {
    MpTable t = new MpTable(board);
    t.fill();
    ByteWriter table =
        new ByteWriter()
            .text("PCMP")
            .u16(HEADER_SIZE + t.entries.size())
            .u8(REVISION)
            .u8(0)
            .text("QUERN", 8, ' ')
            .text("PC", 12, ' ')
            .u32(0)
            .u16(0)
            .u16(t.count)
            .u32(board.apics().localBase())
            .u16(0)
            .u8(0)
            .u8(0)
            .raw(t.entries.toBytes());
    table.checksum(7, 0, table.size());
    ByteWriter pointer =
        new ByteWriter()
            .text("_MP_")
            .u32(base + POINTER_SIZE)
            .u8(POINTER_SIZE / 16)
            .u8(REVISION)
            .zeros(6);
    pointer.checksum(10, 0, POINTER_SIZE);
    return pointer.raw(table.toBytes()).toBytes();
  }

  private void fill() {
    for (int i = 0; i < board.cpus(); i++) {
      int id = board.apicIds().get(i);
      if (id <= MAX_XAPIC_ID) {
        entry(PROCESSOR).u8(id).u8(LOCAL_APIC_VERSION).u8(i == 0 ? ENABLED | BOOT_PROCESSOR : 1);
        entries.u32(CPU_SIGNATURE).u32(CPU_FEATURES).zeros(8);
      }
    }
    int isa = board.pci().isPresent() ? 1 : 0;
    if (board.pci().isPresent()) {
      entry(BUS).u8(0).text("PCI", 6, ' ');
    }
    entry(BUS).u8(isa).text("ISA", 6, ' ');
    int ioId = board.apics().ioId();
    entry(IO_APIC).u8(ioId).u8(IO_APIC_VERSION).u8(ENABLED).u32(board.apics().ioBase());
    List<Integer> pirqs = board.pci().map(Pci::pirqIrqs).orElse(List.of());
    if (!pirqs.isEmpty()) {
      pciInterrupts(ioId, pirqs);
    }
    for (int irq = 0; irq < ISA_IRQS; irq++) {
      if (irq != CASCADE && !pirqs.contains(irq)) {
        boolean sci = irq == board.power().sciIrq();
        int pin = irq == 0 ? CASCADE : irq;
        interrupt(IO_INTERRUPT, INT, sci ? LEVEL_ACTIVE_HIGH : 0, isa, irq, ioId, pin);
      }
    }
    interrupt(LOCAL_INTERRUPT, EXT_INT, 0, isa, 0, ALL_CPUS, 0);
    interrupt(LOCAL_INTERRUPT, NMI, 0, isa, 0, ALL_CPUS, 1);
  }

  /** The PIIX routes PCI pins to ISA interrupts in APIC mode as well. */
  private void pciInterrupts(int ioId, List<Integer> pirqs) {
    for (int slot = 1; slot < SLOTS; slot++) {
      for (int pin = 0; pin < PINS; pin++) {
        int irq = pirqs.get(slot + pin - 1 & PINS - 1);
        interrupt(IO_INTERRUPT, INT, LEVEL_ACTIVE_HIGH, 0, slot << 2 | pin, ioId, irq);
      }
    }
  }

  private void interrupt(int type, int kind, int flags, int bus, int irq, int apic, int pin) {
    entry(type).u8(kind).u16(flags).u8(bus).u8(irq).u8(apic).u8(pin);
  }

  private ByteWriter entry(int type) {
    count++;
    return entries.u8(type);
  }
}
