package org.quern.machine.chardev;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A character backend over a host output stream and bytes that another thread {@link #feed}s.
 *
 * <p>Threading: output goes to a ring that a writer thread of its own empties, so a blocked
 * terminal never stops a processor; when the ring is full the device holds its bytes back. Input
 * waits in a queue until the device has room. Both are guarded by the machine lock, which is
 * released around every host operation.
 */
public final class StreamBackend implements CharBackend, AutoCloseable {
  private static final int RING_BYTES = 1 << 16;
  private static final int INPUT_BYTES = 4096;

  private final ReentrantLock lock;
  private final Condition changed;
  private final OutputStream out;
  private final Thread writer;

  private final byte[] ring = new byte[RING_BYTES];
  private int head;
  private int count;
  private boolean writing;
  private boolean refused;
  private boolean closed;
  private IOException failure;

  /** Bytes, and {@link #BREAK}. */
  private final ArrayDeque<Integer> input = new ArrayDeque<>();

  private static final int BREAK = -1;

  private CharDevice device;

  /**
   * Starts the writer thread.
   *
   * @param name of the thread
   * @param lock the machine lock
   * @param out where the guest's output goes; flushed whenever there is no more, never closed
   */
  public StreamBackend(String name, ReentrantLock lock, OutputStream out) {
    this.lock = lock;
    this.changed = lock.newCondition();
    this.out = out;
    this.writer = new Thread(this::writeLoop, name);
    writer.setDaemon(true);
    writer.start();
  }

  @Override
  public void attach(CharDevice newDevice) {
    if (device != null) {
      throw new IllegalStateException("backend already belongs to a device");
    }
    device = newDevice;
  }

  @Override
  public boolean write(int b) {
    if (closed || failure != null) {
      return true;
    }
    if (count == RING_BYTES) {
      refused = true;
      return false;
    }
    ring[(head + count++) % RING_BYTES] = (byte) b;
    if (count == 1) {
      changed.signalAll();
    }
    return true;
  }

  @Override
  public void inputReady() {
    if (!input.isEmpty()) {
      pump();
      changed.signalAll();
    }
  }

  @Override
  public void sendBreak(boolean on) {
    // A byte stream has no break.
  }

  /**
   * Hands over input; waits while the queue is full. Not under the machine lock.
   *
   * @throws InterruptedException if interrupted while waiting; the rest of the bytes is lost
   */
  public void feed(byte[] bytes, int offset, int length) throws InterruptedException {
    lock.lock();
    try {
      for (int i = 0; i < length; i++) {
        while (input.size() >= INPUT_BYTES && !closed) {
          changed.await();
        }
        input.add(bytes[offset + i] & 0xff);
        if (input.size() == 1 || i == length - 1) {
          pump();
        }
      }
    } finally {
      lock.unlock();
    }
  }

  /** Hands over a break condition, after all input so far. Not under the machine lock. */
  public void feedBreak() {
    lock.lock();
    try {
      input.add(BREAK);
      pump();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits until everything written so far has reached the stream.
   *
   * @param millis the most to wait
   * @return whether it has
   */
  public boolean drain(long millis) throws InterruptedException {
    long left = TimeUnit.MILLISECONDS.toNanos(millis);
    lock.lock();
    try {
      while ((count > 0 || writing) && failure == null) {
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
      return failure == null;
    } finally {
      lock.unlock();
    }
  }

  /** Why output is thrown away now, or null while all is well. */
  public IOException failure() {
    lock.lock();
    try {
      return failure;
    } finally {
      lock.unlock();
    }
  }

  /** Ends the writer thread; what was not {@link #drain}ed is lost. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private void pump() {
    while (device != null && !input.isEmpty() && device.room() > 0) {
      int b = input.poll();
      if (b == BREAK) {
        device.receiveBreak();
      } else {
        device.receive(b);
      }
    }
  }

  private void writeLoop() {
    byte[] piece = new byte[RING_BYTES];
    lock.lock();
    try {
      while (true) {
        while (count == 0 && !closed) {
          changed.await();
        }
        if (closed) {
          return;
        }
        int n = count;
        for (int i = 0; i < n; i++) {
          piece[i] = ring[(head + i) % RING_BYTES];
        }
        head = (head + n) % RING_BYTES;
        count = 0;
        writing = true;
        IOException error = writeUnlocked(piece, n);
        writing = false;
        if (error != null) {
          failure = error;
          count = 0;
        }
        changed.signalAll();
        if (refused) {
          refused = false;
          device.outputReady();
        }
        if (failure != null) {
          return;
        }
      }
    } catch (InterruptedException e) {
      closed = true;
    } finally {
      lock.unlock();
    }
  }

  private IOException writeUnlocked(byte[] piece, int n) {
    lock.unlock();
    try {
      out.write(piece, 0, n);
      out.flush();
      return null;
    } catch (IOException e) {
      return e;
    } finally {
      lock.lock();
    }
  }
}
