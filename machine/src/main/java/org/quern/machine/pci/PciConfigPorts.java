package org.quern.machine.pci;

import org.quern.machine.core.PortDevice;
import org.quern.machine.core.Resettable;
import org.quern.machine.core.Stateful;

/**
 * Configuration mechanism 1: the address register (doublewords only) and the data window of eight
 * ports; the second port is the reset control register when accessed as a byte.
 *
 * <p>Under the machine lock. Source: PCI Local Bus 3.0, 3.2.2.3.2.
 */
public final class PciConfigPorts
    implements PortDevice, Resettable, Stateful<PciConfigPorts.State> {
  public static final int PORTS = 8;

  private static final int RESET_CONTROL = 1;
  private static final int DATA = 4;
  private static final int ENABLE = 1 << 31;

  /** Enable, bus, device and function, register. */
  private static final int ADDRESS_MASK = 0x80ff_fffc;

  private final PciBus bus;
  private final PortDevice resetControl;
  private int address;

  /**
   * Guest-visible state.
   *
   * @param address the address register
   */
  public record State(int address) {}

  /**
   * Creates the ports.
   *
   * @param resetControl one port
   */
  public PciConfigPorts(PciBus bus, PortDevice resetControl) {
    this.bus = bus;
    this.resetControl = resetControl;
  }

  @Override
  public int read(int offset, int size) {
    if (offset == 0 && size == 4) {
      return address;
    }
    if (offset == RESET_CONTROL && size == 1) {
      return resetControl.read(0, 1);
    }
    if (offset < DATA || !onThisBus()) {
      return -1;
    }
    return bus.configRead(address >> 8 & 0xff, (address & 0xfc) + offset - DATA, size);
  }

  @Override
  public void write(int offset, int size, int value) {
    if (offset == 0 && size == 4) {
      address = value & ADDRESS_MASK;
    } else if (offset == RESET_CONTROL && size == 1) {
      resetControl.write(0, 1, value);
    } else if (offset >= DATA && onThisBus()) {
      bus.configWrite(address >> 8 & 0xff, (address & 0xfc) + offset - DATA, size, value);
    }
  }

  private boolean onThisBus() {
    return (address & ENABLE) != 0 && (address >> 16 & 0xff) == 0;
  }

  @Override
  public void reset() {
    address = 0;
  }

  @Override
  public State state() {
    return new State(address);
  }

  @Override
  public void restore(State s) {
    if ((s.address & ~ADDRESS_MASK) != 0) {
      throw new IllegalArgumentException(
          "not a configuration address: " + Integer.toHexString(s.address));
    }
    address = s.address;
  }
}
