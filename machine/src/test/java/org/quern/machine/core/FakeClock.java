package org.quern.machine.core;

/** Guest time that a test moves by hand. */
public final class FakeClock implements VirtualClock {
  private long now;

  @Override
  public long nanos() {
    return now;
  }

  public void set(long nanos) {
    now = nanos;
  }
}
