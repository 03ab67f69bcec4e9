package org.quern.machine.pci;

import org.quern.machine.core.IrqLine;

/**
 * One wire that several sources drive: high while any of them is. Under the machine lock. Holds at
 * most 64 sources.
 */
public final class WiredOr {
  private final IrqLine out;
  private int inputs;
  private long high;

  public WiredOr(IrqLine out) {
    this.out = out;
  }

  /** A new source, low. */
  public IrqLine input() {
    if (inputs == Long.SIZE) {
      throw new IllegalStateException("too many sources on one interrupt wire");
    }
    long bit = 1L << inputs++;
    return level -> {
      high = level ? high | bit : high & ~bit;
      out.set(high != 0);
    };
  }
}
