/** The Intel MultiProcessor table, for guests from before ACPI. */
package org.quern.firmware.mptable;
