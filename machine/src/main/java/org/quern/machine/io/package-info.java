/**
 * The I/O port space: which device answers at which of the 65,536 ports. No device lives here.
 * Start with {@link org.quern.machine.io.PortMap}.
 */
package org.quern.machine.io;
