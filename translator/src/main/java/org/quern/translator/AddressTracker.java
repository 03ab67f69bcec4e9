package org.quern.translator;

import java.util.Arrays;
import org.quern.x86.state.Reg;

/**
 * What is known about the values of registers inside a basic block: a register is an unknown value,
 * its origin, plus a constant. Two addresses of the same origins differ by a constant, so that one
 * check can stand for both.
 */
final class AddressTracker {
  private final int[] origin = new int[Reg.ZERO + 1];
  private final long[] delta = new long[Reg.ZERO + 1];
  private int last;

  AddressTracker() {
    startBlock();
  }

  /** Nothing is known of any register. */
  void startBlock() {
    for (int r = 0; r < Reg.ZERO; r++) {
      changed(r);
    }
    // Its value is 0 everywhere.
    origin[Reg.ZERO] = 0;
    delta[Reg.ZERO] = 0;
  }

  /** A register has got a value of which nothing is known. */
  void changed(int r) {
    origin[r] = ++last;
    delta[r] = 0;
  }

  /** A register has become the sum of what another was and a constant. */
  void derived(int r, int originBefore, long deltaBefore, long plus) {
    origin[r] = originBefore;
    delta[r] = deltaBefore + plus;
  }

  int origin(int r) {
    return origin[r];
  }

  long delta(int r) {
    return delta[r];
  }

  @Override
  public String toString() {
    return Arrays.toString(origin) + Arrays.toString(delta);
  }
}
