package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * Multiplication and division. The one-operand forms work on RAX and RDX (AX for bytes); the others
 * are functions of values.
 *
 * <p>Source: SDM vol. 2A, MUL, IMUL, DIV, IDIV. What it leaves undefined is as an AMD Zen 4 does
 * it: a multiplication keeps SF, ZF, AF and PF; a division keeps CF and OF, sets AF and clears the
 * rest.
 */
public final class MulDiv {
  private MulDiv() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case MUL -> MulDiv::mul;
      case IMUL -> MulDiv::imul;
      case DIV -> MulDiv::div;
      case IDIV -> MulDiv::idiv;
      default -> null;
    };
  }

  private static void mul(Cpu c, Insn i) {
    mul(c, i.op0.size(), Operands.read(c, i, i.op0));
  }

  private static void imul(Cpu c, Insn i) {
    int bits = i.op0.size();
    if (i.operandCount == 1) {
      imul(c, bits, Operands.read(c, i, i.op0));
      return;
    }
    long a = Operands.read(c, i, i.operandCount == 3 ? i.op1 : i.op0);
    long b = Operands.read(c, i, i.operandCount == 3 ? i.op2 : i.op1);
    Operands.write(c, i, i.op0, imul(c, bits, a, b));
  }

  private static void div(Cpu c, Insn i) {
    div(c, i.op0.size(), Operands.read(c, i, i.op0));
  }

  private static void idiv(Cpu c, Insn i) {
    idiv(c, i.op0.size(), Operands.read(c, i, i.op0));
  }

  /** CF and OF both tell whether the upper half of a product is significant. */
  private static void significant(Cpu c, boolean upperHalf) {
    long aux = c.ccAux & -1L >>> 2;
    c.ccAux = upperHalf ? aux | Long.MIN_VALUE : aux;
  }

  /**
   * CF and OF of a product whose halves are {@code low} and {@code high}, zero-extended from {@code
   * bits} (32 or 64).
   */
  public static void wideFlags(Cpu c, int bits, boolean signed, long low, long high) {
    if (!signed) {
      significant(c, high != 0);
    } else if (bits == 64) {
      significant(c, high != low >> 63);
    } else {
      significant(c, (int) high != (int) low >> 31);
    }
  }

  // ---- products into RDX:RAX

  /** MUL: RDX:RAX (or AX) becomes RAX times {@code b}, both unsigned and {@code bits} wide. */
  public static void mul(Cpu c, int bits, long b) {
    switch (bits) {
      case 64 -> mul64(c, b);
      case 32 -> mul32(c, (int) b);
      case 16 -> {
        int p = c.gpr16(Reg.RAX) * ((int) b & 0xffff);
        c.setGpr16(Reg.RAX, p);
        c.setGpr16(Reg.RDX, p >>> 16);
        significant(c, p >>> 16 != 0);
      }
      default -> {
        int p = c.gpr8(Reg.RAX) * ((int) b & 0xff);
        c.setGpr16(Reg.RAX, p);
        significant(c, p >>> 8 != 0);
      }
    }
  }

  public static void mul32(Cpu c, int b) {
    long p = (c.gpr[Reg.RAX] & 0xffffffffL) * (b & 0xffffffffL);
    c.gpr[Reg.RAX] = p & 0xffffffffL;
    c.gpr[Reg.RDX] = p >>> 32;
    significant(c, p >>> 32 != 0);
  }

  public static void mul64(Cpu c, long b) {
    long a = c.gpr[Reg.RAX];
    long high = unsignedMultiplyHigh(a, b);
    c.gpr[Reg.RAX] = a * b;
    c.gpr[Reg.RDX] = high;
    significant(c, high != 0);
  }

  /** Upper half of the unsigned 128-bit product (Math has it from JDK 18 on). */
  public static long unsignedMultiplyHigh(long a, long b) {
    return Math.multiplyHigh(a, b) + (a >> 63 & b) + (b >> 63 & a);
  }

  /** IMUL with one operand: as {@link #mul(Cpu, int, long)}, signed. */
  public static void imul(Cpu c, int bits, long b) {
    switch (bits) {
      case 64 -> imulWide64(c, b);
      case 32 -> imulWide32(c, (int) b);
      case 16 -> {
        int p = (short) c.gpr[Reg.RAX] * (short) b;
        c.setGpr16(Reg.RAX, p);
        c.setGpr16(Reg.RDX, p >>> 16);
        significant(c, (short) p != p);
      }
      default -> {
        int p = (byte) c.gpr[Reg.RAX] * (byte) b;
        c.setGpr16(Reg.RAX, p);
        significant(c, (byte) p != p);
      }
    }
  }

  public static void imulWide32(Cpu c, int b) {
    long p = (long) (int) c.gpr[Reg.RAX] * b;
    c.gpr[Reg.RAX] = p & 0xffffffffL;
    c.gpr[Reg.RDX] = p >>> 32;
    significant(c, (int) p != p);
  }

  public static void imulWide64(Cpu c, long b) {
    long a = c.gpr[Reg.RAX];
    long low = a * b;
    long high = Math.multiplyHigh(a, b);
    c.gpr[Reg.RAX] = low;
    c.gpr[Reg.RDX] = high;
    significant(c, high != low >> 63);
  }

  // ---- truncated products

  public static int imul16(Cpu c, int a, int b) {
    int p = (short) a * (short) b;
    significant(c, (short) p != p);
    return p & 0xffff;
  }

  public static int imul32(Cpu c, int a, int b) {
    long p = (long) a * b;
    significant(c, (int) p != p);
    return (int) p;
  }

  public static long imul64(Cpu c, long a, long b) {
    long p = a * b;
    significant(c, Math.multiplyHigh(a, b) != p >> 63);
    return p;
  }

  /** IMUL with two or three operands: {@code bits} is 16, 32 or 64; the result is zero-extended. */
  public static long imul(Cpu c, int bits, long a, long b) {
    return switch (bits) {
      case 16 -> imul16(c, (int) a, (int) b);
      case 32 -> imul32(c, (int) a, (int) b) & 0xffffffffL;
      default -> imul64(c, a, b);
    };
  }

  // ---- quotients of RDX:RAX

  /**
   * DIV: RAX and RDX (AL and AH) become quotient and remainder of RDX:RAX (AX) by {@code b}.
   *
   * @throws org.quern.x86.fault.GuestFault #DE if {@code b} is zero or the quotient has no room
   */
  public static void div(Cpu c, int bits, long b) {
    switch (bits) {
      case 64 -> div64(c, b);
      case 32 -> div32(c, (int) b);
      case 16 -> {
        int d = (int) b & 0xffff;
        int high = c.gpr16(Reg.RDX);
        if (high >= d) {
          throw c.raise(Vector.DE);
        }
        int n = high << 16 | c.gpr16(Reg.RAX);
        c.setGpr16(Reg.RAX, Integer.divideUnsigned(n, d));
        c.setGpr16(Reg.RDX, Integer.remainderUnsigned(n, d));
        divided(c);
      }
      default -> {
        int d = (int) b & 0xff;
        int n = c.gpr16(Reg.RAX);
        if (n >>> 8 >= d) {
          throw c.raise(Vector.DE);
        }
        c.setGpr16(Reg.RAX, n % d << 8 | n / d);
        divided(c);
      }
    }
  }

  public static void div32(Cpu c, int b) {
    long d = b & 0xffffffffL;
    long high = c.gpr[Reg.RDX] & 0xffffffffL;
    if (high >= d) {
      throw c.raise(Vector.DE);
    }
    long n = high << 32 | c.gpr[Reg.RAX] & 0xffffffffL;
    long q = n >= 0 ? n / d : Long.divideUnsigned(n, d);
    c.gpr[Reg.RAX] = q;
    c.gpr[Reg.RDX] = n - q * d;
    divided(c);
  }

  public static void div64(Cpu c, long d) {
    long high = c.gpr[Reg.RDX];
    long low = c.gpr[Reg.RAX];
    if (Long.compareUnsigned(high, d) >= 0) {
      throw c.raise(Vector.DE);
    }
    long q = divide128(high, low, d);
    c.gpr[Reg.RAX] = q;
    c.gpr[Reg.RDX] = low - q * d;
    divided(c);
  }

  /**
   * Quotient of the unsigned 128-bit {@code high:low} by {@code d}, which is greater than {@code
   * high}.
   */
  static long divide128(long high, long low, long d) {
    if (high == 0) {
      return (low | d) >= 0 ? low / d : Long.divideUnsigned(low, d);
    }
    // Long division in base 2^32 (Knuth vol. 2, 4.3.1, algorithm D) with a normalized divisor.
    int s = Long.numberOfLeadingZeros(d);
    long v = d << s;
    long n32 = s == 0 ? high : high << s | low >>> 64 - s;
    long n10 = low << s;
    long q1 = digit(n32, n10 >>> 32, v);
    long n21 = (n32 << 32 | n10 >>> 32) - q1 * v;
    long q0 = digit(n21, n10 & 0xffffffffL, v);
    return (q1 << 32) + q0;
  }

  /** One digit of a quotient: {@code (n * 2^32 + next) / v}, less than 2^32. */
  private static long digit(long n, long next, long v) {
    long v1 = v >>> 32;
    long v0 = v & 0xffffffffL;
    long q = Long.divideUnsigned(n, v1);
    long r = n - q * v1;
    while (q >>> 32 != 0 || Long.compareUnsigned(q * v0, r << 32 | next) > 0) {
      q--;
      r += v1;
      if (r >>> 32 != 0) {
        break;
      }
    }
    return q;
  }

  /** IDIV: as {@link #div(Cpu, int, long)}, signed, rounded towards zero. */
  public static void idiv(Cpu c, int bits, long b) {
    switch (bits) {
      case 64 -> idiv64(c, b);
      case 32 -> idiv32(c, (int) b);
      case 16 -> {
        int d = (short) b;
        int n = c.gpr16(Reg.RDX) << 16 | c.gpr16(Reg.RAX);
        if (d == 0 || (short) (n / d) != n / d) {
          throw c.raise(Vector.DE);
        }
        c.setGpr16(Reg.RAX, n / d);
        c.setGpr16(Reg.RDX, n % d);
        divided(c);
      }
      default -> {
        int d = (byte) b;
        int n = (short) c.gpr[Reg.RAX];
        if (d == 0 || (byte) (n / d) != n / d) {
          throw c.raise(Vector.DE);
        }
        c.setGpr16(Reg.RAX, (n % d & 0xff) << 8 | n / d & 0xff);
        divided(c);
      }
    }
  }

  public static void idiv32(Cpu c, int d) {
    long n = c.gpr[Reg.RDX] << 32 | c.gpr[Reg.RAX] & 0xffffffffL;
    if (d == 0) {
      throw c.raise(Vector.DE);
    }
    // The one overflow of Java's division, -2^63 by -1, gives -2^63: too large as well.
    long q = n / d;
    if ((int) q != q) {
      throw c.raise(Vector.DE);
    }
    c.gpr[Reg.RAX] = q & 0xffffffffL;
    c.gpr[Reg.RDX] = n - q * d & 0xffffffffL;
    divided(c);
  }

  public static void idiv64(Cpu c, long d) {
    long high = c.gpr[Reg.RDX];
    long low = c.gpr[Reg.RAX];
    if (d == 0) {
      throw c.raise(Vector.DE);
    }
    long q;
    if (high == low >> 63 && (low != Long.MIN_VALUE || d != -1)) {
      q = low / d;
    } else {
      q = divideMagnitudes(c, high, low, d);
    }
    c.gpr[Reg.RAX] = q;
    c.gpr[Reg.RDX] = low - q * d;
    divided(c);
  }

  private static long divideMagnitudes(Cpu c, long high, long low, long d) {
    boolean negative = high < 0;
    long nLow = negative ? -low : low;
    long nHigh = negative ? ~high + (low == 0 ? 1 : 0) : high;
    long magnitude = Math.abs(d);
    if (Long.compareUnsigned(nHigh, magnitude) >= 0) {
      throw c.raise(Vector.DE);
    }
    long q = divide128(nHigh, nLow, magnitude);
    long signed = negative == d < 0 ? q : -q;
    // A magnitude up to 2^63 - 1, or 2^63 if the quotient is negative.
    if (q != 0 && (signed < 0) != (negative != d < 0)) {
      throw c.raise(Vector.DE);
    }
    return signed;
  }

  private static void divided(Cpu c) {
    c.ccResult = 1; // not zero, positive, odd parity
    c.ccAux = c.ccAux & 3L << 62 | 8;
  }
}
