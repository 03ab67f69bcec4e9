package org.quern.machine.time;

import java.util.concurrent.locks.ReentrantLock;
import org.quern.machine.core.Timers;
import org.quern.machine.core.VirtualClock;

/** Time that follows the host's: {@link HostClock} with a {@link TimerQueue}. */
public final class HostTime implements Timebase {
  private final HostClock clock = new HostClock();
  private final TimerQueue timers;
  private boolean started;

  /**
   * Creates it, stopped.
   *
   * @param machineLock held around every callback
   */
  public HostTime(ReentrantLock machineLock) {
    timers = new TimerQueue(clock, machineLock);
  }

  @Override
  public Timers timers() {
    return timers;
  }

  @Override
  public VirtualClock processorClock() {
    return timers::pollingNanos;
  }

  @Override
  public void start() {
    if (!started) {
      started = true;
      timers.start();
    }
    clock.resume();
  }

  @Override
  public void stop() {
    clock.stop();
  }

  @Override
  public void close() {
    timers.close();
  }
}
