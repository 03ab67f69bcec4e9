/**
 * ACPI tables, generated from the board's description. {@link org.quern.firmware.acpi.AcpiTables}
 * puts them together, {@link org.quern.firmware.acpi.Dsdt} says what is on the board, {@link
 * org.quern.firmware.acpi.Aml} and {@link org.quern.firmware.acpi.Resources} encode it.
 */
package org.quern.firmware.acpi;
