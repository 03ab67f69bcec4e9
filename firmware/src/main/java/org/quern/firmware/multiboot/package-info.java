/**
 * Multiboot 1 and 2: loading by ELF or by the addresses of the header, and what a kernel is told.
 */
package org.quern.firmware.multiboot;
