/** The Linux boot protocol: the zero page, the initrd and the ways into a kernel. */
package org.quern.firmware.linux;
