package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/** RDRAND and RDSEED, which never run out here. Source: SDM vol. 2B, RDRAND, RDSEED. */
public final class RandomNumbers {
  private RandomNumbers() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case RDRAND, RDSEED -> RandomNumbers::random;
      default -> null;
    };
  }

  /** CF says that there was a number; the other status flags are cleared. */
  private static void random(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.check(i, 0);
    }
    Operands.write(c, i, i.op0, c.entropy.next());
    c.setStatusFlags(RFlags.CF);
  }
}
