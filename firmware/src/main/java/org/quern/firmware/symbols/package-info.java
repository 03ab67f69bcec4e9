/** Names for kernel addresses, from System.map or from an ELF file. */
package org.quern.firmware.symbols;
