package org.quern.firmware;

import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

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

  public BoardDescription {
    apicIds = List.copyOf(apicIds);
  }

  public int cpus() {
    return apicIds.size();
  }

  /**
   * The {@code pc} board, with the addresses of QEMU's machine of that name.
   *
   * @param cpus number of processors, APIC ids 0 upwards
   */
  public static BoardDescription pc(int cpus, long ramBelow4G, long ramAbove4G) {
    return new BoardDescription(
        "Standard PC (i440FX + PIIX, 1996)",
        IntStream.range(0, cpus).boxed().toList(),
        true,
        ramBelow4G,
        ramAbove4G,
        256 << 10,
        new Apics(0xfee00000L, 0xfec00000L, 0, 0xfed00000L),
        new Power(9, 0x600, 0, 0, 0xb2, 0xf1, 0xf0, 0xcf9, 6, 0),
        Optional.of(
            new Pci(Math.max(ramBelow4G, 0x80000000L), 0xfec00000L, 1, List.of(10, 10, 11, 11))),
        new Legacy(List.of(new Serial(0x3f8, 4), new Serial(0x2f8, 3)), true, true, false, 0x510));
  }
}
