package org.quern.translator;

import org.quern.x86.semantics.Alu;
import org.quern.x86.semantics.Cond;
import org.quern.x86.semantics.Shift;
import org.quern.x86.semantics.SseFloat;
import org.quern.x86.semantics.fp.SoftFloat;
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

  /** {@code a + b + carry}, the carry being {@code x}. */
  public static final int ADC = 6;

  /** {@code a - b - carry}, the carry being {@code x}. */
  public static final int SBB = 7;

  /** {@code a} shifted left by {@code b}, which is 1 to the width less 1. */
  public static final int SHL = 8;

  public static final int SHR = 9;
  public static final int SAR = 10;

  /**
   * {@code a} is what COMISD or its like found: {@link SoftFloat#LESS}, {@link SoftFloat#EQUAL},
   * {@link SoftFloat#GREATER} or {@link SoftFloat#UNORDERED}.
   */
  public static final int ORDER = 11;

  private static final int WIDTH_SHIFT = 4;

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
  public static void materialize(Cpu c, int kind, long a, long b, long x) {
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
      default -> materializeRare(c, operation(kind), bits, a, b, x);
    }
  }

  private static void materializeRare(Cpu c, int operation, int bits, long a, long b, long x) {
    switch (operation) {
      case ADC -> {
        c.setCf(x != 0);
        Alu.adc(c, bits, a, b);
      }
      case SBB -> {
        c.setCf(x != 0);
        Alu.sbb(c, bits, a, b);
      }
      case SHL -> shift(c, bits, a, (int) b, SHL);
      case SHR -> shift(c, bits, a, (int) b, SHR);
      case SAR -> shift(c, bits, a, (int) b, SAR);
      case ORDER -> SseFloat.setFlags(c, (int) a);
      default -> throw new IllegalStateException("no kind of flags: " + operation);
    }
  }

  private static void shift(Cpu c, int bits, long a, int count, int operation) {
    if (bits == 64) {
      switch (operation) {
        case SHL -> Shift.shl64(c, a, count);
        case SHR -> Shift.shr64(c, a, count);
        default -> Shift.sar64(c, a, count);
      }
    } else {
      switch (operation) {
        case SHL -> Shift.shl32(c, (int) a, count);
        case SHR -> Shift.shr32(c, (int) a, count);
        default -> Shift.sar32(c, (int) a, count);
      }
    }
  }

  /** Whether a condition (its number in the opcode, 0 to 15) holds; changes no flag. */
  public static boolean test(Cpu c, int kind, long a, long b, long x, int cc) {
    materialize(c, kind, a, b, x);
    return Cond.test(c, cc);
  }

  /** The carry flag, 0 or 1. */
  public static long carry(Cpu c, int kind, long a, long b, long x) {
    int shift = 64 - bits(kind);
    return switch (operation(kind)) {
      case IN_CPU -> c.ccAux >>> 63;
      case ADD -> Long.compareUnsigned(a + b << shift, a << shift) < 0 ? 1 : 0;
      case SUB -> Long.compareUnsigned(a, b) < 0 ? 1 : 0;
      case LOGIC -> 0;
      case INC, DEC -> b;
      default -> carryRare(c, kind, a, b, x);
    };
  }

  private static long carryRare(Cpu c, int kind, long a, long b, long x) {
    switch (operation(kind)) {
      case ADC -> {
        return x != 0 ? carryIncluded(kind, a, b) : carry(c, kind(ADD, bits(kind)), a, b, 0);
      }
      case SBB -> {
        int order = Long.compareUnsigned(a, b);
        return order < 0 || (order == 0 && x != 0) ? 1 : 0;
      }
      default -> {
        materialize(c, kind, a, b, x);
        return c.ccAux >>> 63;
      }
    }
  }

  /** Carry of {@code a + b + 1}. */
  private static long carryIncluded(int kind, long a, long b) {
    int shift = 64 - bits(kind);
    return Long.compareUnsigned(a + b + 1 << shift, a << shift) <= 0 ? 1 : 0;
  }
}
