package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Stack;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** PUSH and POP of a register, PUSH of an immediate, in the flat modes. */
final class StackOps {
  private StackOps() {}

  /** The op of a stack instruction, or null if it is not one of the hot forms. */
  static Op of(Insn i, CodeMode mode) {
    if (i.opSize != mode.codeSize || i.operandCount != 1) {
      return null;
    }
    boolean wide = mode == CodeMode.LONG64;
    Kind kind = i.op0.kind();
    return switch (i.mnemonic) {
      case PUSH ->
          kind == Kind.GPR
              ? new PushRegister(i.op0.reg(), wide)
              : kind == Kind.IMM ? new PushImmediate(i.imm, wide) : null;
      case POP -> kind == Kind.GPR ? new PopRegister(i.op0.reg(), wide) : null;
      default -> null;
    };
  }

  private static final class PushRegister extends Op {
    private final byte r;
    private final boolean wide;

    PushRegister(int r, boolean wide) {
      this.r = (byte) r;
      this.wide = wide;
    }

    @Override
    Op exec(Cpu c, Core k) {
      BranchOps.push(c, c.gpr[r], wide);
      return next;
    }
  }

  private static final class PushImmediate extends Op {
    private final long value;
    private final boolean wide;

    PushImmediate(long value, boolean wide) {
      this.value = value;
      this.wide = wide;
    }

    @Override
    Op exec(Cpu c, Core k) {
      BranchOps.push(c, value, wide);
      return next;
    }
  }

  private static final class PopRegister extends Op {
    private final byte r;
    private final boolean wide;

    PopRegister(int r, boolean wide) {
      this.r = (byte) r;
      this.wide = wide;
    }

    @Override
    Op exec(Cpu c, Core k) {
      if (wide) {
        long sp = c.gpr[Reg.RSP];
        long v = c.mmu.read64(sp);
        c.gpr[Reg.RSP] = sp + 8;
        c.gpr[r] = v;
      } else {
        c.setGpr32(r, Stack.pop32(c));
      }
      return next;
    }
  }
}
