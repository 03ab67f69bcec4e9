package org.quern.machine.debug;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.quern.machine.chardev.FakeBackend;

final class DebugPortsTest {
  @Test
  void debugExitEndsWithTwiceTheValuePlusOne() {
    AtomicInteger code = new AtomicInteger();
    IsaDebugExit exit = new IsaDebugExit(code::set);
    exit.write(0, 1, 0x10);

    assertThat(code).hasValue(0x21);
    assertThat(exit.read(0, 1)).isZero();
  }

  @Test
  void debugConsolePassesBytesOnAndIsRecognized() {
    FakeBackend backend = new FakeBackend();
    DebugConsole console = new DebugConsole(backend);
    console.write(0, 1, 'h');
    console.write(0, 1, 'i');

    assertThat(backend.sent()).isEqualTo("hi");
    assertThat(console.read(0, 1)).isEqualTo(0xe9);
    assertThat(console.room()).isZero();
  }

  @Test
  void postPortKeepsTheLastCodeThroughItsState() {
    List<String> told = new ArrayList<>();
    PostPort post =
        new PostPort(0x190, (port, code) -> told.add(String.format("%x:%x", port, code)));
    post.write(0, 1, 0x1ab);
    PostPort other = new PostPort(0x80, PostListener.NONE);
    other.restore(post.state());

    assertThat(told).containsExactly("190:ab");
    assertThat(other.code()).isEqualTo(0xab);
    assertThat(other.read(0, 1)).isEqualTo(0xff);
    other.reset();
    assertThat(other.code()).isZero();
    assertThatThrownBy(() -> other.restore(new PostPort.State(256)))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
