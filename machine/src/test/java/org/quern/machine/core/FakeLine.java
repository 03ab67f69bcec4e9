package org.quern.machine.core;

/** A wire that remembers its level and counts rising edges. */
public final class FakeLine implements IrqLine {
  private boolean level;
  private int rises;

  @Override
  public void set(boolean newLevel) {
    if (newLevel && !level) {
      rises++;
    }
    level = newLevel;
  }

  public boolean level() {
    return level;
  }

  /** Rising edges since the last call. */
  public int takeRises() {
    int result = rises;
    rises = 0;
    return result;
  }
}
