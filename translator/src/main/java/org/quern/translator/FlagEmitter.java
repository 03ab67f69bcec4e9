package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;

import org.objectweb.asm.Label;

/**
 * Emits the setting of lazy flags and branches on them. Knows, inside a basic block, which kind the
 * flags have, and then compares the operands directly.
 */
final class FlagEmitter {
  private final RegionCode out;
  private final OperandEmitter operands;

  /** What is known of the flags' form here: a kind of {@link LazyFlags}, or -1. */
  private int known = -1;

  FlagEmitter(RegionCode out, OperandEmitter operands) {
    this.out = out;
    this.operands = operands;
  }

  /** Call at the start of a block: nothing is known of the flags. */
  void startBlock() {
    known = -1;
  }

  void setKind(int operation, int bits) {
    int kind = LazyFlags.kind(operation, bits);
    if (known != kind) {
      out.setKind(kind);
      known = kind;
    }
  }

  void flagsInCpu() {
    if (known != LazyFlags.IN_CPU) {
      out.setKind(LazyFlags.IN_CPU);
      known = LazyFlags.IN_CPU;
    }
  }

  /** Jumps to {@code target} if a condition holds; falls through if not. Keeps flags and locals. */
  void branch(int cc, Label target) {
    int operation = known < 0 ? -1 : LazyFlags.operation(known);
    int bits = known < 0 ? 0 : LazyFlags.bits(known);
    boolean negate = (cc & 1) != 0;
    boolean done =
        switch (operation) {
          case LazyFlags.SUB -> branchSub(cc >> 1, bits, negate, target);
          case LazyFlags.LOGIC -> branchResult(cc >> 1, true, negate, target);
          case LazyFlags.INC, LazyFlags.DEC -> branchResult(cc >> 1, false, negate, target);
          case LazyFlags.ADD -> branchAdd(cc >> 1, bits, negate, target);
          default -> false;
        };
    if (!done) {
      out.materialize();
      flagsInCpu();
      out.cpu();
      out.push(cc & ~1);
      out.callStatic("org/quern/x86/semantics/Cond", "test", "(L" + CPU + ";I)Z");
      out.mv.visitJumpInsn(negate ? IFEQ : IFNE, target);
    }
  }

  private void jump(int opcode, int opposite, boolean negate, Label target) {
    out.mv.visitJumpInsn(negate ? opposite : opcode, target);
  }

  private boolean branchSub(int condition, int bits, boolean negate, Label target) {
    switch (condition) {
      case 1, 3 -> {
        // Unsigned order is signed order with the top bit flipped.
        out.loadA();
        out.push(Long.MIN_VALUE);
        out.op(LXOR);
        out.loadB();
        out.push(Long.MIN_VALUE);
        out.op(LXOR);
      }
      case 2, 6, 7 -> {
        out.loadA();
        out.loadB();
      }
      case 4 -> {
        out.loadA();
        out.loadB();
        out.op(LSUB);
        operands.signExtendLong(bits);
        out.push(0L);
      }
      default -> {
        return false;
      }
    }
    out.op(LCMP);
    switch (condition) {
      case 2 -> jump(IFEQ, IFNE, negate, target);
      case 3, 7 -> jump(IFLE, IFGT, negate, target);
      default -> jump(IFLT, IFGE, negate, target);
    }
    return true;
  }

  /** Conditions on a result in A; {@code logic}: CF and OF are 0. */
  private boolean branchResult(int condition, boolean logic, boolean negate, Label target) {
    boolean zero = condition == 2 || (logic && condition == 3);
    boolean less = condition == 4 || (logic && condition == 6);
    boolean lessOrEqual = logic && condition == 7;
    if (!zero && !less && !lessOrEqual) {
      return false;
    }
    out.loadA();
    out.push(0L);
    out.op(LCMP);
    if (zero) {
      jump(IFEQ, IFNE, negate, target);
    } else if (less) {
      jump(IFLT, IFGE, negate, target);
    } else {
      jump(IFLE, IFGT, negate, target);
    }
    return true;
  }

  private boolean branchAdd(int condition, int bits, boolean negate, Label target) {
    if (condition != 2 && condition != 4) {
      return false;
    }
    out.loadA();
    out.loadB();
    out.op(LADD);
    operands.signExtendLong(bits);
    out.push(0L);
    out.op(LCMP);
    if (condition == 2) {
      jump(IFEQ, IFNE, negate, target);
    } else {
      jump(IFLT, IFGE, negate, target);
    }
    return true;
  }
}
