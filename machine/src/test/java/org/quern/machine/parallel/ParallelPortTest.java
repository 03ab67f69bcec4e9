package org.quern.machine.parallel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.quern.machine.chardev.FakeBackend;

class ParallelPortTest {
  private final FakeBackend printer = new FakeBackend();
  private final StringBuilder irq = new StringBuilder();
  private final ParallelPort port =
      new ParallelPort(level -> irq.append(level ? '/' : '\\'), printer);

  private void print(char c) {
    port.write(0, 1, c);
    port.write(2, 1, 0x0d);
    port.write(2, 1, 0x0c);
  }

  @Test
  void aByteIsPrintedOnceWhenTheStrobeBegins() {
    print('h');
    print('i');
    port.write(2, 1, 0x0d);
    port.write(2, 1, 0x0d);

    assertThat(printer.sent()).isEqualTo("hii");
    assertThat(irq).isEmpty();
  }

  @Test
  void theAcknowledgementInterruptsIfEnabled() {
    port.write(2, 1, 0x10);
    port.write(2, 1, 0x11);

    assertThat(irq).hasToString("/\\");
  }

  @Test
  void thePrinterIsReadyAndRegistersReadBack() {
    port.write(0, 1, 0x5a);
    port.write(2, 1, 0x0c);

    assertThat(port.read(0, 1)).isEqualTo(0x5a);
    assertThat(port.read(1, 1)).isEqualTo(0xdf);
    assertThat(port.read(2, 1)).isEqualTo(0xcc);
  }

  @Test
  void stateGoesToAnotherPortAndResetClearsIt() {
    port.write(0, 1, 0x5a);
    port.write(2, 1, 0x1d);
    ParallelPort other = new ParallelPort(level -> {}, new FakeBackend());
    other.restore(port.state());

    assertThat(other.state()).isEqualTo(new ParallelPort.State(0x5a, 0x1d));
    other.reset();
    assertThat(other.state()).isEqualTo(new ParallelPort.State(0, 0));
    assertThatThrownBy(() -> other.restore(new ParallelPort.State(0, 0x40)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
