package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.semantics.Binding;
import org.quern.x86.semantics.Handler;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Generation;
import org.quern.x86.state.Reg;

/** Chooses the op of an instruction: a specialised one where it is hot, else a generic one. */
final class OpFactory {
  private OpFactory() {}

  /**
   * Makes the op of one decoded instruction.
   *
   * @param page the page the instruction starts in; null if it is not cached, which rules out
   *     in-page links
   */
  static Op create(Cpu c, Insn i, CodeMode mode, CodePage page, int offset) {
    Op op = choose(c, i, mode, page, offset);
    op.offset = (short) offset;
    op.end = (short) (offset + i.length);
    op.stack = usesStack(i);
    return op;
  }

  /** Whether the processor's model has an instruction, under its own name. */
  static boolean available(Cpu c, Insn i) {
    return i.form.nameOn(c.model) == i.mnemonic;
  }

  private static Op choose(Cpu c, Insn i, CodeMode mode, CodePage page, int offset) {
    Generation generation = c.model.generation();
    boolean undefined = i.mnemonic == Mnemonic.INVALID || i.mnemonic == Mnemonic.TOO_LONG;
    if (undefined && generation != Generation.I8086) {
      return new GenericOps.Undefined(i.mnemonic == Mnemonic.TOO_LONG);
    }
    if (mode == CodeMode.REAL16 && (i.form.protectedOnly() || i.form.vex())) {
      return new GenericOps.Undefined(false);
    }
    Mnemonic name = i.form.nameOn(c.model);
    if (name == null) {
      return new GenericOps.Undefined(false);
    }
    if (page != null && !i.lock) {
      Op fast = fast(i, page, offset);
      if (fast != null) {
        return fast;
      }
    }
    Handler handler = Binding.of(name, generation);
    return i.endsBlock || (mode != CodeMode.LONG64 && loadsSegment(i))
        ? new GenericOps.Ending(handler, i)
        : new GenericOps.Straight(handler, i);
  }

  /** Outside 64-bit mode a segment load may change what mode the code is in. */
  private static boolean loadsSegment(Insn i) {
    return switch (i.mnemonic) {
      case MOV_SREG, POP_SREG -> i.op0.kind() == Operand.Kind.SEGMENT;
      case LDS, LES -> true;
      default -> false;
    };
  }

  private static Op fast(Insn i, CodePage page, int offset) {
    if (page.mode != CodeMode.LONG64 && page.mode != CodeMode.FLAT32) {
      return null;
    }
    boolean touches = i.hasMem() && i.mnemonic != Mnemonic.NOP;
    if (touches && !MemOp.suits(i, page.mode)) {
      return null;
    }
    Op op = MoveOps.of(i, offset);
    if (op == null) {
      op = AluOps.of(i, offset);
    }
    if (op == null) {
      op = StackOps.of(i, page.mode);
    }
    if (op == null) {
      op = ShiftOps.of(i);
    }
    if (op == null) {
      op = DataOps.of(i, offset);
    }
    return op != null ? op : BranchOps.of(i, page, offset);
  }

  /** Whether a non-canonical address of this instruction is a stack fault. */
  private static boolean usesStack(Insn i) {
    return switch (i.mnemonic) {
      case PUSH, CALL -> !i.hasMem() || i.segment == Reg.SS;
      case POP, RET, LEAVE -> true;
      default -> i.hasMem() && i.segment == Reg.SS;
    };
  }
}
