/**
 * Conventional PCI: configuration space, base address registers and the windows behind them,
 * configuration mechanism 1, and the i440FX host bridge. Start with {@link
 * org.quern.machine.pci.PciBus}.
 */
package org.quern.machine.pci;
