/**
 * The few types every device is made of: lines, ports, memory windows, time. No device lives here
 * and nothing here knows a board.
 */
package org.quern.machine.core;
