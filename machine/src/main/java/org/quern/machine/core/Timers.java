package org.quern.machine.core;

/** Where a device asks to be called at a guest time. Callbacks run under the machine lock. */
public interface Timers {
  /**
   * Creates a timer, not yet armed.
   *
   * @param name for logs
   * @param callback what to run; never on the thread that arms it, inside that call
   */
  Timer create(String name, Runnable callback);

  VirtualClock clock();

  /** One re-armable deadline. */
  interface Timer {
    /** Arms for {@code nanos} of {@link VirtualClock}, replacing an earlier deadline. */
    void arm(long nanos);

    void disarm();
  }
}
