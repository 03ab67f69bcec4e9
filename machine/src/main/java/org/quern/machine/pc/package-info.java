/**
 * The board {@code pc}: i440FX and PIIX3, what QEMU boots by default. Start with {@link
 * org.quern.machine.pc.PcBoard}; every address is in {@link org.quern.machine.pc.PcLayout}.
 */
package org.quern.machine.pc;
