/**
 * The south bridge of the pc: the PIIX3 ISA bridge with its interrupt router and reset control, and
 * the PIIX4 power management function with QEMU's ACPI blocks. Start with {@link
 * org.quern.machine.piix.IsaBridge}.
 */
package org.quern.machine.piix;
