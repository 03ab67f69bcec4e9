package org.quern.machine.run;

import java.util.List;

/**
 * Where processor threads stop between two runs of their processor.
 *
 * <p>Threading: {@link #hold}, {@link #release} and {@link #quit} by any thread; they only set the
 * mode and wake, so they may be called with any lock held. The gate's monitor is a leaf lock.
 */
final class RunGate {
  /** How long a processor may ignore a kick before it gets another. */
  static final long KICK_MILLIS = 20;

  private enum Mode {
    RUN,
    HOLD,
    QUIT
  }

  private final List<CpuRunner> runners;
  private volatile Mode mode = Mode.HOLD;
  private int held;

  RunGate(List<CpuRunner> runners) {
    this.runners = runners;
  }

  /**
   * Passes, or waits while processors are held. Processor threads only.
   *
   * @return false if the thread shall end
   */
  boolean enter() {
    if (mode == Mode.RUN) {
      return true;
    }
    synchronized (this) {
      held++;
      notifyAll();
      boolean interrupted = false;
      while (mode == Mode.HOLD) {
        try {
          wait();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
      if (mode == Mode.QUIT) {
        return false;
      }
      held--;
      return true;
    }
  }

  /** Whether processors may run. */
  boolean open() {
    return mode == Mode.RUN;
  }

  /** Asks all processors to stop; does not wait for them. */
  void hold() {
    synchronized (this) {
      if (mode == Mode.RUN) {
        mode = Mode.HOLD;
      }
    }
    kick();
  }

  /** Waits until every processor has stopped after {@link #hold}. */
  void awaitHeld() throws InterruptedException {
    while (true) {
      synchronized (this) {
        if (held == runners.size()) {
          return;
        }
        wait(KICK_MILLIS);
        if (held == runners.size()) {
          return;
        }
      }
      kick();
    }
  }

  /** Lets processors run. */
  synchronized void release() {
    if (mode == Mode.HOLD) {
      mode = Mode.RUN;
      notifyAll();
    }
  }

  /** Ends the processor threads. */
  void quit() {
    synchronized (this) {
      mode = Mode.QUIT;
      notifyAll();
    }
    kick();
  }

  private void kick() {
    for (CpuRunner r : runners) {
      r.kick();
    }
  }
}
