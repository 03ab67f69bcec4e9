package org.quern.cli.suite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;

class GuestScriptTest {
  /** What a guest prints for one program, with a terminal's line ends. */
  private static String console(int number, String output, int code) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(output.getBytes(StandardCharsets.ISO_8859_1));
    }
    return "\r\nquern-begin "
        + number
        + "\r\n"
        + Base64.getMimeEncoder(76, new byte[] {'\r', '\n'}).encodeToString(packed.toByteArray())
        + "\r\nquern-end "
        + number
        + " "
        + code
        + " 1.50 3.75\r\n";
  }

  @Test
  void outputComesBackByteByByte() throws IOException {
    String output = "a\r\nb\0\u00ff\n" + "long ".repeat(500);
    String all = "boot\r\n" + console(1, "first", 0) + console(11, output, 139);

    UserSuite.Ran ran = GuestScript.result(all, 11).orElseThrow();

    assertThat(ran.output()).isEqualTo(output);
    assertThat(ran.exitCode()).isEqualTo(139);
    assertThat(ran.seconds()).isEqualTo(2.25);
    assertThat(GuestScript.result(all, 1).orElseThrow().output()).isEqualTo("first");
  }

  @Test
  void whatDidNotRunOrIsDamagedIsNotTakenForEmpty() throws IOException {
    String all = console(0, "x", 0);

    assertThat(GuestScript.result(all, 1)).isEmpty();
    assertThat(GuestScript.result(all.substring(0, all.indexOf("quern-end")), 0)).isEmpty();
    assertThatThrownBy(() -> GuestScript.result(all.replaceFirst("H4s", "A4s"), 0))
        .isInstanceOf(IOException.class);
  }

  @Test
  void theScriptQuotesNames() {
    String script = new String(GuestScript.text(List.of("a", "it's"), 5), StandardCharsets.UTF_8);

    assertThat(script)
        .contains("timeout -s KILL 5 ./a <", "'./it'\\''s'", "cd /suite/1", "quern-end 1 $code");
  }

  @Test
  void theFirstDifferenceIsTold() {
    UserSuite.Ran here = new UserSuite.Ran(0, "one\ntwo\n", 0);

    assertThat(UserSuite.difference(here, new UserSuite.Ran(0, "one\ntwo\n", 1))).isNull();
    assertThat(UserSuite.difference(here, new UserSuite.Ran(3, "one\ntwo\n", 1)))
        .isEqualTo("exit code 3, natively 0");
    assertThat(UserSuite.difference(here, new UserSuite.Ran(0, "one\n2\n", 1)))
        .isEqualTo("1 lines differ: line 2 is '2', natively 'two'");
    assertThat(UserSuite.difference(here, new UserSuite.Ran(0, "one", 1)))
        .isEqualTo("2 lines differ: line 2 is '(nothing)', natively 'two'");
  }
}
