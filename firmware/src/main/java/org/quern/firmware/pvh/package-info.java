/** The PVH entry of ELF kernels, as Xen defined it and QEMU uses it. */
package org.quern.firmware.pvh;
