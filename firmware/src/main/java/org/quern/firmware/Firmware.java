package org.quern.firmware;

import static org.quern.firmware.bytes.LittleEndian.put16;

import java.util.List;
import org.quern.accel.api.CpuState;
import org.quern.firmware.acpi.AcpiTables;
import org.quern.firmware.bios.InterruptVectors;
import org.quern.firmware.image.ElfImage;
import org.quern.firmware.image.ImageFile;
import org.quern.firmware.image.KernelImage;
import org.quern.firmware.linux.LinuxLoader;
import org.quern.firmware.memory.FirmwareLayout;
import org.quern.firmware.memory.RamCheck;
import org.quern.firmware.mptable.MpTable;
import org.quern.firmware.multiboot.MultibootLoader;
import org.quern.firmware.pvh.PvhLoader;
import org.quern.firmware.smbios.SmbiosTables;
import org.quern.firmware.unpack.ElfPlacement;

/**
 * Boots a kernel directly: writes the machine's tables and the kernel into guest memory and says in
 * what state the boot processor starts. Stateless; a reset is another call.
 */
public final class Firmware {
  private static final int TABLE_ALIGN = 16;
  private static final int BDA_SIZE = 0x100;
  private static final int MAX_COM_PORTS = 4;

  private Firmware() {}

  /**
   * Loads a kernel with all that belongs to it.
   *
   * @return the state of the boot processor at the kernel's entry
   * @throws BootException if the kernel or what goes with it cannot be booted on this machine;
   *     memory is then undefined
   */
  public static CpuState load(BootRequest request, GuestMemory memory, BoardDescription board)
      throws BootException {
    try (ImageFile file = ImageFile.open("kernel", request.kernel())) {
      if (board.ramBelow4G() < FirmwareLayout.LOW_END) {
        throw file.error(
            "needs a machine with at least 1 MiB of RAM, this one has "
                + RamCheck.mib(board.ramBelow4G()));
      }
      KernelImage image = KernelImage.read(file);
      if (request.entry() != EntryMode.AUTO && !(image instanceof KernelImage.Linux)) {
        throw file.error("is no Linux bzImage, so there is no choice of its entry (kernel-entry)");
      }
      installTables(memory, board);
      long rsdp = FirmwareLayout.ACPI;
      if (image instanceof KernelImage.Linux linux) {
        return new LinuxLoader(request, board, memory, rsdp).load(file, linux.header());
      } else if (image instanceof KernelImage.Multiboot1 multiboot) {
        return new MultibootLoader(request, board, memory, rsdp).load(file, multiboot);
      } else if (image instanceof KernelImage.Multiboot2 multiboot) {
        return new MultibootLoader(request, board, memory, rsdp).load(file, multiboot);
      } else if (image instanceof KernelImage.Pvh pvh) {
        return PvhLoader.load(file, pvh, request, board, memory, rsdp);
      } else if (image instanceof KernelImage.PlainElf plain) {
        return plainElf(file, plain.elf(), request, memory, board, rsdp);
      }
      throw new IllegalStateException("unhandled kind of image: " + image);
    }
  }

  private static CpuState plainElf(
      ImageFile file,
      ElfImage elf,
      BootRequest request,
      GuestMemory memory,
      BoardDescription board,
      long rsdp)
      throws BootException {
    RamCheck.require(board, file.name() + " (its entry)", elf.physicalEntry(), 1);
    ElfPlacement.load(file, elf, board, memory);
    return new LinuxLoader(request, board, memory, rsdp).enterPlain(file, elf);
  }

  /**
   * Writes the interrupt vectors, the BIOS data area and the ACPI, SMBIOS and MP tables.
   *
   * @throws IllegalArgumentException if the board has more processors than the tables have room for
   */
  public static void installTables(GuestMemory memory, BoardDescription board) {
    InterruptVectors.install(memory);
    byte[] bda = biosDataArea(board);
    memory.write(FirmwareLayout.BDA_COM_PORTS, bda, 0, bda.length);
    // An EBDA starts with its size in KiB.
    byte[] ebda = {1, 0};
    memory.write(FirmwareLayout.EBDA, ebda, 0, ebda.length);
    put(
        memory,
        FirmwareLayout.ACPI,
        AcpiTables.build(board, FirmwareLayout.ACPI),
        FirmwareLayout.ACPI + FirmwareLayout.ACPI_MAX);
    long end = FirmwareLayout.BIOS_TABLES + FirmwareLayout.BIOS_TABLES_MAX;
    long mp = FirmwareLayout.BIOS_TABLES;
    long smbios = put(memory, mp, MpTable.build(board, mp), end);
    put(memory, smbios, SmbiosTables.build(board, smbios), end);
  }

  /** Writes a table and returns the place of the next. */
  private static long put(GuestMemory memory, long at, byte[] table, long end) {
    if (at + table.length > end) {
      throw new IllegalArgumentException(
          "firmware tables of " + table.length + " bytes do not fit; too many processors");
    }
    memory.write(at, table, 0, table.length);
    return at + table.length + TABLE_ALIGN - 1 & -TABLE_ALIGN;
  }

  private static byte[] biosDataArea(BoardDescription board) {
    byte[] bda = new byte[BDA_SIZE];
    List<BoardDescription.Serial> serials = board.legacy().serials();
    for (int i = 0; i < Math.min(serials.size(), MAX_COM_PORTS); i++) {
      put16(bda, 2 * i, serials.get(i).port());
    }
    int ebda = (int) (FirmwareLayout.BDA_EBDA_SEGMENT - FirmwareLayout.BDA_COM_PORTS);
    int kib = (int) (FirmwareLayout.BDA_MEMORY_KIB - FirmwareLayout.BDA_COM_PORTS);
    put16(bda, ebda, (int) (FirmwareLayout.EBDA >> 4));
    put16(bda, kib, (int) (FirmwareLayout.EBDA >> 10));
    return bda;
  }
}
