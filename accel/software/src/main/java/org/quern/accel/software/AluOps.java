package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Alu;
import org.quern.x86.state.Cpu;

/**
 * ADD, OR, ADC, SBB, AND, SUB, XOR, CMP, TEST, INC and DEC in the flat modes. The operation is a
 * small number switched over inside an op of one operand form; the arithmetic is {@link Alu}'s.
 */
final class AluOps {
  // Numbers of the operations: the /digit of opcodes 80 to 83, then the rest.
  private static final int ADD = 0;
  private static final int OR = 1;
  private static final int ADC = 2;
  private static final int SBB = 3;
  private static final int AND = 4;
  private static final int SUB = 5;
  private static final int XOR = 6;
  private static final int CMP = 7;
  private static final int TEST = 8;

  private AluOps() {}

  /** The op of an arithmetic instruction, or null if it is not one of the hot forms. */
  static Op of(Insn i, int offset) {
    int op =
        switch (i.mnemonic) {
          case ADD -> ADD;
          case OR -> OR;
          case ADC -> ADC;
          case SBB -> SBB;
          case AND -> AND;
          case SUB -> SUB;
          case XOR -> XOR;
          case CMP -> CMP;
          case TEST -> TEST;
          default -> -1;
        };
    if (op < 0) {
      return step(i);
    }
    Operand d = i.op0;
    Operand s = i.op1;
    boolean source = s.kind() == Kind.GPR || s.kind() == Kind.IMM;
    if (d.kind() == Kind.GPR && source) {
      return registers(i, op);
    }
    if (d.kind() == Kind.GPR && s.isMem()) {
      return d.size() == 64
          ? new RegMem64(i, offset, op)
          : d.size() == 32 ? new RegMem32(i, offset, op) : new RegMemSmall(i, offset, op);
    }
    if (d.isMem() && source) {
      return op >= CMP
          ? new MemCompare(i, offset, op)
          : d.size() >= 32 ? new MemModify(i, offset, op) : null;
    }
    return null;
  }

  private static Op registers(Insn i, int op) {
    int d = i.op0.reg();
    boolean imm = i.op1.kind() == Kind.IMM;
    return switch (i.op0.size()) {
      case 64 -> imm ? new RegImm64(op, d, i.imm) : new RegReg64(op, d, i.op1.reg());
      case 32 -> imm ? new RegImm32(op, d, (int) i.imm) : new RegReg32(op, d, i.op1.reg());
      default -> new RegSmall(i, op);
    };
  }

  private static Op step(Insn i) {
    if (i.op0 == null || i.op0.kind() != Kind.GPR || i.op0.size() < 32) {
      return null;
    }
    return switch (i.mnemonic) {
      case INC -> new Step(i, true);
      case DEC -> new Step(i, false);
      default -> null;
    };
  }

  static int op32(Cpu c, int op, int a, int b) {
    switch (op) {
      case ADD:
        return Alu.add32(c, a, b);
      case OR:
        return Alu.or32(c, a, b);
      case ADC:
        return Alu.adc32(c, a, b);
      case SBB:
        return Alu.sbb32(c, a, b);
      case AND:
        return Alu.and32(c, a, b);
      case SUB:
        return Alu.sub32(c, a, b);
      case XOR:
        return Alu.xor32(c, a, b);
      case CMP:
        Alu.cmp32(c, a, b);
        return a;
      default:
        Alu.test32(c, a, b);
        return a;
    }
  }

  static long op64(Cpu c, int op, long a, long b) {
    switch (op) {
      case ADD:
        return Alu.add64(c, a, b);
      case OR:
        return Alu.or64(c, a, b);
      case ADC:
        return Alu.adc64(c, a, b);
      case SBB:
        return Alu.sbb64(c, a, b);
      case AND:
        return Alu.and64(c, a, b);
      case SUB:
        return Alu.sub64(c, a, b);
      case XOR:
        return Alu.xor64(c, a, b);
      case CMP:
        Alu.cmp64(c, a, b);
        return a;
      default:
        Alu.test64(c, a, b);
        return a;
    }
  }

  /** Any width; the result is zero-extended. */
  static long op(Cpu c, int op, int bits, long a, long b) {
    switch (op) {
      case ADD:
        return Alu.add(c, bits, a, b);
      case OR:
        return Alu.or(c, bits, a, b);
      case ADC:
        return Alu.adc(c, bits, a, b);
      case SBB:
        return Alu.sbb(c, bits, a, b);
      case AND:
        return Alu.and(c, bits, a, b);
      case SUB:
        return Alu.sub(c, bits, a, b);
      case XOR:
        return Alu.xor(c, bits, a, b);
      case CMP:
        Alu.cmp(c, bits, a, b);
        return a;
      default:
        Alu.test(c, bits, a, b);
        return a;
    }
  }

  // ---- register destinations. CMP and TEST write the unchanged value back: with a 32-bit operand
  // that would clear the upper half, so they are told apart there.

  private static final class RegReg64 extends Op {
    private final byte op;
    private final byte d;
    private final byte s;

