package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;

/**
 * Integer addition, subtraction and logic with their status flags: pure functions of values, called
 * by every engine.
 *
 * <p>Each operation exists once for each width, so that a caller that knows the width pays for no
 * switch, and once with the width as a value. The 8- and 16-bit forms ignore the upper bits of what
 * they are given and return their result zero-extended.
 *
 * <p>How the flags are found: bit {@code n} of a <em>carry vector</em> is the carry (or borrow) out
 * of bit {@code n}. With its top bit moved to bit 63 it holds CF there and the carry into the top
 * bit in bit 62; its bit 3 is AF: the layout of {@link Cpu#ccAux}. The methods of one width stay
 * within 35 bytecodes, HotSpot's limit for inlining wherever they are called. Source: SDM vol. 1,
 * 3.4.3.1; AF of the logical operations, which it leaves undefined, is 0 as on silicon.
 */
public final class Alu {
  private Alu() {}

  // ---- flags from a carry vector; bits of the result that Cpu does not look at are left as they
  // are

  static long aux8(int carries) {
    return (long) carries << 56 | carries & 8;
  }

  static long aux16(int carries) {
    return (long) carries << 48 | carries & 8;
  }

  static long aux32(int carries) {
    return (long) carries << 32 | carries & 8;
  }

  static long aux64(long carries) {
    return carries & (3L << 62 | 8);
  }

  static int carries(int a, int b, int sum) {
    return a & b | (a | b) & ~sum;
  }

  static long carries(long a, long b, long sum) {
    return a & b | (a | b) & ~sum;
  }

  static int borrows(int a, int b, int difference) {
    return ~a & (b | difference) | b & difference;
  }

  static long borrows(long a, long b, long difference) {
    return ~a & (b | difference) | b & difference;
  }

  // ---- ADD

  public static int add8(Cpu c, int a, int b) {
    int r = a + b;
    c.ccAux = aux8(carries(a, b, r));
    c.ccResult = (byte) r;
    return r & 0xff;
  }

  public static int add16(Cpu c, int a, int b) {
    int r = a + b;
    c.ccAux = aux16(carries(a, b, r));
    c.ccResult = (short) r;
    return r & 0xffff;
  }

  public static int add32(Cpu c, int a, int b) {
    int r = a + b;
    c.ccAux = aux32(carries(a, b, r));
    c.ccResult = r;
    return r;
  }

  public static long add64(Cpu c, long a, long b) {
    long r = a + b;
    c.ccAux = aux64(carries(a, b, r));
    c.ccResult = r;
    return r;
  }

  // ---- ADC

  private static int carryIn(Cpu c) {
    return (int) (c.ccAux >>> 63);
  }

  public static int adc8(Cpu c, int a, int b) {
    int r = a + b + carryIn(c);
    c.ccAux = aux8(carries(a, b, r));
    c.ccResult = (byte) r;
    return r & 0xff;
  }

  public static int adc16(Cpu c, int a, int b) {
    int r = a + b + carryIn(c);
    c.ccAux = aux16(carries(a, b, r));
    c.ccResult = (short) r;
    return r & 0xffff;
  }

  public static int adc32(Cpu c, int a, int b) {
    int r = a + b + carryIn(c);
    c.ccAux = aux32(carries(a, b, r));
    c.ccResult = r;
    return r;
  }

  public static long adc64(Cpu c, long a, long b) {
    long r = a + b + carryIn(c);
    c.ccAux = aux64(carries(a, b, r));
    c.ccResult = r;
    return r;
  }

  // ---- SUB

  public static int sub8(Cpu c, int a, int b) {
    int r = a - b;
    c.ccAux = aux8(borrows(a, b, r));
    c.ccResult = (byte) r;
    return r & 0xff;
  }

  public static int sub16(Cpu c, int a, int b) {
    int r = a - b;
    c.ccAux = aux16(borrows(a, b, r));
    c.ccResult = (short) r;
    return r & 0xffff;
  }

  public static int sub32(Cpu c, int a, int b) {
    int r = a - b;
    c.ccAux = aux32(borrows(a, b, r));
    c.ccResult = r;
    return r;
  }

  public static long sub64(Cpu c, long a, long b) {
    long r = a - b;
    c.ccAux = aux64(borrows(a, b, r));
    c.ccResult = r;
    return r;
  }

  // ---- SBB

