/**
 * What a machine's firmware does before the guest's first instruction: reads kernel images, puts
 * them into guest memory by their boot protocol and describes the machine to them (ACPI, SMBIOS, MP
 * table, memory map). Start at {@link org.quern.firmware.Firmware}. Nothing here executes guest
 * code, and the tables know no board: everything in them follows from {@link
 * org.quern.firmware.BoardDescription}.
 */
package org.quern.firmware;
