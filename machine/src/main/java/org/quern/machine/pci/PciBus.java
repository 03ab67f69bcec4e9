package org.quern.machine.pci;

import java.util.Arrays;
import org.quern.machine.core.IrqLine;
import org.quern.machine.core.Resettable;
import org.quern.machine.io.PortMap;
import org.quern.machine.mem.MmioMap;

/**
 * PCI bus 0: finds functions by slot, keeps their windows in the memory and port maps where the
 * guest has put them, and swizzles their interrupt pins onto four PIRQ lines.
 *
 * <p>Under the machine lock. A window that overlaps an earlier one (by slot) or anything fixed
 * stays invisible until the guest moves it.
 */
public final class PciBus implements Resettable {
  private static final int FUNCTIONS = 256;
  private static final int PINS = 4;

  private final PciFunction[] functions = new PciFunction[FUNCTIONS];
  private final PortMap ports;
  private final MmioMap memory;
  private final WiredOr[] pirqs;
  private PciWindows shown = new PciWindows();
  private int hidden;

  /**
   * An empty bus.
   *
   * @param pirqs where PIRQA to PIRQD end
   */
  public PciBus(PortMap ports, MmioMap memory, IrqLine[] pirqs) {
    this.ports = ports;
    this.memory = memory;
    this.pirqs = Arrays.stream(pirqs).map(WiredOr::new).toArray(WiredOr[]::new);
  }

  /**
   * Plugs a function in.
   *
   * @param devfn slot times 8 plus function
   * @throws IllegalArgumentException if there is one already
   */
  public void add(int devfn, PciFunction function) {
    if (functions[devfn] != null) {
      throw new IllegalArgumentException("PCI function " + devfn + " exists already");
    }
    functions[devfn] = function;
    remap();
  }

  /** The function in a place, or null. */
  public PciFunction function(int devfn) {
    return functions[devfn];
  }

  /**
   * A wire from an interrupt pin of a function.
   *
   * @param pin 0 (INTA) to 3 (INTD)
   */
  public IrqLine intx(int devfn, int pin) {
    return pirqs[pirq(devfn, pin)].input();
  }

  /** Which PIRQ an interrupt pin ends at: pins rotate by slot, from slot 1. */
  public static int pirq(int devfn, int pin) {
    return pin + (devfn >> 3) + PINS - 1 & PINS - 1;
  }

  /** Reads configuration space; ones where there is no function. */
  int configRead(int devfn, int offset, int size) {
    PciFunction f = functions[devfn];
    return f == null ? -1 : f.config().get(offset, size);
  }

  void configWrite(int devfn, int offset, int size, int value) {
    PciFunction f = functions[devfn];
    if (f != null) {
      f.config().guestWrite(offset, size, value);
      f.configWritten(offset, size);
      remap();
    }
  }

  /** Puts every window where the registers say. Call after a function's state was replaced. */
  public void remap() {
    PciWindows windows = new PciWindows();
    for (int devfn = 0; devfn < FUNCTIONS; devfn++) {
      PciFunction f = functions[devfn];
      if (f != null) {
        addBars(windows, "pci " + (devfn >> 3) + "." + (devfn & 7), f.config());
        f.addWindows(windows);
      }
    }
    if (windows.ports().equals(shown.ports()) && windows.memory().equals(shown.memory())) {
      return;
    }
    shown = windows;
    int ignoredPorts = windows.ports().size() - ports.movable(windows.ports());
    int ignoredMemory = windows.memory().size() - memory.movable(windows.memory());
    hidden = ignoredPorts + ignoredMemory;
  }

  /** How many windows are invisible because others were there first. */
  public int hiddenWindows() {
    return hidden;
  }

  private static void addBars(PciWindows windows, String name, PciConfigSpace config) {
    for (PciBar bar : config.bars()) {
      long base = config.base(bar);
      if (bar instanceof PciBar.Ports p) {
        windows.ports(name, base, p.count(), p.width(), p.device());
      } else if (bar instanceof PciBar.Memory m) {
        windows.memory(name, base, m.size(), m.device());
      } else if (bar instanceof PciBar.Memory64 m) {
        windows.memory(name, base, m.size(), m.device());
      }
    }
  }

  @Override
  public void reset() {
    for (PciFunction f : functions) {
      if (f != null) {
        f.reset();
      }
    }
    remap();
  }
}
