/** The high-precision event timers. */
package org.quern.machine.hpet;
