package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Alu;
import org.quern.x86.semantics.Cond;
import org.quern.x86.semantics.MulDiv;
import org.quern.x86.state.Cpu;

/** SETcc, CMOVcc, two- and three-operand IMUL, NEG, NOT and NOP in the flat modes. */
final class DataOps {
  private DataOps() {}

  /** The op of an instruction, or null if it is not one of the hot forms. */
  static Op of(Insn i, int offset) {
    return switch (i.mnemonic) {
      case NOP, ENDBR32, ENDBR64 -> new Nop();
      case SETCC -> i.op0.kind() == Kind.GPR ? new Set(i) : null;
      case CMOVCC -> conditionalMove(i, offset);
      case IMUL -> multiply(i, offset);
      case NEG, NOT -> wideRegister(i) ? new Negate(i) : null;
      default -> null;
    };
  }

  private static boolean wideRegister(Insn i) {
    return i.op0.kind() == Kind.GPR && i.op0.size() >= 32;
  }

  private static Op conditionalMove(Insn i, int offset) {
    if (i.op0.size() < 32) {
      return null;
    }
    return i.op1.isMem() ? new MoveMemory(i, offset) : new MoveRegister(i);
  }

  private static Op multiply(Insn i, int offset) {
    if (i.operandCount < 2 || i.op0.size() < 32) {
      return null;
    }
    if (i.op1.isMem()) {
      return i.operandCount == 2 ? new MultiplyMemory(i, offset) : null;
    }
    return new Multiply(i);
  }

  private static final class Nop extends Op {
    @Override
    Op exec(Cpu c, Core k) {
      return next;
    }
  }

  private static final class Set extends Op {
    private final byte d;
    private final byte cc;

    Set(Insn i) {
      d = (byte) i.op0.reg();
      cc = (byte) i.cc;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[d] & ~0xffL | (Cond.test(c, cc) ? 1 : 0);
      return next;
    }
  }

  /** A 32-bit destination is zero-extended whether or not the condition holds. */
  private static final class MoveRegister extends Op {
    private final byte d;
    private final byte s;
    private final byte cc;
    private final long mask;

    MoveRegister(Insn i) {
      d = (byte) i.op0.reg();
      s = (byte) i.op1.reg();
      cc = (byte) i.cc;
      mask = i.op0.size() == 64 ? -1 : 0xffffffffL;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[Cond.test(c, cc) ? s : d] & mask;
      return next;
    }
  }

  /** The load happens, and may fault, whether or not the condition holds. */
  private static final class MoveMemory extends MemOp {
    private final byte d;
    private final byte cc;
    private final byte bytes;

    MoveMemory(Insn i, int offset) {
      super(i, offset);
      d = (byte) i.op0.reg();
      cc = (byte) i.cc;
      bytes = (byte) (i.op0.size() >> 3);
    }

    @Override
    Op exec(Cpu c, Core k) {
      long v = c.mmu.read(address(c, k), bytes);
      if (Cond.test(c, cc)) {
        c.gpr[d] = v;
      } else if (bytes == 4) {
        c.gpr[d] &= 0xffffffffL;
      }
      return next;
    }
  }

  private static void product(Cpu c, int d, boolean wide, long a, long b) {
    if (wide) {
      c.gpr[d] = MulDiv.imul64(c, a, b);
    } else {
      c.gpr[d] = MulDiv.imul32(c, (int) a, (int) b) & 0xffffffffL;
    }
  }

  private static final class Multiply extends Op {
    private final byte d;
    private final byte a;
    private final byte b;
    private final boolean wide;
    private final boolean isImm;
    private final long imm;

    Multiply(Insn i) {
      d = (byte) i.op0.reg();
      wide = i.op0.size() == 64;
      isImm = i.operandCount == 3;
      a = (byte) (isImm ? i.op1.reg() : d);
      b = (byte) i.op1.reg();
      imm = i.imm;
    }

    @Override
    Op exec(Cpu c, Core k) {
      product(c, d, wide, c.gpr[a], isImm ? imm : c.gpr[b]);
      return next;
    }
  }

  private static final class MultiplyMemory extends MemOp {
    private final byte d;
    private final boolean wide;

    MultiplyMemory(Insn i, int offset) {
      super(i, offset);
      d = (byte) i.op0.reg();
      wide = i.op0.size() == 64;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long la = address(c, k);
      long b = wide ? c.mmu.read64(la) : c.mmu.read32(la);
      product(c, d, wide, c.gpr[d], b);
      return next;
    }
  }

  private static final class Negate extends Op {
    private final byte d;
    private final boolean wide;
    private final boolean not;

    Negate(Insn i) {
      d = (byte) i.op0.reg();
      wide = i.op0.size() == 64;
      not = i.mnemonic == org.quern.x86.decode.Mnemonic.NOT;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long a = c.gpr[d];
      if (not) {
        c.gpr[d] = wide ? ~a : ~a & 0xffffffffL;
      } else {
        c.gpr[d] = wide ? Alu.neg64(c, a) : Alu.neg32(c, (int) a) & 0xffffffffL;
      }
      return next;
    }
  }
}
