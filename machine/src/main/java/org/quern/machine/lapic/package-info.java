/**
 * Local APICs and the bus that carries messages between them, the I/O APIC and devices that signal
 * by MSI. Start with {@link org.quern.machine.lapic.LocalApic}; {@link
 * org.quern.machine.lapic.ApicBus} routes, {@link org.quern.machine.lapic.ApicWindow} is the xAPIC
 * register page.
 *
 * <p>Lock order: machine lock, then the lock of one local APIC, never two of them. A processor uses
 * its own APIC without the machine lock, except to end a level-triggered interrupt (which the I/O
 * APIC must hear) and to acknowledge an interrupt of the 8259A pair.
 */
package org.quern.machine.lapic;
