package org.quern.machine.piix;

import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Stateful;
import org.quern.machine.pci.PciConfigSpace;
import org.quern.machine.pci.PciFunction;
import org.quern.machine.pci.PciReg;
import org.quern.machine.pci.PciWindows;

/**
 * The power management function of the PIIX4: shows the PM block at the port its base register
 * names, once its enable bit is set. Other device-specific registers are storage.
 *
 * <p>Under the machine lock. Source: Intel 82371AB (PIIX4) datasheet, 7.1. Known gap: no SMBus
 * controller; its base and enable registers read as switched off.
 */
public final class PmFunction implements PciFunction, Stateful<PmFunction.State> {
  private static final int VENDOR_INTEL = 0x8086;
  private static final int DEVICE_PIIX4_PM = 0x7113;
  private static final int REVISION = 3;
  private static final int CLASS_OTHER_BRIDGE = 0x06_8000;
  private static final int STATUS_MEDIUM_TIMING_FAST = 0x0280;
  private static final int INTA = 1;

  // PMBA and PMREGMISC: 7.1.7 and 7.1.25.
  private static final int PM_BASE = 0x40;
  private static final int PM_BASE_IS_IO = 1;
  private static final int PM_BASE_MASK = 0xffc0;
  private static final int PM_MISC = 0x80;
  private static final int PM_ENABLE = 1;

  // DEVACTB, APMC_EN: 7.1.18. Set from the start, as QEMU does without SMM: firmware then takes SMM
  // for set up and does not wait for an SMI handler that never runs.
  private static final int DEVICE_ACTIVITY_TOP = 0x5b;
  private static final int APMC_EN = 1 << 1;

  // DEVRESA, DEVRESC, DEVRESE: which ISA devices the chip decodes; QEMU's values.
  private static final int DECODE_A = 0x5f;
  private static final int DECODE_A_VALUE = 0x10;
  private static final int DECODE_C = 0x63;
  private static final int DECODE_C_VALUE = 0x60;
  private static final int DECODE_E = 0x67;
  private static final int DECODE_COM1 = 0x08;
  private static final int DECODE_COM2 = 0x90;

  // SMBus base and host configuration: 7.1.26 and 7.1.27; hardwired to off.
  private static final int SMBUS_BASE = 0x90;
  private static final int SMBUS_CONFIG = 0xd2;

  private final PciConfigSpace config =
      new PciConfigSpace(VENDOR_INTEL, DEVICE_PIIX4_PM, REVISION, CLASS_OTHER_BRIDGE);
  private final PortDevice pmBlock;

  /**
   * Guest-visible state.
   *
   * @param config configuration space
   */
  public record State(String config) {}

  /**
   * Creates the function.
   *
   * @param pmBlock the block that it shows, {@link AcpiPm#PM_PORTS} ports
   * @param serials how many serial ports there are
   */
  public PmFunction(PortDevice pmBlock, int serials) {
    this.pmBlock = pmBlock;
    config.initial(PciReg.STATUS, 2, STATUS_MEDIUM_TIMING_FAST);
    config.initial(PciReg.INTERRUPT_PIN, 1, INTA);
    config.writableDeviceSpecific();
    config.initial(PM_BASE, 4, PM_BASE_IS_IO);
    config.writable(PM_BASE, 4, PM_BASE_MASK);
    config.initial(DEVICE_ACTIVITY_TOP, 1, APMC_EN);
    config.initial(DECODE_A, 1, DECODE_A_VALUE);
    config.initial(DECODE_C, 1, DECODE_C_VALUE);
    config.initial(DECODE_E, 1, (serials > 0 ? DECODE_COM1 : 0) | (serials > 1 ? DECODE_COM2 : 0));
    config.initial(SMBUS_BASE, 4, PM_BASE_IS_IO);
    config.writable(SMBUS_BASE, 4, 0);
    config.writable(SMBUS_CONFIG, 1, 0);
  }

  /** Shows the PM block at a port as firmware would. Call {@code PciBus.remap} afterwards. */
  public void place(int port, int irq) {
    config.set(PM_BASE, 4, port & PM_BASE_MASK | PM_BASE_IS_IO);
    config.set(PM_MISC, 1, PM_ENABLE);
    config.set(PciReg.INTERRUPT_LINE, 1, irq);
  }

  @Override
  public PciConfigSpace config() {
    return config;
  }

  @Override
  public void configWritten(int offset, int size) {
    // The bus asks for the windows after every write; nothing else depends on a register.
  }

  @Override
  public void addWindows(PciWindows windows) {
    if ((config.get(PM_MISC, 1) & PM_ENABLE) != 0) {
      int base = config.get(PM_BASE, 4) & PM_BASE_MASK;
      windows.ports("acpi-pm", base, AcpiPm.PM_PORTS, 4, pmBlock);
    }
  }

  @Override
  public void reset() {
    config.reset();
  }

  @Override
  public State state() {
    return new State(config.dump());
  }

  @Override
  public void restore(State s) {
    config.load(s.config);
  }
}
