package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;

/**
 * The shapes of the value methods that vector instructions apply to their operands: {@code a} is
 * the first operand (of a legacy encoding also the destination), {@code b} the second.
 */
final class LaneOps {
  private LaneOps() {}

  /** 64 bits of each operand. */
  @FunctionalInterface
  interface Lanes {
    long apply(long a, long b);
  }

  /** Half of a 128-bit result from 128 bits of each operand. */
  @FunctionalInterface
  interface Half {
    long apply(long a0, long a1, long b0, long b1);
  }

  /** As {@link Half}, with an immediate byte. */
  @FunctionalInterface
  interface HalfBy {
    long apply(long a0, long a1, long b0, long b1, int imm);
  }

  /** One binary64 lane, or two of binary32; exceptions accrue in {@code Cpu.soft}. */
  @FunctionalInterface
  interface FloatLanes {
    long apply(Cpu c, long a, long b);
  }

  /** One binary32 value; exceptions accrue in {@code Cpu.soft}. */
  @FunctionalInterface
  interface Float32 {
    int apply(Cpu c, int a, int b);
  }

  /** A conversion of 64 bits to 64 bits. */
  @FunctionalInterface
  interface Converted {
    long apply(Cpu c, long v);
  }

  /** A conversion of 128 bits to 64. */
  @FunctionalInterface
  interface Narrowed {
    long apply(Cpu c, long lo, long hi);
  }
}
