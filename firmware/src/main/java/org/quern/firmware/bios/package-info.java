/** External firmware given with {@code -bios}. */
package org.quern.firmware.bios;
