package org.quern.cli.suite;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;

/**
 * The script that runs programs in a guest, and the reading of what it prints. Output comes packed
 * and in base 64: a serial line with a terminal's manners would not leave it as it is.
 */
final class GuestScript {
  static final String FOLDER = "suite";
  static final String PATH = "/" + FOLDER + "/run";

  private GuestScript() {}

  /** The folder of a program, without a leading slash. */
  static String folder(int number) {
    return FOLDER + "/" + number;
  }

  /**
   * The script.
   *
   * @param programs their names, each in its own folder
   * @param timeout seconds for each
   */
  static byte[] text(List<String> programs, int timeout) {
    StringBuilder s = new StringBuilder("cd /\n");
    for (int n = 0; n < programs.size(); n++) {
      String program = Quern.quoted("./" + programs.get(n));
      s.append("cd /").append(folder(n)).append('\n');
      s.append("read -r start rest < /proc/uptime\n");
      s.append("timeout -s KILL ").append(timeout).append(' ').append(program);
      s.append(" < /dev/null > /tmp/out 2>&1\ncode=$?\n");
      s.append("read -r end rest < /proc/uptime\n");
      s.append("echo; echo quern-begin ").append(n).append("\n");
      s.append("gzip -c /tmp/out | base64\n");
      s.append("echo quern-end ").append(n).append(" $code $start $end\n");
    }
    return s.toString().getBytes(StandardCharsets.UTF_8);
  }

  /** What a program has done, from the console of the guest; empty if it is not there. */
  static Optional<UserSuite.Ran> result(String console, int number) throws IOException {
    String begin = "quern-begin " + number;
    Pattern end =
        Pattern.compile("quern-end " + number + " (\\d+) ([0-9.]+) ([0-9.]+)", Pattern.MULTILINE);
    int from = console.indexOf(begin + "\r");
    if (from < 0) {
      from = console.indexOf(begin + "\n");
    }
    Matcher m = end.matcher(console);
    if (from < 0 || !m.find(from)) {
      return Optional.empty();
    }
    String packed = console.substring(from + begin.length(), m.start());
    byte[] bytes;
    try {
      bytes = Base64.getMimeDecoder().decode(packed.strip());
    } catch (IllegalArgumentException e) {
      throw new IOException("the guest's output is damaged: " + e.getMessage(), e);
    }
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      String output = new String(in.readAllBytes(), StandardCharsets.ISO_8859_1);
      double seconds = Double.parseDouble(m.group(3)) - Double.parseDouble(m.group(2));
      return Optional.of(new UserSuite.Ran(Integer.parseInt(m.group(1)), output, seconds));
    }
  }
}
