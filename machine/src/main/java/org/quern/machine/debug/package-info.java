/**
 * Ports that exist for people who write and test guests: exit with a code, a console without a
 * driver, a latch for POST codes.
 */
package org.quern.machine.debug;
