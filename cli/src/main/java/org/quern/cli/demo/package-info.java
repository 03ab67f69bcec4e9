/**
 * The guest of {@code quern demo}: a few hundred instructions of our own that enter long mode and
 * give a small command line on the serial port. Start at {@link org.quern.cli.demo.DemoGuest}; it
 * is assembled when it is needed, so no binary is kept anywhere.
 */
package org.quern.cli.demo;
