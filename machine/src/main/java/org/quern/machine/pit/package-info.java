/**
 * The 8254 interval timer of a PC and port 0x61. Start with {@link org.quern.machine.pit.Pit};
 * {@code PitChannel} is one counter.
 */
package org.quern.machine.pit;