  public static int sbb8(Cpu c, int a, int b) {
    int r = a - b - carryIn(c);
    c.ccAux = aux8(borrows(a, b, r));
    c.ccResult = (byte) r;
    return r & 0xff;
  }

  public static int sbb16(Cpu c, int a, int b) {
    int r = a - b - carryIn(c);
    c.ccAux = aux16(borrows(a, b, r));
    c.ccResult = (short) r;
    return r & 0xffff;
  }

  public static int sbb32(Cpu c, int a, int b) {
    int r = a - b - carryIn(c);
    c.ccAux = aux32(borrows(a, b, r));
    c.ccResult = r;
    return r;
  }

  public static long sbb64(Cpu c, long a, long b) {
    long r = a - b - carryIn(c);
    c.ccAux = aux64(borrows(a, b, r));
    c.ccResult = r;
    return r;
  }

  // ---- CMP: SUB without its result

  public static void cmp8(Cpu c, int a, int b) {
    sub8(c, a, b);
  }

  public static void cmp16(Cpu c, int a, int b) {
    sub16(c, a, b);
  }

  public static void cmp32(Cpu c, int a, int b) {
    sub32(c, a, b);
  }

  public static void cmp64(Cpu c, long a, long b) {
    sub64(c, a, b);
  }

  // ---- AND, OR, XOR, TEST

  /** Flags of a logical operation; {@code r} is sign-extended from its width. */
  public static void logicFlags(Cpu c, long r) {
    c.ccResult = r;
    c.ccAux = 0;
  }

  public static int and8(Cpu c, int a, int b) {
    int r = a & b;
    logicFlags(c, (byte) r);
    return r & 0xff;
  }

  public static int and16(Cpu c, int a, int b) {
    int r = a & b;
    logicFlags(c, (short) r);
    return r & 0xffff;
  }

  public static int and32(Cpu c, int a, int b) {
    int r = a & b;
    logicFlags(c, r);
    return r;
  }

  public static long and64(Cpu c, long a, long b) {
    long r = a & b;
    logicFlags(c, r);
    return r;
  }

  public static int or8(Cpu c, int a, int b) {
    int r = a | b;
    logicFlags(c, (byte) r);
    return r & 0xff;
  }

  public static int or16(Cpu c, int a, int b) {
    int r = a | b;
    logicFlags(c, (short) r);
    return r & 0xffff;
  }

  public static int or32(Cpu c, int a, int b) {
    int r = a | b;
    logicFlags(c, r);
    return r;
  }

  public static long or64(Cpu c, long a, long b) {
    long r = a | b;
    logicFlags(c, r);
    return r;
  }

  public static int xor8(Cpu c, int a, int b) {
    int r = a ^ b;
    logicFlags(c, (byte) r);
    return r & 0xff;
  }

  public static int xor16(Cpu c, int a, int b) {
    int r = a ^ b;
    logicFlags(c, (short) r);
    return r & 0xffff;
  }

  public static int xor32(Cpu c, int a, int b) {
    int r = a ^ b;
    logicFlags(c, r);
    return r;
  }

  public static long xor64(Cpu c, long a, long b) {
    long r = a ^ b;
    logicFlags(c, r);
    return r;
  }

  public static void test8(Cpu c, int a, int b) {
    logicFlags(c, (byte) (a & b));
  }

  public static void test16(Cpu c, int a, int b) {
    logicFlags(c, (short) (a & b));
  }

  public static void test32(Cpu c, int a, int b) {
    logicFlags(c, a & b);
  }

  public static void test64(Cpu c, long a, long b) {
    logicFlags(c, a & b);
  }

  // ---- INC and DEC keep CF. Their result tells the rest: OF is the sign that changed, AF is bit
  // 4 that changed.

  /**
   * @param changed bits of the operand that changed
   * @param of OF at bit 63
   */
  private static void keepCarry(Cpu c, int changed, long of) {
    c.ccAux = c.ccAux >> 63 << 62 ^ of >>> 63 << 62 | changed >>> 1 & 8;
  }

  public static int inc8(Cpu c, int a) {
    int r = a + 1;
    keepCarry(c, a ^ r, (long) (~a & r) << 56);
    c.ccResult = (byte) r;
    return r & 0xff;
  }

  public static int inc16(Cpu c, int a) {
    int r = a + 1;
    keepCarry(c, a ^ r, (long) (~a & r) << 48);
    c.ccResult = (short) r;
    return r & 0xffff;
  }

