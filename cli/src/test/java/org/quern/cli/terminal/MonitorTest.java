package org.quern.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MonitorTest {
  private final FakeControl machine = new FakeControl();
  private final StringBuilder out = new StringBuilder();
  private final Monitor monitor = new Monitor(machine, out::append);

  private void type(String text) throws InterruptedException {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    monitor.input(bytes, 0, bytes.length);
  }

  @ParameterizedTest
  @CsvSource({
    "quit, quit",
    "q, quit",
    "system_reset, reset",
    "stop, stop",
    "cont, resume",
    "c, resume",
    "system_powerdown, powerButton"
  })
  void commandReachesTheMachine(String command, String asked) throws InterruptedException {
    type(command + "\r");
    assertThat(machine.asked).containsExactly(asked);
  }

  @Test
  void infoPrints() throws InterruptedException {
    type("info  status\rinfo registers\rinfo exceptions\rinfo statistics\rinfo jit\rinfo exits\r");
    assertThat(out)
        .contains(
            "VM status: running\n",
            "RAX=0\n",
            "vector 14\n",
            "7 instructions\n",
            "3 regions\n",
            "5 exits\n");
  }

  @Test
  void typedTextIsEchoedAndCanBeCorrected() throws InterruptedException {
    type("stip\177\177op\r");
    assertThat(out.toString()).startsWith("stip\b \b\b \bop\n");
    assertThat(machine.asked).containsExactly("stop");
  }

  @Test
  void ctrlUClearsTheLine() throws InterruptedException {
    type("quit\025\r");
    assertThat(machine.asked).isEmpty();
  }

  @Test
  void carriageReturnAndLineFeedAreOneLineEnd() throws InterruptedException {
    type("\r\n");
    assertThat(out.toString()).isEqualTo("\n" + Monitor.PROMPT);
  }

  @Test
  void unknownCommandIsNamed() throws InterruptedException {
    type("fly\r");
    assertThat(out).contains("fly: no such command");
  }

  @Test
  void endlessLineIsCutOff() throws InterruptedException {
    type("x".repeat(100_000));
    assertThat(out.length()).isLessThan(1000);
  }
}
