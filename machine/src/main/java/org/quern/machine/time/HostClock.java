package org.quern.machine.time;

import java.util.function.LongSupplier;
import org.quern.machine.core.VirtualClock;

/**
 * Guest time that follows the host's monotonic clock while the machine runs and stands still while
 * it is stopped. Created stopped, at 0. {@link #nanos} costs one volatile read more than the host
 * clock.
 */
public final class HostClock implements VirtualClock {
  private final LongSupplier host;
  private volatile Phase phase = new Phase(false, 0);
  private volatile Runnable listener = () -> {};

  public HostClock() {
    this(System::nanoTime);
  }

  /**
   * @param host nanoseconds of a monotonic clock with any origin
   */
  public HostClock(LongSupplier host) {
    this.host = host;
  }

  @Override
  public long nanos() {
    Phase now = phase;
    return now.running ? host.getAsLong() + now.offset : now.offset;
  }

  public boolean running() {
    return phase.running;
  }

  /** Lets time flow; nothing if it does already. */
  public synchronized void resume() {
    if (!phase.running) {
      phase = new Phase(true, phase.offset - host.getAsLong());
      listener.run();
    }
  }

  /** Stops time; nothing if it stands already. */
  public synchronized void stop() {
    if (phase.running) {
      phase = new Phase(false, nanos());
      listener.run();
    }
  }

  /** Moves guest time to {@code nanos}, running or not: for a restored snapshot. */
  public synchronized void set(long nanos) {
    phase = new Phase(phase.running, phase.running ? nanos - host.getAsLong() : nanos);
    listener.run();
  }

  /** Who is told of every stop, start and jump; one only. */
  void onChange(Runnable newListener) {
    listener = newListener;
  }

  /** While running, {@code offset} is added to the host's clock; while stopped it is the time. */
  private record Phase(boolean running, long offset) {}
}
