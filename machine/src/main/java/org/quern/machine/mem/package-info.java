/**
 * Guest physical memory: RAM, ROM, which page of it is visible where, and the windows of
 * memory-mapped devices. No device lives here. Start with {@link
 * org.quern.machine.mem.PhysicalMap}.
 */
package org.quern.machine.mem;
