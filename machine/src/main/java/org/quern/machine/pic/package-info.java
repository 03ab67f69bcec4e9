/**
 * The two cascaded 8259A interrupt controllers of a PC with the edge/level registers of the PIIX.
 * Start with {@link org.quern.machine.pic.PicPair}; {@code Pic8259} is one chip.
 */
package org.quern.machine.pic;
