package org.quern.machine.pci;

import org.quern.machine.core.Resettable;

/** One function of a PCI device. Under the machine lock. */
public interface PciFunction extends Resettable {
  PciConfigSpace config();

  /** The guest has written some of the configuration space; it holds the new values. */
  void configWritten(int offset, int size);

  /** Adds what the function decodes besides its BARs, as its registers stand now. */
  void addWindows(PciWindows windows);
}
