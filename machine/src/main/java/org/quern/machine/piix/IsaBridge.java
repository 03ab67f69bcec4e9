package org.quern.machine.piix;

import org.quern.machine.core.IrqLine;
import org.quern.machine.core.Stateful;
import org.quern.machine.pci.PciConfigSpace;
import org.quern.machine.pci.PciFunction;
import org.quern.machine.pci.PciReg;
import org.quern.machine.pci.PciWindows;

/**
 * The PIIX3 PCI-to-ISA bridge: routes PIRQA to PIRQD to ISA interrupts by registers 0x60 to 0x63.
 * Other device-specific registers are storage, as in QEMU; the ISA devices behind the bridge are
 * devices of their own.
 *
 * <p>Under the machine lock. Source: Intel 82371SB (PIIX3) datasheet, 2.1.
 */
public final class IsaBridge implements PciFunction, Stateful<IsaBridge.State> {
  /** Number of PIRQ inputs. */
  public static final int PIRQS = 4;

  private static final int VENDOR_INTEL = 0x8086;
  private static final int DEVICE_PIIX3_ISA = 0x7000;
  private static final int CLASS_ISA_BRIDGE = 0x06_0100;

  /** The bridge is always enabled. */
  private static final int COMMAND =
      PciReg.COMMAND_IO | PciReg.COMMAND_MEMORY | PciReg.COMMAND_MASTER;

  private static final int STATUS_MEDIUM_TIMING = 0x0200;

  // PIRQRC[A:D]: 2.2.6.
  private static final int PIRQ_ROUTE = 0x60;
  private static final int ROUTE_OFF = 0x80;

  // Values after reset of registers with no function here: datasheet tables, as QEMU sets them.
  private static final int[][] RESET_VALUES = {
    {0x4c, 0x4d},
    {0x4e, 0x03},
    {0x69, 0x02},
    {0x70, 0x80},
    {0x76, 0x0c},
    {0x77, 0x0c},
    {0x78, 0x02},
    {0xa0, 0x08},
    {0xa8, 0x0f}
  };

  private final PciConfigSpace config =
      new PciConfigSpace(VENDOR_INTEL, DEVICE_PIIX3_ISA, 0, CLASS_ISA_BRIDGE);
  private final IrqLine[] irqs;
  private int asserted;

  /**
   * Guest-visible state.
   *
   * @param config configuration space
   * @param asserted levels of the PIRQ inputs, PIRQA in bit 0
   */
  public record State(String config, int asserted) {}

  /**
   * Creates the bridge.
   *
   * @param irqs sixteen wires, one into each ISA interrupt, for this bridge alone
   */
  public IsaBridge(IrqLine[] irqs) {
    this.irqs = irqs.clone();
    config.initial(PciReg.COMMAND, 2, COMMAND);
    config.writable(PciReg.COMMAND, 2, PciReg.COMMAND_SERR);
    config.initial(PciReg.STATUS, 2, STATUS_MEDIUM_TIMING);
    config.initial(PciReg.HEADER_TYPE, 1, PciReg.MULTI_FUNCTION);
    config.writableDeviceSpecific();
    for (int[] r : RESET_VALUES) {
      config.initial(r[0], 1, r[1]);
    }
    for (int i = 0; i < PIRQS; i++) {
      config.initial(PIRQ_ROUTE + i, 1, ROUTE_OFF);
    }
  }

  /**
   * The wire into a PIRQ.
   *
   * @param pirq 0 (PIRQA) to 3 (PIRQD)
   */
  public IrqLine pirq(int pirq) {
    int bit = 1 << pirq;
    return level -> {
      asserted = level ? asserted | bit : asserted & ~bit;
      drive();
    };
  }

  /** Routes the PIRQs as firmware would. */
  public void route(int[] isaIrqs) {
    for (int i = 0; i < PIRQS; i++) {
      config.set(PIRQ_ROUTE + i, 1, isaIrqs[i]);
    }
    drive();
  }

  private void drive() {
    int levels = 0;
    for (int i = 0; i < PIRQS; i++) {
      int route = config.get(PIRQ_ROUTE + i, 1);
      if (route < irqs.length && (asserted >> i & 1) != 0) {
        levels |= 1 << route;
      }
    }
    for (int irq = 0; irq < irqs.length; irq++) {
      irqs[irq].set((levels >> irq & 1) != 0);
    }
  }

  @Override
  public PciConfigSpace config() {
    return config;
  }

  @Override
  public void configWritten(int offset, int size) {
    if (offset < PIRQ_ROUTE + PIRQS && offset + size > PIRQ_ROUTE) {
      drive();
    }
  }

  @Override
  public void addWindows(PciWindows windows) {
    // ISA devices are at fixed places, subtractively decoded.
  }

  @Override
  public void reset() {
    config.reset();
    drive();
  }

  @Override
  public State state() {
    return new State(config.dump(), asserted);
  }

  @Override
  public void restore(State s) {
    if ((s.asserted & ~0xf) != 0) {
      throw new IllegalArgumentException("not levels of four PIRQs: " + s.asserted);
    }
    config.load(s.config);
    asserted = s.asserted;
    drive();
  }
}
