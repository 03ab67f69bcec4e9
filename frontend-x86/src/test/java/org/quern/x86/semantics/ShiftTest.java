package org.quern.x86.semantics;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;

/**
 * Every operation of {@link Shift} at every width and count against a shifter of one bit a step.
 */
class ShiftTest {
  private static final int SEED = 2;

  private final Cpu c = TestCpu.long64().c;
  private final FlagModel m = new FlagModel();

  private enum Op {
    SHL,
    SHR,
    SAR,
    ROL,
    ROR,
    RCL,
    RCR,
    SHLD,
    SHRD;

    boolean rotate() {
      return this == ROL || this == ROR || this == RCL || this == RCR;
    }

    boolean left() {
      return this == SHL || this == ROL || this == RCL || this == SHLD;
    }
  }

  private void model(Op op, int bits, long a, long b, int count, int before) {
    int n = count & (bits == 64 ? 63 : 31);
    long v = FlagModel.truncate(a, bits);
    long fill = FlagModel.truncate(b, bits);
    boolean cf = (before & RFlags.CF) != 0;
    for (int k = 0; k < n; k++) {
      boolean top = FlagModel.bit(v, bits - 1);
      boolean bottom = FlagModel.bit(v, 0);
      // The source of a double shift comes round again: it is a cycle of `bits`.
      boolean in =
          switch (op) {
            case SHL, SHR -> false;
            case SAR, ROL -> top;
            case ROR -> bottom;
            case RCL, RCR -> cf;
            case SHLD -> FlagModel.bit(fill, bits - 1 - k % bits);
            case SHRD -> FlagModel.bit(fill, k % bits);
          };
      cf = op.left() ? top : bottom;
      if (op.left()) {
        v = FlagModel.truncate(v << 1, bits) | (in ? 1 : 0);
      } else {
        v = v >>> 1 | (in ? 1L << bits - 1 : 0);
      }
    }
    m.result = v;
    if (n == 0) {
      m.flags = before;
      return;
    }
    boolean doubleTooFar = (op == Op.SHLD || op == Op.SHRD) && n > bits;
    cf = cf && !doubleTooFar;
    boolean top = FlagModel.bit(v, bits - 1);
    boolean of = op.left() ? top != cf : top != FlagModel.bit(v, bits - 2);
    if (op == Op.SHLD && n >= bits) {
      of = cf; // silicon; undefined in the manual
    }
    m.flags = op.rotate() ? before : m.resultFlags(bits) | RFlags.AF;
    m.set(RFlags.CF, cf);
    m.set(RFlags.OF, of);
  }

  private long run(Op op, int bits, long a, long b, int count) {
    return switch (op) {
      case SHL -> Shift.shl(c, bits, a, count);
      case SHR -> Shift.shr(c, bits, a, count);
      case SAR -> Shift.sar(c, bits, a, count);
      case ROL -> Shift.rol(c, bits, a, count);
      case ROR -> Shift.ror(c, bits, a, count);
      case RCL -> Shift.rcl(c, bits, a, count);
      case RCR -> Shift.rcr(c, bits, a, count);
      case SHLD -> Shift.shld(c, bits, a, b, count);
      case SHRD -> Shift.shrd(c, bits, a, b, count);
    };
  }

  @ParameterizedTest(name = "{0}: result and six flags at all widths and counts")
  @EnumSource
  void agreesWithTheModel(Op op) {
    long[] values = FlagModel.values(SEED, 40);
    for (int bits : FlagModel.WIDTHS) {
      if (bits == 8 && (op == Op.SHLD || op == Op.SHRD)) {
        continue;
      }
      for (int k = 0; k < values.length; k++) {
        long b = values[(k * 7 + 3) % values.length];
        for (int count = 0; count < 256; count++) {
          for (int before : new int[] {0, RFlags.CF, RFlags.STATUS}) {
            check(op, bits, values[k], b, count, before);
          }
        }
      }
    }
  }

  private void check(Op op, int bits, long a, long b, int count, int before) {
    model(op, bits, a, b, count, before);
    c.setStatusFlags(before);
    long r = run(op, bits, a, b, count);
    if (r != m.result || c.statusFlags() != m.flags) {
      throw new AssertionError(
          String.format(
              "%s %d bits %x, %x by %d after %x: %x flags %x, expected %x flags %x (seed %d)",
              op, bits, a, b, count, before, r, c.statusFlags(), m.result, m.flags, SEED));
    }
  }
}
