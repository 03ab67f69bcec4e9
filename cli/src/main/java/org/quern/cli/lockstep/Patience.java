package org.quern.cli.lockstep;

import java.util.concurrent.locks.LockSupport;

/** A thread that asks a run that takes long to stop. */
final class Patience implements AutoCloseable {
  private static final long NANOS = 2_000_000;

  private final Runnable stop;
  private final Thread thread = new Thread(this::watch, "quern-lockstep-patience");

  /** Odd while a run is under way. */
  private volatile long run;

  private volatile boolean closed;

  /**
   * Creates it.
   *
   * @param stop asks the run to stop
   */
  Patience(Runnable stop) {
    this.stop = stop;
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** A run begins. One thread only. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void begin() {
    run++;
  }

  /** It has ended. */
  @SuppressWarnings("NonAtomicVolatileUpdate") // one writer
  void end() {
    run++;
  }

  private void watch() {
    long seen = 0;
    while (!closed) {
      LockSupport.parkNanos(this, NANOS);
      long now = run;
      if (now == seen && (now & 1) != 0) {
        stop.run();
      }
      seen = now;
    }
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }
}
