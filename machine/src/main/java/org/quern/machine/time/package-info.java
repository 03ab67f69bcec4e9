/**
 * Guest time: the clock, the timer queue with its event thread, the time-stamp counter and
 * conversion between nanoseconds and ticks. No device lives here. Start with {@link
 * org.quern.machine.time.Timebase}: time follows the host ({@link org.quern.machine.time.HostTime})
 * or the number of executed instructions ({@link org.quern.machine.time.InstructionTime}).
 */
package org.quern.machine.time;
