package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/** The shift and rotate instructions over their operands. What they compute is in {@link Shift}. */
public final class ShiftOps {
  private ShiftOps() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case SHL -> ShiftOps::shl;
      case SHR -> ShiftOps::shr;
      case SAR -> ShiftOps::sar;
      case ROL -> ShiftOps::rol;
      case ROR -> ShiftOps::ror;
      case RCL -> ShiftOps::rcl;
      case RCR -> ShiftOps::rcr;
      case SHLD -> ShiftOps::shld;
      case SHRD -> ShiftOps::shrd;
      default -> null;
    };
  }

  private static int count(Cpu c, Insn i) {
    return (int) Operands.read(c, i, i.op1);
  }

  static void shl(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.shl(c, i.op0.size(), a, count(c, i)));
  }

  static void shr(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.shr(c, i.op0.size(), a, count(c, i)));
  }

  static void sar(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.sar(c, i.op0.size(), a, count(c, i)));
  }

  static void rol(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.rol(c, i.op0.size(), a, count(c, i)));
  }

  static void ror(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.ror(c, i.op0.size(), a, count(c, i)));
  }

  static void rcl(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.rcl(c, i.op0.size(), a, count(c, i)));
  }

  static void rcr(Cpu c, Insn i) {
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.rcr(c, i.op0.size(), a, count(c, i)));
  }

  static void shld(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int n = (int) Operands.read(c, i, i.op2);
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.shld(c, i.op0.size(), a, b, n));
  }

  static void shrd(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int n = (int) Operands.read(c, i, i.op2);
    long a = Operands.readModify(c, i, i.op0);
    Operands.commit(c, i, i.op0, a, Shift.shrd(c, i.op0.size(), a, b, n));
  }
}
