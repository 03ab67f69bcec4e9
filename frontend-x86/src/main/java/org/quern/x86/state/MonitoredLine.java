package org.quern.x86.state;

import org.quern.x86.mmu.Mmu;

/** The 64 bytes of memory that MONITOR watches, and what they held. Own thread only. */
public final class MonitoredLine {
  private static final int BYTES = 64;

  private final long[] contents = new long[BYTES / 8];
  private long physical;
  private boolean armed;

  /**
   * Begins to watch the line of a byte.
   *
   * @param byteAddress its physical address
   */
  public void arm(Mmu mmu, long byteAddress) {
    physical = byteAddress & -BYTES;
    armed = true;
    for (int n = 0; n < contents.length; n++) {
      contents[n] = mmu.readPhysical(physical + 8L * n, 8);
    }
  }

  public boolean armed() {
    return armed;
  }

  public void disarm() {
    armed = false;
  }

  /** Whether the line is as it was when it was armed. */
  public boolean unchanged(Mmu mmu) {
    for (int n = 0; n < contents.length; n++) {
      if (contents[n] != mmu.readPhysical(physical + 8L * n, 8)) {
        return false;
      }
    }
    return true;
  }
}
