package org.quern.cli.options;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;

/** Numbers and byte sizes as QEMU writes them. */
final class Sizes {
  private static final String UNITS = "BKMGTPE";

  private Sizes() {}

  /**
   * Reads a size such as {@code 512}, {@code 1G}, {@code 1.5g} or {@code 0x100k}.
   *
   * @param option what to blame in the message, e.g. {@code -m}
   * @param defaultUnit the unit of a number without a suffix, one of {@code BKMGTPE}
   * @return bytes, zero or more
   */
  static long bytes(String option, String text, char defaultUnit) throws OptionException {
    String digits = text.trim();
    char unit = defaultUnit;
    boolean hex = digits.startsWith("0x") || digits.startsWith("0X");
    if (!digits.isEmpty()) {
      char last = digits.toUpperCase(Locale.ROOT).charAt(digits.length() - 1);
      // In a hexadecimal number B and E are digits.
      boolean suffix = UNITS.indexOf(last) >= 0 && !(hex && (last == 'B' || last == 'E'));
      if (suffix) {
        unit = last;
        digits = digits.substring(0, digits.length() - 1);
      }
    }
    try {
      int shift = 10 * UNITS.indexOf(unit);
      if (hex) {
        return new BigInteger(digits.substring(2), 16).shiftLeft(shift).longValueExact();
      }
      String decimal = checkedDecimal(digits);
      if (decimal.indexOf('.') < 0) {
        // To initialise BigDecimal takes JDK 25 some 30 ms.
        return new BigInteger(decimal).shiftLeft(shift).longValueExact();
      }
      BigDecimal scale = new BigDecimal(BigInteger.ONE.shiftLeft(shift));
      return new BigDecimal(decimal).multiply(scale).toBigInteger().longValueExact();
    } catch (NumberFormatException e) {
      throw new OptionException(
          option
              + " "
              + text
              + ": not a size; write a number with an optional suffix K, M, G or T, such as 512M");
    } catch (ArithmeticException e) {
      throw new OptionException(option + " " + text + ": the size does not fit in 63 bits");
    }
  }

  /** Reads a non-negative integer, decimal, {@code 0x} hexadecimal or {@code 0} octal. */
  static long integer(String option, String text, long max) throws OptionException {
    long value;
    try {
      if (text.startsWith("-") || text.startsWith("+")) {
        throw new NumberFormatException(text);
      }
      value = Long.decode(text);
    } catch (NumberFormatException e) {
      throw new OptionException(option + "=" + text + ": not a number");
    }
    if (value > max) {
      throw new OptionException(option + "=" + text + ": more than " + max);
    }
    return value;
  }

  /** Bytes in the largest unit that keeps them a short number, for messages. */
  static String text(long bytes) {
    int unit = 0;
    long n = bytes;
    while (unit < UNITS.length() - 1 && n >= 1024 && n % 1024 == 0) {
      n /= 1024;
      unit++;
    }
    if (n >= 10_000 && unit < 3) {
      n = bytes >> 30;
      unit = 3;
    }
    return unit == 0 ? n + " bytes" : n + " " + UNITS.charAt(unit) + "iB";
  }

  private static String checkedDecimal(String digits) {
    if (!digits.matches("[0-9]{1,20}(\\.[0-9]{1,20})?")) {
      throw new NumberFormatException(digits);
    }
    return digits;
  }
}
