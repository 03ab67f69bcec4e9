package org.quern.translator;

import org.quern.x86.semantics.Alu;
import org.quern.x86.state.Cpu;

/**
 * Status flags inside a region: the kind of the last instruction that set them and its operands,
 * from which {@link #materialize} computes what {@link Cpu} keeps.
 *
 * <p>A kind is an operation times a width. Operands and results are sign-extended from their width
 * to 64 bits, which keeps both signed and unsigned order.
 */
public final class LazyFlags {
  /** The flags are in the {@link Cpu} already. */
  public static final int IN_CPU = 0;

  /** {@code a + b}. */
  public static final int ADD = 1;

  /** {@code a - b}; also CMP. */
  public static final int SUB = 2;

  /** {@code a} is the result of AND, OR, XOR or TEST. */
  public static final int LOGIC = 3;

  /** {@code a} is the result of INC, {@code b} the carry from before. */
  public static final int INC = 4;

  /** {@code a} is the result of DEC, {@code b} the carry from before. */
  public static final int DEC = 5;

  private static final int WIDTH_SHIFT = 3;

  private LazyFlags() {}

  /** The kind of an operation at a width of 8, 16, 32 or 64 bits. */
  public static int kind(int operation, int bits) {
    return operation | bits << WIDTH_SHIFT;
  }

  static int operation(int kind) {
    return kind & (1 << WIDTH_SHIFT) - 1;
  }

  static int bits(int kind) {
    return kind >> WIDTH_SHIFT;
  }

  /** Puts the flags that a kind and its operands describe into the processor. */
  public static void materialize(Cpu c, int kind, long a, long b) {
    int bits = bits(kind);
    switch (operation(kind)) {
      case IN_CPU -> {}
      case ADD -> Alu.add(c, bits, a, b);
      case SUB -> Alu.sub(c, bits, a, b);
      case LOGIC -> Alu.logicFlags(c, a);
      case INC -> {
        c.setCf(b != 0);
        Alu.inc(c, bits, a - 1);
      }
      case DEC -> {
        c.setCf(b != 0);
        Alu.dec(c, bits, a + 1);
      }
      default -> throw new IllegalStateException("no kind of flags: " + kind);
    }
  }

  /** The carry flag, 0 or 1. */
  public static long carry(Cpu c, int kind, long a, long b) {
    int shift = 64 - bits(kind);
    return switch (operation(kind)) {
      case IN_CPU -> c.ccAux >>> 63;
      case ADD -> Long.compareUnsigned(a + b << shift, a << shift) < 0 ? 1 : 0;
      case SUB -> Long.compareUnsigned(a, b) < 0 ? 1 : 0;
      case LOGIC -> 0;
      case INC, DEC -> b;
      default -> throw new IllegalStateException("no kind of flags: " + kind);
    };
  }
}
