package org.quern.x86;

import org.quern.x86.bus.TimeSource;

/** A time-stamp counter that stands still unless a test moves it. */
public final class FakeTime implements TimeSource {
  public long tsc = 1000;

  @Override
  public long tsc() {
    return tsc;
  }

  @Override
  public long tscFrequency() {
    return 1_000_000_000L;
  }
}
