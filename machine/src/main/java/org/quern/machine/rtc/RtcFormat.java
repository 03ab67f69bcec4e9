package org.quern.machine.rtc;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneOffset;

/**
 * How the clock's registers encode time: BCD or binary, 12 or 24 hours. Source: MC146818A
 * datasheet, table 3.
 */
final class RtcFormat {
  static final int SECONDS = 0x00;
  static final int SECONDS_ALARM = 0x01;
  static final int MINUTES = 0x02;
  static final int MINUTES_ALARM = 0x03;
  static final int HOURS = 0x04;
  static final int HOURS_ALARM = 0x05;
  static final int DAY_OF_WEEK = 0x06;
  static final int DAY = 0x07;
  static final int MONTH = 0x08;
  static final int YEAR = 0x09;
  static final int CENTURY = 0x32;

  static final int B_24_HOURS = 0x02;
  static final int B_BINARY = 0x04;

  private static final int PM = 0x80;
  private static final int WILDCARD = 0xc0;

  // Years whose nanoseconds of the epoch fit 64 bits.
  private static final int FIRST_YEAR = 1700;
  private static final int LAST_YEAR = 2200;

  private RtcFormat() {}

  static boolean isTime(int register) {
    return register <= YEAR && !isAlarm(register) || register == CENTURY;
  }

  static boolean isAlarm(int register) {
    return register == SECONDS_ALARM || register == MINUTES_ALARM || register == HOURS_ALARM;
  }

  /** Writes a time into the time registers. */
  static void encode(long epochSecond, int b, byte[] cmos) {
    LocalDateTime time = LocalDateTime.ofEpochSecond(epochSecond, 0, ZoneOffset.UTC);
    cmos[SECONDS] = (byte) number(time.getSecond(), b);
    cmos[MINUTES] = (byte) number(time.getMinute(), b);
    cmos[HOURS] = (byte) hours(time.getHour(), b);
    cmos[DAY_OF_WEEK] = (byte) number(time.getDayOfWeek().getValue() % 7 + 1, b);
    cmos[DAY] = (byte) number(time.getDayOfMonth(), b);
    cmos[MONTH] = (byte) number(time.getMonthValue(), b);
    cmos[YEAR] = (byte) number(time.getYear() % 100, b);
    cmos[CENTURY] = (byte) number(time.getYear() / 100 % 100, b);
  }

  /** The time in the time registers; {@code otherwise} if they hold no date of 1700 to 2200. */
  static long decode(byte[] cmos, int b, long otherwise) {
    int year = value(cmos[CENTURY] & 0xff, b) * 100 + value(cmos[YEAR] & 0xff, b);
    if (year < FIRST_YEAR || year > LAST_YEAR) {
      return otherwise;
    }
    try {
      return LocalDateTime.of(
              year,
              value(cmos[MONTH] & 0xff, b),
              value(cmos[DAY] & 0xff, b),
              hour(cmos[HOURS] & 0xff, b),
              value(cmos[MINUTES] & 0xff, b),
              value(cmos[SECONDS] & 0xff, b))
          .toEpochSecond(ZoneOffset.UTC);
    } catch (DateTimeException e) {
      return otherwise;
    }
  }

  /**
   * The first second after {@code from} at which the alarm registers match; {@link Long#MAX_VALUE}
   * if they never do. The two top bits of an alarm register make it match anything.
   */
  static long nextAlarm(byte[] cmos, int b, long from) {
    int second = alarm(cmos[SECONDS_ALARM] & 0xff, b, false);
    int minute = alarm(cmos[MINUTES_ALARM] & 0xff, b, false);
    int hour = alarm(cmos[HOURS_ALARM] & 0xff, b, true);
    long at = from + 1;
    long end = from + 86_400;
    while (at <= end) {
      int ofDay = (int) Math.floorMod(at, 86_400L);
      if (hour >= 0 && ofDay / 3600 != hour) {
        at += 3600 - ofDay % 3600;
      } else if (minute >= 0 && ofDay / 60 % 60 != minute) {
        at += 60 - ofDay % 60;
      } else if (second >= 0 && ofDay % 60 != second) {
        at++;
      } else {
        return at;
      }
    }
    return Long.MAX_VALUE;
  }

  /** Value of an alarm register, -1 for any. */
  private static int alarm(int raw, int b, boolean hours) {
    if ((raw & WILDCARD) == WILDCARD) {
      return -1;
    }
    return hours ? hour(raw, b) : value(raw, b);
  }

  private static int number(int value, int b) {
    return (b & B_BINARY) != 0 ? value : value / 10 << 4 | value % 10;
  }

  private static int value(int raw, int b) {
    return (b & B_BINARY) != 0 ? raw : (raw >> 4) * 10 + (raw & 15);
  }

  private static int hours(int hour, int b) {
    if ((b & B_24_HOURS) != 0) {
      return number(hour, b);
    }
    int twelve = hour % 12 == 0 ? 12 : hour % 12;
    return number(twelve, b) | (hour >= 12 ? PM : 0);
  }

  private static int hour(int raw, int b) {
    if ((b & B_24_HOURS) != 0) {
      return value(raw, b);
    }
    return value(raw & ~PM, b) % 12 + ((raw & PM) != 0 ? 12 : 0);
  }
}
