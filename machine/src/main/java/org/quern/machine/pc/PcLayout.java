package org.quern.machine.pc;

/**
 * Every magic number of the board {@code pc}: ports, memory windows, interrupt numbers, PCI slots.
 * QEMU's {@code pc-i440fx}, wherever a guest can notice. Mirrored in {@code docs/io-map.md}, which
 * a test compares with this class.
 */
public final class PcLayout {
  // ---- physical memory

  /** RAM above this moves to 4 GiB, once there is more than {@link #LOW_RAM_LIMIT}. */
  public static final long LOW_RAM_SPLIT = 0xc000_0000L;

  /** All RAM lies below 4 GiB if there is less than this. */
  public static final long LOW_RAM_LIMIT = 0xe000_0000L;

  /** Conventional memory ends here. */
  public static final long CONVENTIONAL_END = 0xa_0000L;

  public static final long IOAPIC = 0xfec0_0000L;
  public static final long IOAPIC_BYTES = 0x1000;
  public static final long HPET = 0xfed0_0000L;
  public static final long HPET_BYTES = 0x400;

  /** The same address on every processor, another device behind it. */
  public static final long LAPIC = 0xfee0_0000L;

  public static final long LAPIC_BYTES = 0x1000;

  /** Memory of the test device. */
  public static final long TEST_MEMORY = 0xff00_0000L;

  // Where a BIOS would put the BARs of pci-testdev.
  public static final long PCI_TEST_MEMORY = 0xfebf_f000L;
  public static final int PCI_TEST_PORTS = 0xc000;

  // ---- ports

  public static final int PIC_MASTER = 0x20;
  public static final int PIT = 0x40;
  public static final int KEYBOARD_DATA = 0x60;
  public static final int SPEAKER = 0x61;
  public static final int KEYBOARD_COMMAND = 0x64;
  public static final int RTC = 0x70;
  public static final int POST = 0x80;
  public static final int PORT_92 = 0x92;
  public static final int PIC_SLAVE = 0xa0;

  /** Advanced power management control (the ACPI SMI command port) and status. */
  public static final int APM = 0xb2;

  /** The test device's latch, its page to forget, and its latch through a path of one byte. */
  public static final int TEST_LATCH = 0xe0;

  public static final int TEST_FLUSH = 0xe4;
  public static final int TEST_LATCH_BYTES = 0xe8;
  public static final int DEBUG_CONSOLE = 0xe9;
  public static final int COM4 = 0x2e8;
  public static final int COM2 = 0x2f8;
  public static final int LPT1 = 0x378;
  public static final int COM3 = 0x3e8;
  public static final int COM1 = 0x3f8;

  /** Edge or level for each interrupt. */
  public static final int ELCR = 0x4d0;

  public static final int DEBUG_EXIT = 0x501;
  public static final int FW_CFG = 0x510;
  public static final int FW_CFG_DMA = 0x514;

  /** Where firmware puts the PM block; the register decides. */
  public static final int PM_BASE = 0x600;

  /** Configuration address, reset control (at {@value #RESET_CONTROL}) and data. */
  public static final int PCI_CONFIG = 0xcf8;

  public static final int RESET_CONTROL = 0xcf9;

  /** A port of the test device for each global system interrupt. */
  public static final int TEST_LINES = 0x2000;

  public static final int GPE = 0xafe0;

  // ---- ISA interrupts, also I/O APIC pins except for 0, which is pin 2

  public static final int IRQ_TIMER = 0;
  public static final int IOAPIC_PIN_TIMER = 2;
  public static final int IRQ_KEYBOARD = 1;
  public static final int IRQ_COM2 = 3;
  public static final int IRQ_COM1 = 4;
  public static final int IRQ_LPT1 = 7;
  public static final int IRQ_RTC = 8;
  public static final int IRQ_SCI = 9;
  public static final int IRQ_MOUSE = 12;

  /** What firmware routes PIRQA to PIRQD to. */
  public static final int[] PIRQ_IRQS = {10, 10, 11, 11};

  // ---- PCI bus 0: slot << 3 | function

  public static final int DEVFN_HOST = 0;
  public static final int DEVFN_ISA = 1 << 3;
  public static final int DEVFN_PM = 1 << 3 | 3;

  /** pci-testdev, in the first slot QEMU would give it. */
  public static final int DEVFN_TEST = 2 << 3;

  // ---- values written to the SMI command port

  public static final int ACPI_ENABLE = 0xf1;
  public static final int ACPI_DISABLE = 0xf0;

  private PcLayout() {}
}
