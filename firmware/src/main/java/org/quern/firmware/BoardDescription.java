package org.quern.firmware;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.quern.machine.mem.GuestRam;
import org.quern.machine.pc.PcConfig;
import org.quern.machine.pc.PcLayout;
import org.quern.machine.piix.AcpiPm;
import org.quern.x86.state.CpuFeature;

/**
 * Everything the generated tables say about a machine. Addresses are physical, ports are port
 * numbers, sizes are bytes.
 *
 * @param product the machine's name for people, as in SMBIOS
 * @param apicIds the local APIC id of each processor, the boot processor first
 * @param longMode whether the processors have long mode
 * @param ramBelow4G bytes of RAM from address 0
 * @param ramAbove4G bytes of RAM from 4 GiB
 * @param romSize bytes of ROM that end at 4 GiB, 0 for none
 * @param apics interrupt controllers
 * @param power ACPI fixed hardware
 * @param pci the PCI host bridge, if there is one
 * @param legacy devices on the ISA bus
 */
public record BoardDescription(
    String product,
    List<Integer> apicIds,
    boolean longMode,
    long ramBelow4G,
    long ramAbove4G,
    long romSize,
    Apics apics,
    Power power,
    Optional<Pci> pci,
    Legacy legacy) {

  /**
   * Interrupt controllers.
   *
   * @param hpetBase address of the HPET, 0 for none
   */
  public record Apics(long localBase, long ioBase, int ioId, long hpetBase) {}

  /**
   * ACPI fixed hardware of the PIIX4 kind: the PM1 event block at {@code pmBase}, PM1 control at
   * +4, the timer at +8.
   *
   * @param gpe0Base port of the general-purpose event block, 0 for none
   * @param gpe0Length bytes of that block, status and enable together
   * @param sleepTypeOff SLP_TYP value that powers the machine off
   */
  public record Power(
      int sciIrq,
      int pmBase,
      int gpe0Base,
      int gpe0Length,
      int smiPort,
      int acpiEnable,
      int acpiDisable,
      int resetPort,
      int resetValue,
      int sleepTypeOff) {}

  /**
   * The PCI host bridge.
   *
   * @param windowStart first address of the 32-bit memory window
   * @param windowEnd first address after it
   * @param isaBridgeSlot the slot whose function 0 has the PIRQ route registers at 0x60 to 0x63
   * @param pirqIrqs ISA interrupts of PIRQA to PIRQD as the board comes up
   */
  public record Pci(long windowStart, long windowEnd, int isaBridgeSlot, List<Integer> pirqIrqs) {
    public Pci {
      pirqIrqs = List.copyOf(pirqIrqs);
    }
  }

  /** A 16550 on the ISA bus. */
  public record Serial(int port, int irq) {}

  /**
   * Devices on the ISA bus.
   *
   * @param fwCfgPort base port of fw_cfg, 0 for none
   */
  public record Legacy(
      List<Serial> serials, boolean keyboard, boolean rtc, boolean vga, int fwCfgPort) {
    public Legacy {
      serials = List.copyOf(serials);
    }
  }

  /** The least a pc's ROM takes below 4 GiB, with or without an image in it. */
  private static final int PC_ROM_BYTES = 256 << 10;

  /** Where the pc's 32-bit PCI window starts unless RAM is in the way. */
  private static final long PC_PCI_WINDOW = 0x80000000L;

  /** Reset control: full reset, now. */
  private static final int PC_FULL_RESET = 6;

  public BoardDescription {
    apicIds = List.copyOf(apicIds);
  }

  public int cpus() {
    return apicIds.size();
  }

  /**
   * A {@code pc} board as it comes: 64-bit processors, COM1 and COM2, no ROM image.
   *
   * @param cpus number of processors, APIC ids 0 upwards
   */
  public static BoardDescription pc(int cpus, long ramBelow4G, long ramAbove4G) {
    return pc(cpus, true, ramBelow4G, ramAbove4G, 0, 2);
  }

  /** The {@code pc} board of a configuration, with the RAM it has got. */
  public static BoardDescription pc(PcConfig config, GuestRam ram) {
    return pc(
        config.cpus(),
        config.model().has(CpuFeature.LM),
        ram.lowBytes(),
        ram.highBytes(),
        config.bios().length,
        config.serials().size());
  }

  private static BoardDescription pc(
      int cpus, boolean longMode, long below4G, long above4G, int biosBytes, int serials) {
    List<Integer> apicIds = new ArrayList<>();
    for (int i = 0; i < cpus; i++) {
      apicIds.add(i);
    }
    List<Integer> pirqIrqs = new ArrayList<>();
    for (int irq : PcLayout.PIRQ_IRQS) {
      pirqIrqs.add(irq);
    }
    return new BoardDescription(
        "Standard PC (i440FX + PIIX, 1996)",
        apicIds,
        longMode,
        below4G,
        above4G,
        Math.max(biosBytes, PC_ROM_BYTES),
        new Apics(PcLayout.LAPIC, PcLayout.IOAPIC, 0, PcLayout.HPET),
        new Power(
            PcLayout.IRQ_SCI,
            PcLayout.PM_BASE,
            PcLayout.GPE,
            AcpiPm.GPE_PORTS,
            PcLayout.APM,
            PcLayout.ACPI_ENABLE,
            PcLayout.ACPI_DISABLE,
            PcLayout.RESET_CONTROL,
            PC_FULL_RESET,
            0),
        Optional.of(
            new Pci(
                Math.max(below4G, PC_PCI_WINDOW),
                PcLayout.IOAPIC,
                PcLayout.DEVFN_ISA >> 3,
                pirqIrqs)),
        new Legacy(
            List.of(
                    new Serial(PcLayout.COM1, PcLayout.IRQ_COM1),
                    new Serial(PcLayout.COM2, PcLayout.IRQ_COM2),
                    new Serial(PcLayout.COM3, PcLayout.IRQ_COM1),
                    new Serial(PcLayout.COM4, PcLayout.IRQ_COM2))
                .subList(0, serials),
            true,
            true,
            false,
            PcLayout.FW_CFG));
  }
}
