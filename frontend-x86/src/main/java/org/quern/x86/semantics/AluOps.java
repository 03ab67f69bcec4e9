package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;

/**
 * The integer arithmetic and logic instructions over their operands. What they compute is in {@link
 * Alu}. A locked one that another processor disturbed runs again from the flags it began with.
 */
public final class AluOps {
  private AluOps() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case ADD -> AluOps::add;
      case ADC -> AluOps::adc;
      case SUB -> AluOps::sub;
      case SBB -> AluOps::sbb;
      case AND -> AluOps::and;
      case OR -> AluOps::or;
      case XOR -> AluOps::xor;
      case CMP -> AluOps::cmp;
      case TEST -> AluOps::test;
      case INC -> AluOps::inc;
      case DEC -> AluOps::dec;
      case NEG -> AluOps::neg;
      case NOT -> AluOps::not;
      default -> null;
    };
  }

  static void add(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.add(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void adc(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long before = c.ccAux;
    long a;
    long r;
    do {
      c.ccAux = before;
      a = Operands.readModify(c, i, i.op0);
      r = Alu.adc(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void sub(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.sub(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void sbb(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long before = c.ccAux;
    long a;
    long r;
    do {
      c.ccAux = before;
      a = Operands.readModify(c, i, i.op0);
      r = Alu.sbb(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void and(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.and(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void or(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.or(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void xor(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.xor(c, bits, a, b);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void cmp(Cpu c, Insn i) {
    long a = Operands.read(c, i, i.op0);
    Alu.cmp(c, i.op0.size(), a, Operands.read(c, i, i.op1));
  }

  static void test(Cpu c, Insn i) {
    long a = Operands.read(c, i, i.op0);
    Alu.test(c, i.op0.size(), a, Operands.read(c, i, i.op1));
  }

  static void inc(Cpu c, Insn i) {
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.inc(c, bits, a);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void dec(Cpu c, Insn i) {
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.dec(c, bits, a);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void neg(Cpu c, Insn i) {
    int bits = i.op0.size();
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.neg(c, bits, a);
    } while (!Operands.commit(c, i, i.op0, a, r));
  }

  static void not(Cpu c, Insn i) {
    long a;
    do {
      a = Operands.readModify(c, i, i.op0);
    } while (!Operands.commit(c, i, i.op0, a, ~a));
  }
}
