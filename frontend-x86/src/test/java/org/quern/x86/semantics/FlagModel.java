package org.quern.x86.semantics;

import java.util.Random;
import org.quern.x86.state.RFlags;

/**
 * An adder and shifter that go bit by bit: slow, obvious, and nothing like the code under test.
 * After a call {@link #result} and {@link #flags} hold what the instruction leaves.
 */
final class FlagModel {
  static final int[] WIDTHS = {8, 16, 32, 64};

  long result;
  int flags;

  static long truncate(long v, int bits) {
    return bits == 64 ? v : v & (1L << bits) - 1;
  }

  static boolean bit(long v, int n) {
    return (v >>> n & 1) != 0;
  }

  /** Operands at which carries, signs and widths change. */
  static long[] edges() {
    return new long[] {
      0,
      1,
      2,
      7,
      8,
      9,
      0xf,
      0x10,
      0x11,
      0x7e,
      0x7f,
      0x80,
      0x81,
      0xaa,
      0xfe,
      0xff,
      0x100,
      0x7ffe,
      0x7fff,
      0x8000,
      0x8001,
      0xfffe,
      0xffff,
      0x10000,
      0x7ffffffe,
      0x7fffffff,
      0x80000000L,
      0x80000001L,
      0xfffffffeL,
      0xffffffffL,
      0x100000000L,
      0x5555555555555555L,
      Long.MAX_VALUE - 1,
      Long.MAX_VALUE,
      Long.MIN_VALUE,
      Long.MIN_VALUE + 1,
      -2,
      -1
    };
  }

  /** {@link #edges} and random values of every magnitude. */
  static long[] values(long seed, int random) {
    long[] e = edges();
    long[] v = java.util.Arrays.copyOf(e, e.length + random);
    Random r = new Random(seed);
    for (int k = e.length; k < v.length; k++) {
      v[k] = r.nextLong() >>> r.nextInt(64);
    }
    return v;
  }

  /** A full adder a bit at a time; {@code b} is inverted for a subtraction. */
  void add(int bits, long a, long b, boolean carryIn, boolean subtract) {
    boolean carry = carryIn != subtract;
    boolean af = false;
    boolean intoTop = false;
    result = 0;
    for (int n = 0; n < bits; n++) {
      if (n == bits - 1) {
        intoTop = carry;
      }
      int sum = (bit(a, n) ? 1 : 0) + (bit(b, n) != subtract ? 1 : 0) + (carry ? 1 : 0);
      if ((sum & 1) != 0) {
        result |= 1L << n;
      }
      carry = sum > 1;
      if (n == 3) {
        af = carry != subtract;
      }
    }
    boolean of = carry != intoTop;
    flags = resultFlags(bits);
    set(RFlags.CF, carry != subtract);
    set(RFlags.AF, af);
    set(RFlags.OF, of);
  }

  void logic(int bits, long r) {
    result = truncate(r, bits);
    flags = resultFlags(bits);
  }

  void set(int flag, boolean v) {
    flags = v ? flags | flag : flags & ~flag;
  }

  /** SF, ZF and PF of {@link #result}. */
  int resultFlags(int bits) {
    int f = result == 0 ? RFlags.ZF : 0;
    f |= bit(result, bits - 1) ? RFlags.SF : 0;
    int ones = 0;
    for (int n = 0; n < 8; n++) {
      ones += bit(result, n) ? 1 : 0;
    }
    return ones % 2 == 0 ? f | RFlags.PF : f;
  }
}
