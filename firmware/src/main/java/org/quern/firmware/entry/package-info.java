/** The processor's state at a boot protocol's entry point, and the tables it needs for that. */
package org.quern.firmware.entry;
