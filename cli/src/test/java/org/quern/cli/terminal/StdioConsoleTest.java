package org.quern.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class StdioConsoleTest {
  private final FakeControl machine = new FakeControl();
  private final LinkedBlockingQueue<String> fed = new LinkedBlockingQueue<>();
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private final StdioConsole.GuestInput guest =
      new StdioConsole.GuestInput() {
        @Override
        public void feed(byte[] bytes, int offset, int length) {
          fed.add(new String(bytes, offset, length, StandardCharsets.ISO_8859_1));
        }

        @Override
        public void sendBreak() {
          fed.add("<break>");
        }
      };

  private static InputStream input(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  @Test
  void pipedInputReachesTheGuestUnchangedAndItsEndIsNoEvent() throws InterruptedException {
    CountDownLatch closed = new CountDownLatch(1);
    InputStream in =
        new InputStream() {
          private boolean done;

          @Override
          public int read() {
            throw new UnsupportedOperationException();
          }

          @Override
          public int read(byte[] b, int offset, int length) {
            if (done) {
              closed.countDown();
              return -1;
            }
            done = true;
            b[offset] = 1;
            b[offset + 1] = 'x';
            return 2;
          }
        };
    new StdioConsole(in, out, guest, machine, true, false).start();
    assertThat(fed.poll(10, TimeUnit.SECONDS)).isEqualTo("\001x");
    assertThat(closed.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(machine.asked).isEmpty();
  }

  @Test
  void ctrlAXOnTheTerminalQuits() throws InterruptedException {
    new StdioConsole(input("a\001x"), out, guest, machine, true, true).start();
    assertThat(machine.quit.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(fed.poll(10, TimeUnit.SECONDS)).isEqualTo("a");
  }

  @Test
  void ctrlAXWorksWhileTheGuestReadsNothing() throws Exception {
    CountDownLatch never = new CountDownLatch(1);
    StdioConsole.GuestInput stuck =
        new StdioConsole.GuestInput() {
          @Override
          public void feed(byte[] bytes, int offset, int length) throws InterruptedException {
            never.await();
          }

          @Override
          public void sendBreak() {}
        };
    try (PipedOutputStream keys = new PipedOutputStream();
        PipedInputStream in = new PipedInputStream(keys)) {
      new StdioConsole(in, out, stuck, machine, true, true).start();
      for (int i = 0; i < 600; i++) {
        keys.write('k');
        keys.flush();
      }
      keys.write(new byte[] {1, 'x'});
      keys.flush();
      assertThat(machine.quit.await(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  @Test
  void closedTerminalQuits() throws InterruptedException {
    new StdioConsole(input(""), out, guest, machine, false, true).start();
    assertThat(machine.quit.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void ctrlACSwitchesToTheMonitorAndBack() throws InterruptedException {
    new StdioConsole(input("1\001cstop\r\001c2"), out, guest, machine, true, true).start();
    assertThat(machine.quit.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(machine.asked).containsExactly("stop", "quit");
    assertThat(fed.poll(10, TimeUnit.SECONDS)).isEqualTo("1");
    assertThat(fed.poll(10, TimeUnit.SECONDS)).isEqualTo("2");
  }

  @Test
  void ctrlABSendsABreak() throws InterruptedException {
    new StdioConsole(input("\001b"), out, guest, machine, true, true).start();
    assertThat(fed.poll(10, TimeUnit.SECONDS)).isEqualTo("<break>");
  }

  @Test
  void withoutAMonitorCtrlAIsAKeyLikeAnyOther() throws InterruptedException {
    new StdioConsole(input("\001x"), out, guest, machine, false, true).start();
    assertThat(fed.poll(10, TimeUnit.SECONDS)).isEqualTo("\001x");
  }

  @Test
  void brokenOutputQuits() throws InterruptedException {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("broken pipe");
          }
        };
    new StdioConsole(input("\001h"), broken, guest, machine, true, true).start();
    assertThat(machine.quit.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void monitorAloneShowsItsPrompt() throws InterruptedException {
    new StdioConsole(input("quit\r"), out, null, machine, true, true).start();
    assertThat(machine.quit.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(out.toString(StandardCharsets.UTF_8)).contains(Monitor.PROMPT);
  }
}
