/**
 * The 16550A serial port. Registers and interrupts only: lines come from {@code chardev}. Start
 * with {@link org.quern.machine.uart.Uart16550}.
 */
package org.quern.machine.uart;
