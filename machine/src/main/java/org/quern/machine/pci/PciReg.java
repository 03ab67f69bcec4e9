package org.quern.machine.pci;

/**
 * Offsets and bits of the standard configuration header. Source: PCI Local Bus 3.0, 6.1 and 6.2.
 */
public final class PciReg {
  public static final int VENDOR = 0x00;
  public static final int DEVICE = 0x02;
  public static final int COMMAND = 0x04;
  public static final int STATUS = 0x06;
  public static final int REVISION = 0x08;
  public static final int CLASS = 0x09;
  public static final int CACHE_LINE = 0x0c;
  public static final int HEADER_TYPE = 0x0e;
  public static final int BAR0 = 0x10;
  public static final int SUBSYSTEM_VENDOR = 0x2c;
  public static final int SUBSYSTEM = 0x2e;
  public static final int INTERRUPT_LINE = 0x3c;
  public static final int INTERRUPT_PIN = 0x3d;

  /** First register that belongs to the device. */
  public static final int DEVICE_SPECIFIC = 0x40;

  public static final int COMMAND_IO = 1;
  public static final int COMMAND_MEMORY = 1 << 1;
  public static final int COMMAND_MASTER = 1 << 2;
  public static final int COMMAND_SERR = 1 << 8;
  public static final int COMMAND_INTX_DISABLE = 1 << 10;

  /** Status bits that are cleared by writing 1. */
  public static final int STATUS_ERRORS = 0xf900;

  /** Header type bit: the slot has more than one function. */
  public static final int MULTI_FUNCTION = 0x80;

  private PciReg() {}
}
