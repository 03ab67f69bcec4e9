package org.quern.bench.run;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the exits of one reason came to in a run, from the table that {@code -d stats} prints.
 *
 * @param reason its name under that accelerator
 * @param count of the whole run, start-up included
 * @param totalMs host time spent on them
 */
public record ExitLine(String reason, long count, double totalMs) {
  private static final Pattern HEAD = Pattern.compile("(?m)^quern: VM exits +count.*$");
  private static final Pattern LINE =
      Pattern.compile("quern: (\\S.*?) +(\\d+) +(\\d+\\.\\d+) +(\\d+\\.\\d+)");

  /** The lines of the table in what a machine has written; none if it has written none. */
  static List<ExitLine> in(String errors) {
    List<ExitLine> lines = new ArrayList<>();
    Matcher head = HEAD.matcher(errors);
    if (head.find()) {
      // The table ends with the first line that is not one of its own.
      for (String line : errors.substring(head.end()).strip().split("\n")) {
        Matcher m = LINE.matcher(line);
        if (!m.matches()) {
          break;
        }
        lines.add(
            new ExitLine(m.group(1), Long.parseLong(m.group(2)), Double.parseDouble(m.group(3))));
      }
    }
    return lines;
  }
}
