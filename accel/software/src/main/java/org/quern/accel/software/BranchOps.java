package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Cond;
import org.quern.x86.semantics.Segmentation;
import org.quern.x86.semantics.Stack;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** Near jumps, calls and returns in the flat modes. */
final class BranchOps {
  private BranchOps() {}

  /** The op of a branch, or null if it is not one of the hot forms. */
  static Op of(Insn i, CodePage page, int offset) {
    int width = page.mode.codeSize;
    return switch (i.mnemonic) {
      case JCC -> i.opSize == width ? conditional(i, page) : null;
      case JMP -> jump(i, page, offset, width);
      case CALL -> call(i, page, offset, width);
      case RET -> i.opSize == width ? new Return(i, width) : null;
      default -> null;
    };
  }

  private static Op conditional(Insn i, CodePage page) {
    boolean sense = (i.cc & 1) == 0;
    return switch (i.cc >> 1) {
      case 1 -> new JumpCarry(i, page, sense);
      case 2 -> new JumpZero(i, page, sense);
      case 3 -> new JumpBelowEqual(i, page, sense);
      case 4 -> new JumpSign(i, page, sense);
      case 6 -> new JumpLess(i, page, sense);
      case 7 -> new JumpLessEqual(i, page, sense);
      default -> new JumpOther(i, page, sense);
    };
  }

  private static Op jump(Insn i, CodePage page, int offset, int width) {
    if (i.opSize != width) {
      return null;
    }
    return switch (i.op0.kind()) {
      case REL -> new Jump(i, page);
      case GPR -> new JumpRegister(i, width);
      case MEM -> MemOp.suits(i, page.mode) ? new JumpMemory(i, offset, width) : null;
      default -> null;
    };
  }

  private static Op call(Insn i, CodePage page, int offset, int width) {
    if (i.opSize != width) {
      return null;
    }
    return switch (i.op0.kind()) {
      case REL -> new Call(i, page, width);
      case GPR -> new CallRegister(i, width);
      case MEM -> MemOp.suits(i, page.mode) ? new CallMemory(i, offset, width) : null;
      default -> null;
    };
  }

  /** A branch whose target is a displacement. Inside the page it links directly. */
  private abstract static class Direct extends Op {
    private final CodePage page;

    /** Of the target, behind the instruction. */
    private final int displacement;

    private Op linked;

    Direct(Insn i, CodePage page) {
      this.page = page;
      this.displacement = (int) i.imm;
    }

    final Op taken(Cpu c, Core k) {
      Op t = linked;
      if (t != null) {
        return t instanceof EntryOp e ? e.reached() : t;
      }
      long target = end + (long) displacement;
      if (target >= 0 && target < 4096) {
        linked = k.builder.entryAt(page, (int) target);
        return linked;
      }
      return k.branch(c, k.codeBase + target & k.ripMask());
    }

    final Op notTaken(Core k) {
      Op n = next;
      if (n == null) {
        n = k.builder.opAt(page, end);
        next = n;
      }
      return n;
    }
  }

  private static final class Jump extends Direct {
    Jump(Insn i, CodePage page) {
      super(i, page);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return taken(c, k);
    }
  }

  private static final class Call extends Direct {
    private final boolean wide;

    Call(Insn i, CodePage page, int width) {
      super(i, page);
      wide = width == 64;
    }

    @Override
    Op exec(Cpu c, Core k) {
      push(c, k.codeBase + end, wide);
      return taken(c, k);
    }
  }

  static void push(Cpu c, long v, boolean wide) {
    if (wide) {
      long sp = c.gpr[Reg.RSP] - 8;
      c.mmu.write64(sp, v);
      c.gpr[Reg.RSP] = sp;
    } else {
      Stack.push32(c, (int) v);
    }
  }

  // ---- conditions; Direct.taken when the condition equals sense

  private abstract static class Conditional extends Direct {
    final boolean sense;

