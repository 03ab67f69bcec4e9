/**
 * Guest time: the clock, the timer queue with its event thread, the time-stamp counter and
 * conversion between nanoseconds and ticks. No device lives here. Start with {@link
 * org.quern.machine.time.HostClock} and {@link org.quern.machine.time.TimerQueue}.
 */
package org.quern.machine.time;