    RegReg64(int op, int d, int s) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.s = (byte) s;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long[] g = c.gpr;
      g[d] = op64(c, op, g[d], g[s]);
      return next;
    }
  }

  private static final class RegReg32 extends Op {
    private final byte op;
    private final byte d;
    private final byte s;

    RegReg32(int op, int d, int s) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.s = (byte) s;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long[] g = c.gpr;
      int r = op32(c, op, (int) g[d], (int) g[s]);
      if (op < CMP) {
        g[d] = r & 0xffffffffL;
      }
      return next;
    }
  }

  private static final class RegImm64 extends Op {
    private final byte op;
    private final byte d;
    private final long imm;

    RegImm64(int op, int d, long imm) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.imm = imm;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long[] g = c.gpr;
      g[d] = op64(c, op, g[d], imm);
      return next;
    }
  }

  private static final class RegImm32 extends Op {
    private final byte op;
    private final byte d;
    private final int imm;

    RegImm32(int op, int d, int imm) {
      this.op = (byte) op;
      this.d = (byte) d;
      this.imm = imm;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long[] g = c.gpr;
      int r = op32(c, op, (int) g[d], imm);
      if (op < CMP) {
        g[d] = r & 0xffffffffL;
      }
      return next;
    }
  }

  /** 8 and 16 bits, register or immediate source. */
  private static final class RegSmall extends Op {
    private final byte op;
    private final byte bits;
    private final byte d;
    private final boolean isImm;
    private final byte s;
    private final long imm;

    RegSmall(Insn i, int op) {
      this.op = (byte) op;
      bits = (byte) i.op0.size();
      d = (byte) i.op0.reg();
      isImm = i.op1.kind() == Kind.IMM;
      s = (byte) i.op1.reg();
      imm = i.imm & (bits == 8 ? 0xff : 0xffff);
    }

    @Override
    Op exec(Cpu c, Core k) {
      long b = isImm ? imm : c.reg(s, bits);
      long r = op(c, op, bits, c.reg(d, bits), b);
      if (op < CMP) {
        c.setReg(d, bits, r);
      }
      return next;
    }
  }

  private static final class Step extends Op {
    private final byte d;
    private final boolean wide;
    private final boolean up;

    Step(Insn i, boolean up) {
      d = (byte) i.op0.reg();
      wide = i.op0.size() == 64;
      this.up = up;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long a = c.gpr[d];
      if (wide) {
        c.gpr[d] = up ? Alu.inc64(c, a) : Alu.dec64(c, a);
      } else {
        c.setGpr32(d, up ? Alu.inc32(c, (int) a) : Alu.dec32(c, (int) a));
      }
      return next;
    }
  }

  // ---- memory sources

  private abstract static class RegMem extends MemOp {
    final byte op;
    final byte d;

    RegMem(Insn i, int offset, int op) {
      super(i, offset);
      this.op = (byte) op;
      d = (byte) i.op0.reg();
    }
  }

  private static final class RegMem64 extends RegMem {
    RegMem64(Insn i, int offset, int op) {
      super(i, offset, op);
    }

    @Override
    Op exec(Cpu c, Core k) {
      long b = c.mmu.read64(address(c, k));
      c.gpr[d] = op64(c, op, c.gpr[d], b);
      return next;
    }
  }

  private static final class RegMem32 extends RegMem {
    RegMem32(Insn i, int offset, int op) {
      super(i, offset, op);
    }

    @Override
    Op exec(Cpu c, Core k) {
      int b = c.mmu.read32(address(c, k));
      int r = op32(c, op, (int) c.gpr[d], b);
      if (op < CMP) {
        c.gpr[d] = r & 0xffffffffL;
      }
      return next;
    }
  }

  private static final class RegMemSmall extends RegMem {
    private final byte bits;

    RegMemSmall(Insn i, int offset, int op) {
      super(i, offset, op);
      bits = (byte) i.op0.size();
    }

    @Override
    Op exec(Cpu c, Core k) {
      long b = c.mmu.read(address(c, k), bits >> 3);
      long r = op(c, op, bits, c.reg(d, bits), b);
      if (op < CMP) {
        c.setReg(d, bits, r);
      }
      return next;
    }
  }

  // ---- memory destinations

  private abstract static class MemSource extends MemOp {
    final byte op;
    final byte bits;
    private final byte s;
    private final boolean isImm;
    private final long imm;

    MemSource(Insn i, int offset, int op) {
      super(i, offset);
      this.op = (byte) op;
      bits = (byte) i.op0.size();
      s = (byte) i.op1.reg();
      isImm = i.op1.kind() == Kind.IMM;
      imm = bits == 64 ? i.imm : i.imm & (1L << bits) - 1;
    }

    final long source(Cpu c) {
      return isImm ? imm : c.gpr[s];
    }
  }

  /** CMP and TEST with memory on the left. */
  private static final class MemCompare extends MemSource {
    MemCompare(Insn i, int offset, int op) {
      super(i, offset, op);
    }

    @Override
    Op exec(Cpu c, Core k) {
      long la = address(c, k);
      if (bits == 32) {
        op32(c, op, c.mmu.read32(la), (int) source(c));
      } else if (bits == 64) {
        op64(c, op, c.mmu.read64(la), source(c));
      } else {
        op(c, op, bits, c.mmu.read(la, bits >> 3), source(c));
      }
      return next;
    }
  }

  /** Read-modify-write of 32 or 64 bits. */
  private static final class MemModify extends MemSource {
    MemModify(Insn i, int offset, int op) {
      super(i, offset, op);
    }

    @Override
    Op exec(Cpu c, Core k) {
      long la = address(c, k);
      if (bits == 32) {
        c.mmu.probeWrite(la, 4);
        c.mmu.write32(la, op32(c, op, c.mmu.read32(la), (int) source(c)));
      } else {
        c.mmu.probeWrite(la, 8);
        c.mmu.write64(la, op64(c, op, c.mmu.read64(la), source(c)));
      }
      return next;
    }
  }
}