    Conditional(Insn i, CodePage page, boolean sense) {
      super(i, page);
      this.sense = sense;
    }
  }

  private static final class JumpZero extends Conditional {
    JumpZero(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return c.ccResult == 0 == sense ? taken(c, k) : notTaken(k);
    }
  }

  private static final class JumpCarry extends Conditional {
    JumpCarry(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return c.ccAux < 0 == sense ? taken(c, k) : notTaken(k);
    }
  }

  private static final class JumpBelowEqual extends Conditional {
    JumpBelowEqual(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return Cond.belowOrEqual(c) == sense ? taken(c, k) : notTaken(k);
    }
  }

  private static final class JumpSign extends Conditional {
    JumpSign(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return c.sf() == sense ? taken(c, k) : notTaken(k);
    }
  }

  private static final class JumpLess extends Conditional {
    JumpLess(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return Cond.less(c) == sense ? taken(c, k) : notTaken(k);
    }
  }

  private static final class JumpLessEqual extends Conditional {
    JumpLessEqual(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return Cond.lessOrEqual(c) == sense ? taken(c, k) : notTaken(k);
    }
  }

  private static final class JumpOther extends Conditional {
    private final byte cc;

    JumpOther(Insn i, CodePage page, boolean sense) {
      super(i, page, sense);
      cc = (byte) (i.cc & ~1);
    }

    @Override
    Op exec(Cpu c, Core k) {
      return Cond.test(c, cc) == sense ? taken(c, k) : notTaken(k);
    }
  }

  // ---- indirect

  /** Raises #GP(0) for a 64-bit target that is not canonical: the branch itself faults. */
  private static long checked(Cpu c, long target, boolean wide) {
    if (wide && !Segmentation.canonical(c, target)) {
      throw c.gp(0);
    }
    return target;
  }

  private static final class JumpRegister extends Op {
    private final byte r;
    private final boolean wide;

    JumpRegister(Insn i, int width) {
      r = (byte) i.op0.reg();
      wide = width == 64;
    }

    @Override
    Op exec(Cpu c, Core k) {
      return k.branch(c, checked(c, c.reg(r, wide ? 64 : 32), wide));
    }
  }

  private static final class JumpMemory extends MemOp {
    private final boolean wide;

    JumpMemory(Insn i, int offset, int width) {
      super(i, offset);
      wide = width == 64;
    }

    @Override
    Op exec(Cpu c, Core k) {
      return k.branch(c, checked(c, c.mmu.read(address(c, k), wide ? 8 : 4), wide));
    }
  }

  private static final class CallRegister extends Op {
    private final byte r;
    private final boolean wide;

    CallRegister(Insn i, int width) {
      r = (byte) i.op0.reg();
      wide = width == 64;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long target = checked(c, c.reg(r, wide ? 64 : 32), wide);
      push(c, k.codeBase + end, wide);
      return k.branch(c, target);
    }
  }

  private static final class CallMemory extends MemOp {
    private final boolean wide;

    CallMemory(Insn i, int offset, int width) {
      super(i, offset);
      wide = width == 64;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long target = checked(c, c.mmu.read(address(c, k), wide ? 8 : 4), wide);
      push(c, k.codeBase + end, wide);
      return k.branch(c, target);
    }
  }

  private static final class Return extends Op {
    private final boolean wide;
    private final long release;

    Return(Insn i, int width) {
      wide = width == 64;
      release = i.operandCount > 0 && i.op0.kind() == Kind.IMM ? i.imm & 0xffff : 0;
    }

    @Override
    Op exec(Cpu c, Core k) {
      long target;
      if (wide) {
        long sp = c.gpr[Reg.RSP];
        target = checked(c, c.mmu.read64(sp), true);
        c.gpr[Reg.RSP] = sp + 8 + release;
      } else {
        target = Stack.pop32(c) & 0xffffffffL;
        Stack.adjust(c, release);
      }
      return k.branch(c, target);
    }
  }
}
