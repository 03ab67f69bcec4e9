/**
 * External firmware given with {@code -bios}, and what a BIOS leaves in memory for those without.
 */
package org.quern.firmware.bios;
