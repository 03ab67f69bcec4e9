package org.quern.machine.chardev;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class StreamBackendTest {
  private final ReentrantLock lock = new ReentrantLock();

  /** A device with room for so many bytes. */
  private static final class Device implements CharDevice {
    final StringBuilder got = new StringBuilder();
    int room;
    int ready;

    @Override
    public int room() {
      return room;
    }

    @Override
    public void receive(int b) {
      room--;
      got.append((char) b);
    }

    @Override
    public void receiveBreak() {
      room--;
      got.append("<break>");
    }

    @Override
    public void outputReady() {
      ready++;
    }
  }

  private static byte[] bytes(String s) {
    return s.getBytes(StandardCharsets.ISO_8859_1);
  }

  private boolean write(StreamBackend b, int c) {
    lock.lock();
    try {
      return b.write(c);
    } finally {
      lock.unlock();
    }
  }

  @Test
  void outputReachesTheStream() throws Exception {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (StreamBackend b = new StreamBackend("test", lock, out)) {
      b.attach(new Device());
      for (byte c : bytes("hello")) {
        assertThat(write(b, c)).isTrue();
      }
      assertThat(b.drain(10_000)).isTrue();
    }
    assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo("hello");
  }

  @Test
  void inputWaitsForRoomInTheDevice() throws Exception {
    Device d = new Device();
    d.room = 2;
    try (StreamBackend b = new StreamBackend("test", lock, OutputStream.nullOutputStream())) {
      b.attach(d);
      b.feed(bytes("abcd"), 0, 4);
      b.feedBreak();
      assertThat(d.got.toString()).isEqualTo("ab");
      lock.lock();
      try {
        d.room = 3;
        b.inputReady();
      } finally {
        lock.unlock();
      }
    }
    assertThat(d.got.toString()).isEqualTo("abcd<break>");
  }

  @Test
  void aStreamThatBlocksIsRefusedToAndReportsWhenItGoesOn() throws Exception {
    CountDownLatch unblock = new CountDownLatch(1);
    OutputStream slow =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            try {
              unblock.await();
            } catch (InterruptedException e) {
              throw new IOException(e);
            }
          }
        };
    Device d = new Device();
    try (StreamBackend b = new StreamBackend("test", lock, slow)) {
      b.attach(d);
      int taken = 0;
      while (write(b, 'x')) {
        taken++;
      }
      assertThat(taken).isGreaterThan(1000);
      assertThat(d.ready).isZero();
      unblock.countDown();
      assertThat(b.drain(10_000)).isTrue();
    }
    assertThat(d.ready).isEqualTo(1);
  }

  @Test
  void outputToABrokenStreamIsThrownAwayAndTheReasonKept() throws Exception {
    OutputStream broken =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("pipe closed");
          }
        };
    try (StreamBackend b = new StreamBackend("test", lock, broken)) {
      b.attach(new Device());
      write(b, 'x');
      assertThat(b.drain(10_000)).isFalse();
      assertThat(b.failure()).hasMessage("pipe closed");
      assertThat(write(b, 'y')).isTrue();
    }
  }
}
