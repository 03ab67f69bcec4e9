/**
 * How processors and bus masters reach ports and memory: {@link org.quern.machine.bus.SystemBus}
 * and {@link org.quern.machine.bus.SystemDma}. The only place that takes the machine lock for a
 * processor.
 */
package org.quern.machine.bus;
