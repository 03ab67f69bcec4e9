package org.quern.cli.options;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.Optional;

/**
 * What the real-time clock shows at power-on. Source: qemu(1), {@code -rtc}.
 *
 * @param base date and time; the host's, in UTC, if empty
 */
public record Rtc(Optional<Instant> base) {
  /** UTC, as the host has it. */
  static final Rtc HOST = new Rtc(Optional.empty());

  static Rtc parse(String text) throws OptionException {
    SubOptions sub = new SubOptions("-rtc", text, null);
    String base = sub.take("base");
    sub.refuseRest("base");
    if (base == null || base.equals("utc")) {
      return HOST;
    }
    try {
      LocalDateTime start = LocalDateTime.parse(base.contains("T") ? base : base + "T00:00:00");
      return new Rtc(Optional.of(start.toInstant(ZoneOffset.UTC)));
    } catch (DateTimeParseException e) {
      throw new OptionException(
          "-rtc base=" + base + ": write utc, 2026-01-31 or 2026-01-31T23:59:59");
    }
  }
}
