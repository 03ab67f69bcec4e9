/** SMBIOS structures, generated from the board's description. */
package org.quern.firmware.smbios;
