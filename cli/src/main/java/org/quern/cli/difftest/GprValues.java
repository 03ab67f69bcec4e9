package org.quern.cli.difftest;

import java.util.SplittableRandom;
import org.quern.x86.state.RFlags;

/** Values of general registers and RFLAGS worth trying. */
final class GprValues {
  private static final long[] EDGES = {
    0,
    1,
    2,
    -1,
    -2,
    0x7f,
    0x80,
    0xff,
    0x100,
    0x7fff,
    0x8000,
    0xffff,
    0x10000,
    0x7fffffffL,
    0x80000000L,
    0xffffffffL,
    0x100000000L,
    Long.MAX_VALUE,
    Long.MIN_VALUE,
    Long.MIN_VALUE + 1,
    0x5555555555555555L,
    0xaaaaaaaaaaaaaaaaL,
    0xffffffff80000000L,
    0xffffffffffff8000L,
    0xffffffffffffff80L
  };
  private static final int STATUS =
      RFlags.CF | RFlags.PF | RFlags.AF | RFlags.ZF | RFlags.SF | RFlags.OF;

  private GprValues() {}

  static long value(SplittableRandom random) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> EDGES[random.nextInt(EDGES.length)];
      case 2 -> EDGES[random.nextInt(EDGES.length)] + random.nextInt(16) - 8;
      case 3 -> random.nextInt(512) - 256;
      case 4 -> random.nextLong() >> random.nextInt(64);
      case 5 -> random.nextLong() >>> random.nextInt(64);
      default -> random.nextLong();
    };
  }

  /**
   * RFLAGS as POPF in user code takes it. IF is always 1; NT never, because KVM of the PVM kind
   * clears it now and then.
   */
  static long flags(SplittableRandom random) {
    long r = random.nextLong();
    int f = RFlags.FIXED | RFlags.IF | (int) r & STATUS;
    int rare = (int) (r >>> 32);
    if ((rare & 15) == 0) {
      f |= RFlags.DF;
    }
    if ((rare & 0x3f0) == 0) {
      f |= RFlags.AC;
    }
    if ((rare & 0x1f000) == 0) {
      f |= RFlags.ID;
    }
    return f;
  }
}
