package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Shift;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** Shifts and rotates of a 32- or 64-bit register by an immediate or CL, in the flat modes. */
final class ShiftOps {
  private static final int SHL = 0;
  private static final int SHR = 1;
  private static final int SAR = 2;
  private static final int ROL = 3;
  private static final int ROR = 4;

  private ShiftOps() {}

  /** The op of a shift, or null if it is not one of the hot forms. */
  static Op of(Insn i) {
    int op =
        switch (i.mnemonic) {
          case SHL -> SHL;
          case SHR -> SHR;
          case SAR -> SAR;
          case ROL -> ROL;
          case ROR -> ROR;
          default -> -1;
        };
    if (op < 0 || i.op0.kind() != Kind.GPR || i.op0.size() < 32) {
      return null;
    }
    boolean wide = i.op0.size() == 64;
    int d = i.op0.reg();
    if (i.op1.kind() == Kind.GPR) {
      return new ByCl(op, d, wide);
    }
    int count = (int) i.imm;
    return wide ? new ByImmediate64(op, d, count) : new ByImmediate32(op, d, count);
  }

  private static int shift32(Cpu c, int op, int a, int count) {
    switch (op) {
      case SHL:
        return Shift.shl32(c, a, count);
      case SHR:
        return Shift.shr32(c, a, count);
      case SAR:
        return Shift.sar32(c, a, count);
      case ROL:
        return Shift.rol32(c, a, count);
      default:
        return Shift.ror32(c, a, count);
    }
  }

  private static long shift64(Cpu c, int op, long a, int count) {
    switch (op) {
      case SHL:
        return Shift.shl64(c, a, count);
      case SHR:
        return Shift.shr64(c, a, count);
      case SAR:
        return Shift.sar64(c, a, count);
      case ROL:
        return Shift.rol64(c, a, count);
      default:
        return Shift.ror64(c, a, count);
    }
  }

  private static final class ByImmediate64 extends Op {
    private final byte op;
    private final byte d;
    private final byte count;

    ByImmediate64(int op, int d, int count) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.count = (byte) count;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = shift64(c, op, c.gpr[d], count);
      return next;
    }
  }

  private static final class ByImmediate32 extends Op {
    private final byte op;
    private final byte d;
    private final byte count;

    ByImmediate32(int op, int d, int count) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.count = (byte) count;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = shift32(c, op, (int) c.gpr[d], count) & 0xffffffffL;
      return next;
    }
  }

  private static final class ByCl extends Op {
    private final byte op;
    private final byte d;
    private final boolean wide;

    ByCl(int op, int d, boolean wide) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.wide = wide;
    }

    @Override
    Op exec(Cpu c, Core k) {
      int count = (int) c.gpr[Reg.RCX] & 0xff;
      if (wide) {
        c.gpr[d] = shift64(c, op, c.gpr[d], count);
      } else {
        c.gpr[d] = shift32(c, op, (int) c.gpr[d], count) & 0xffffffffL;
      }
      return next;
    }
  }
}
