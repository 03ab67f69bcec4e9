package org.quern.firmware.memory;

/**
 * The firmware's own places in the first megabyte. Loaded images must stay out of {@link
 * #BOOT_AREA} to {@link #LOW_END}; what lies there is handed to the kernel, which may reuse it once
 * it has copied it.
 */
public final class FirmwareLayout {
  /** BIOS data area: ports of COM1 to COM4. */
  public static final long BDA_COM_PORTS = 0x400;

  /** BIOS data area: segment of the EBDA. */
  public static final long BDA_EBDA_SEGMENT = 0x40e;

  /** BIOS data area: conventional memory in KiB. */
  public static final long BDA_MEMORY_KIB = 0x413;

  /** The Linux zero page. Old kernels expect it here, the command line within its 64 KiB. */
  public static final long BOOT_PARAMS = 0x90000;

  public static final long BOOT_AREA = BOOT_PARAMS;

  public static final long COMMAND_LINE = 0x91000;
  public static final int COMMAND_LINE_MAX = 0x4000;

  /** Linux setup_data nodes, the PVH start info or the multiboot information. */
  public static final long BOOT_INFO = COMMAND_LINE + COMMAND_LINE_MAX;

  public static final int BOOT_INFO_MAX = 0x3000;

  /** Six pages that map the first 4 GiB onto themselves. */
  public static final long PAGE_TABLES = BOOT_INFO + BOOT_INFO_MAX;

  public static final long GDT = PAGE_TABLES + 0x6000;

  /** Initial stack, growing down from below the boot area. */
  public static final long STACK_TOP = BOOT_AREA;

  /** Extended BIOS data area, the end of conventional memory. */
  public static final long EBDA = 0x9fc00;

  public static final long LOW_END = 0x100000;

  /** Start of the legacy video window. */
  public static final long VIDEO = 0xa0000;

  /** ACPI: the root pointer, then the tables. */
  public static final long ACPI = 0xe0000;

  public static final int ACPI_MAX = 0x10000;

  /** MP table and SMBIOS: both are searched for from here on. */
  public static final long BIOS_TABLES = 0xf0000;

  public static final int BIOS_TABLES_MAX = 0xe000;

  public static final long FOUR_GIB = 1L << 32;

  private FirmwareLayout() {}
}