  public static int inc32(Cpu c, int a) {
    int r = a + 1;
    keepCarry(c, a ^ r, (long) (~a & r) << 32);
    c.ccResult = r;
    return r;
  }

  public static long inc64(Cpu c, long a) {
    long r = a + 1;
    keepCarry(c, (int) (a ^ r), ~a & r);
    c.ccResult = r;
    return r;
  }

  public static int dec8(Cpu c, int a) {
    int r = a - 1;
    keepCarry(c, a ^ r, (long) (a & ~r) << 56);
    c.ccResult = (byte) r;
    return r & 0xff;
  }

  public static int dec16(Cpu c, int a) {
    int r = a - 1;
    keepCarry(c, a ^ r, (long) (a & ~r) << 48);
    c.ccResult = (short) r;
    return r & 0xffff;
  }

  public static int dec32(Cpu c, int a) {
    int r = a - 1;
    keepCarry(c, a ^ r, (long) (a & ~r) << 32);
    c.ccResult = r;
    return r;
  }

  public static long dec64(Cpu c, long a) {
    long r = a - 1;
    keepCarry(c, (int) (a ^ r), a & ~r);
    c.ccResult = r;
    return r;
  }

  // ---- NEG is a subtraction from zero; NOT changes no flags

  public static int neg8(Cpu c, int a) {
    return sub8(c, 0, a);
  }

  public static int neg16(Cpu c, int a) {
    return sub16(c, 0, a);
  }

  public static int neg32(Cpu c, int a) {
    return sub32(c, 0, a);
  }

  public static long neg64(Cpu c, long a) {
    return sub64(c, 0, a);
  }

  // ---- the same with the width (8, 16, 32 or 64) as a value; results are zero-extended

  public static long add(Cpu c, int bits, long a, long b) {
    return switch (bits) {
      case 8 -> add8(c, (int) a, (int) b);
      case 16 -> add16(c, (int) a, (int) b);
      case 32 -> add32(c, (int) a, (int) b) & 0xffffffffL;
      default -> add64(c, a, b);
    };
  }

  public static long adc(Cpu c, int bits, long a, long b) {
    return switch (bits) {
      case 8 -> adc8(c, (int) a, (int) b);
      case 16 -> adc16(c, (int) a, (int) b);
      case 32 -> adc32(c, (int) a, (int) b) & 0xffffffffL;
      default -> adc64(c, a, b);
    };
  }

  public static long sub(Cpu c, int bits, long a, long b) {
    return switch (bits) {
      case 8 -> sub8(c, (int) a, (int) b);
      case 16 -> sub16(c, (int) a, (int) b);
      case 32 -> sub32(c, (int) a, (int) b) & 0xffffffffL;
      default -> sub64(c, a, b);
    };
  }

  public static long sbb(Cpu c, int bits, long a, long b) {
    return switch (bits) {
      case 8 -> sbb8(c, (int) a, (int) b);
      case 16 -> sbb16(c, (int) a, (int) b);
      case 32 -> sbb32(c, (int) a, (int) b) & 0xffffffffL;
      default -> sbb64(c, a, b);
    };
  }

  public static void cmp(Cpu c, int bits, long a, long b) {
    sub(c, bits, a, b);
  }

  public static long and(Cpu c, int bits, long a, long b) {
    return logic(c, bits, a & b);
  }

  public static long or(Cpu c, int bits, long a, long b) {
    return logic(c, bits, a | b);
  }

  public static long xor(Cpu c, int bits, long a, long b) {
    return logic(c, bits, a ^ b);
  }

  public static void test(Cpu c, int bits, long a, long b) {
    logic(c, bits, a & b);
  }

  private static long logic(Cpu c, int bits, long r) {
    logicFlags(c, r << 64 - bits >> 64 - bits);
    return r << 64 - bits >>> 64 - bits;
  }

  public static long inc(Cpu c, int bits, long a) {
    return switch (bits) {
      case 8 -> inc8(c, (int) a);
      case 16 -> inc16(c, (int) a);
      case 32 -> inc32(c, (int) a) & 0xffffffffL;
      default -> inc64(c, a);
    };
  }

  public static long dec(Cpu c, int bits, long a) {
    return switch (bits) {
      case 8 -> dec8(c, (int) a);
      case 16 -> dec16(c, (int) a);
      case 32 -> dec32(c, (int) a) & 0xffffffffL;
      default -> dec64(c, a);
    };
  }

  public static long neg(Cpu c, int bits, long a) {
    return sub(c, bits, 0, a);
  }
}
