/**
 * Unpacking the compressed payload of a bzImage and putting the ELF in it straight into guest
 * memory. The codecs are libraries; here are only their framing and their limits.
 */
package org.quern.firmware.unpack;
