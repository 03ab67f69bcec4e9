package org.quern.x86.semantics.fp;

/**
 * Draws the same operands as {@code src/test/oracle/x87-oracle.c} and computes with {@link
 * SoftFloat} what the instruction does to ST0, memory and the status word. Keep both in step.
 */
final class X87Oracle {
  private static final int[] EXPONENTS = {
    0, 0, 1, 0x3fff, 0x3ffe, 0x4000, 0x7ffe, 0x7fff,
    0x3f81, 0x3f80, 0x3c01, 0x3c00, 0x407e, 0x43fe, 0x403e, 0x401e
  };
  private static final int[] PRECISION_FIELD = {0, 2, 3, 3};
  private static final int[] PRECISION = {24, 0, 53, 64};
  private static final long SPECIAL = 0x7ff000007f800000L;
  private static final int C1 = 0x200;

  /**
   * Outcome: significand and sign-exponent of ST0, memory, status word (exceptions and C0 to C3).
   */
  final long[] out = new long[4];

  private final String name;
  private final SoftFloat f = new SoftFloat();
  private long state;
  private final long[] significand = new long[2];
  private final int[] signExponent = new int[2];
  private long memory;
  private int control;

  X87Oracle(String name) {
    this.name = name;
    for (int n = 0; n < name.length(); n++) {
      state = state * 31 + name.charAt(n);
    }
  }

  void next() {
    operand(0);
    operand(1);
    memory = draw();
    int special = (int) draw() & 3;
    if (special == 0) {
      memory &= ~SPECIAL;
    } else if (special == 1) {
      memory |= SPECIAL;
    }
    control();
    out[0] = significand[0];
    out[1] = signExponent[0];
    out[2] = memory;
    run();
  }

  private void run() {
    f.control(control >> 10 & 3, control & 0x3f, false, true);
    f.a.set80(signExponent[0], significand[0]);
    f.b.set80(signExponent[1], significand[1]);
    int precision = PRECISION[control >> 8 & 3];
    switch (name) {
      case "fadd" -> arithmetic(f::add, precision);
      case "fmul" -> arithmetic(f::multiply, precision);
      case "fsub" -> arithmetic(f::subtract, precision);
      case "fdiv" -> arithmetic(f::divide, precision);
      case "fsqrt" -> arithmetic(f::squareRoot, precision);
      case "frndint" -> arithmetic(f::roundToIntegral, 64);
      case "fcom" -> compare(true);
      case "fucom" -> compare(false);
      case "fld32" -> {
        f.a.set32((int) memory);
        push();
      }
      case "fld64" -> {
        f.a.set64(memory);
        push();
      }
      case "fild64" -> {
        f.a.setInteger(memory);
        push();
      }
      case "fst32" -> store(Format.BINARY32);
      case "fst64" -> store(Format.BINARY64);
      case "fist16" -> storeInteger(16, false);
      case "fist32" -> storeInteger(32, false);
      case "fistp64" -> storeInteger(64, true);
      default -> throw new IllegalArgumentException(name);
    }
  }

  private void arithmetic(Runnable operation, int precision) {
    operation.run();
    f.round(Format.EXTENDED, precision);
    setRegister(FpFlags.BEFORE);
  }

  /** A load: a denormal is loaded even if DE is unmasked. */
  private void push() {
    f.convert();
    setRegister(FpFlags.IE);
  }

  private boolean stopped(int kinds) {
    return (f.flags & ~f.masks & kinds) != 0;
  }

  private void setRegister(int stopping) {
    if (!stopped(stopping)) {
      out[0] = f.r.hi;
      out[1] = f.r.signExponent80();
    }
    status();
  }

  private void status() {
    out[3] = f.flags | (f.roundedUp ? C1 : 0);
  }

  private void compare(boolean signaling) {
    out[3] =
        switch (f.compare(signaling)) {
          case SoftFloat.LESS -> 0x100;
          case SoftFloat.EQUAL -> 0x4000;
          case SoftFloat.GREATER -> 0;
          default -> 0x4500;
        };
    out[3] |= f.flags;
  }

  private void store(Format format) {
    if (f.convertForStore(format)) {
      out[2] =
          format.equals(Format.BINARY64)
              ? f.r.to64()
              : memory & 0xffffffff00000000L | f.r.to32() & 0xffffffffL;
    }
    status();
  }

  private void storeInteger(int bits, boolean pop) {
    long v = f.toInteger(bits, f.rounding);
    if (!stopped(FpFlags.IE)) {
      long mask = -1L >>> 64 - bits;
      out[2] = memory & ~mask | v & mask;
      if (pop) {
        out[0] = significand[1];
        out[1] = signExponent[1];
      }
    }
    status();
  }

  int digest() {
    long h = 0;
    for (long v : out) {
      h = (h ^ v) * 0x9e3779b97f4a7c15L;
      h ^= h >>> 29;
    }
    return (int) (h >>> 52);
  }

  @Override
  public String toString() {
    return String.format(
        "%s st0 %04x:%016x st1 %04x:%016x memory %016x control %04x",
        name, signExponent[0], significand[0], signExponent[1], significand[1], memory, control);
  }

  // ---- operands

  private long draw() {
    state += 0x9e3779b97f4a7c15L;
    long z = state;
    z = (z ^ z >>> 30) * 0xbf58476d1ce4e5b9L;
    z = (z ^ z >>> 27) * 0x94d049bb133111ebL;
    return z ^ z >>> 31;
  }

  private void operand(int k) {
    long how = draw();
    long v = draw();
    int n = (int) (how >>> 8) & 63;
    int e =
        switch ((int) how & 3) {
          case 0 -> EXPONENTS[(int) (how >>> 16) & 15];
          case 1 -> 0x3fff - 32 + n;
          case 2 -> 0x3fff - 16480 + ((int) (how >>> 20) & 0x7fff);
          default -> EXPONENTS[(int) (how >>> 16) & 15] + ((int) (how >>> 24) & 7) - 3;
        };
    e &= 0x7fff;
    v =
        switch ((int) (how >>> 4) & 3) {
          case 0 -> v & -1L << n;
          case 1 -> v | -1L >>> 1 >>> n;
          case 2 -> (how >>> 30 & 1) != 0 ? v & 0xc000000000000001L : v & 0xffffff8000000000L;
          default -> v;
        };
    boolean clear = e == 0 ? (how >>> 40 & 7) != 0 : (how >>> 40 & 15) == 0;
    v = clear ? v & Long.MAX_VALUE : v | Long.MIN_VALUE;
    if (e == 0 && (how >>> 44 & 3) == 0) {
      v = 0;
    }
    significand[k] = v;
    signExponent[k] = (how >>> 60 & 1) != 0 ? e | 0x8000 : e;
  }

  private void control() {
    long v = draw();
    int cw = 0x40 | (int) (v & 3) << 10 | PRECISION_FIELD[(int) (v >>> 2) & 3] << 8;
    control = cw | ((v >>> 8 & 3) == 0 ? (int) (v >>> 16) & 0x3f : 0x3f);
  }
}
