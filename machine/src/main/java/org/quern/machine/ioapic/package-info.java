/** The I/O APIC: interrupt pins to messages on the {@link org.quern.machine.lapic.ApicBus}. */
package org.quern.machine.ioapic;
