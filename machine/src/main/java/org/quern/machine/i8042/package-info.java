/**
 * The keyboard controller and the keyboard behind it. Start with {@link
 * org.quern.machine.i8042.I8042}.
 */
package org.quern.machine.i8042;
