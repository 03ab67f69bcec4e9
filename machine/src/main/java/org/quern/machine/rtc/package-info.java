/**
 * The MC146818 real-time clock with its CMOS memory. Start with {@link org.quern.machine.rtc.Rtc};
 * {@code RtcFormat} turns times into register values.
 */
package org.quern.machine.rtc;
