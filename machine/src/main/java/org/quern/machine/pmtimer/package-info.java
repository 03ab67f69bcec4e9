/** The ACPI power-management timer as a value; the chip that has it (PIIX4, ICH9) owns the port. */
package org.quern.machine.pmtimer;
