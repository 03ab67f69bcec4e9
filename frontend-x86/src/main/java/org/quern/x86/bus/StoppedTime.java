package org.quern.x86.bus;

/** Time that stands still at 0. */
public final class StoppedTime implements TimeSource {
  @Override
  public long tsc() {
    return 0;
  }

  @Override
  public long tscFrequency() {
    return 1_000_000_000;
  }
}
