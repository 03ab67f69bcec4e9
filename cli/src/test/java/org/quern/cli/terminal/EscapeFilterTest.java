package org.quern.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class EscapeFilterTest {
  private final EscapeFilter filter = new EscapeFilter();
  private final StringBuilder seen = new StringBuilder();

  private void type(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    filter.accept(
        bytes,
        bytes.length,
        new EscapeFilter.Target() {
          @Override
          public void data(byte[] b, int offset, int length) {
            seen.append(new String(b, offset, length, StandardCharsets.ISO_8859_1));
          }

          @Override
          public void command(EscapeFilter.Command command) {
            seen.append('<').append(command).append('>');
          }
        });
  }

  @Test
  void ordinaryKeysPassUnchanged() {
    type("ls\r\003\032\377");
    assertThat(seen).hasToString("ls\r\003\032\377");
  }

  @ParameterizedTest
  @CsvSource({
    "h, HELP",
    "H, HELP",
    "?, HELP",
    "x, QUIT",
    "X, QUIT",
    "c, SWITCH",
    "C, SWITCH",
    "b, BREAK"
  })
  void ctrlAWithAKeyIsACommand(String key, String command) {
    type("a\001" + key + "b");
    assertThat(seen).hasToString("a<" + command + ">b");
  }

  @Test
  void ctrlATwiceSendsItOnce() {
    type("a\001\001b");
    assertThat(seen).hasToString("a\001b");
  }

  @Test
  void ctrlAAfterASentOneIsAnEscapeAgain() {
    type("\001\001\001x");
    assertThat(seen).hasToString("\001<QUIT>");
  }

  @Test
  void unknownKeyAfterCtrlAVanishes() {
    type("a\001zb");
    assertThat(seen).hasToString("ab");
  }

  @Test
  void escapeMayBeSplitOverTwoReads() {
    type("a\001");
    type("xb");
    assertThat(seen).hasToString("a<QUIT>b");
  }
}
