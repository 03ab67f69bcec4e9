package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;

import org.objectweb.asm.Label;
import org.quern.x86.semantics.fp.SoftFloat;

/**
 * Emits the setting of lazy flags and branches on them. Where the kind of the flags is known, it
 * compares the operands directly.
 */
final class FlagEmitter {
  private final RegionCode out;

  FlagEmitter(RegionCode out) {
    this.out = out;
  }

  void setKind(int operation, int bits) {
    out.setKind(LazyFlags.kind(operation, bits));
  }

  void flagsInCpu() {
    out.setKind(LazyFlags.IN_CPU);
  }

  /** Pushes the carry as a long, 0 or 1. */
  void carry() {
    int known = out.known();
    if (known != RegionCode.UNKNOWN) {
      switch (LazyFlags.operation(known)) {
        case LazyFlags.LOGIC -> {
          out.push(0L);
          return;
        }
        case LazyFlags.INC, LazyFlags.DEC -> {
          out.loadB();
          return;
        }
        default -> {}
      }
    }
    out.cpu();
    out.flags();
    out.callStatic(RegionCode.FLAGS, "carry", "(L" + CPU + ";IJJJ)J");
  }

  /** Jumps to {@code target} if a condition holds; falls through if not. Keeps flags and locals. */
  void branch(int cc, Label target) {
    int known = out.known();
    int operation = known == RegionCode.UNKNOWN ? -1 : LazyFlags.operation(known);
    int bits = known == RegionCode.UNKNOWN ? 0 : LazyFlags.bits(known);
    boolean negate = (cc & 1) != 0;
    boolean done =
        switch (operation) {
          case LazyFlags.SUB -> branchSub(cc >> 1, bits, negate, target);
          case LazyFlags.LOGIC -> branchResult(cc >> 1, true, bits, negate, target);
          case LazyFlags.INC, LazyFlags.DEC -> branchStep(cc >> 1, bits, negate, target);
          case LazyFlags.ADD -> branchAdd(cc >> 1, bits, negate, target);
          case LazyFlags.ORDER -> branchOrder(cc >> 1, negate, target);
          default -> false;
        };
    if (!done) {
      out.cpu();
      if (known == LazyFlags.IN_CPU) {
        out.push(cc & ~1);
        out.callStatic("org/quern/x86/semantics/Cond", "test", "(L" + CPU + ";I)Z");
      } else {
        out.flags();
        out.push(cc & ~1);
        out.callStatic(RegionCode.FLAGS, "test", "(L" + CPU + ";IJJJI)Z");
      }
      out.mv.visitJumpInsn(negate ? IFEQ : IFNE, target);
    }
  }

  private void jump(int opcode, int opposite, boolean negate, Label target) {
    out.mv.visitJumpInsn(negate ? opposite : opcode, target);
  }

  private boolean branchSub(int condition, int bits, boolean negate, Label target) {
    switch (condition) {
      case 1, 3 -> {
        unsigned(bits, true);
        unsigned(bits, false);
      }
      case 2, 6, 7 -> {
        operand(bits, true);
        operand(bits, false);
      }
      case 4 -> {
        out.loadA();
        out.loadB();
        out.op(LSUB);
        branchOnSign(bits, negate, target);
        return true;
      }
      default -> {
        return false;
      }
    }
    boolean wide = bits == 64;
    if (wide) {
      out.op(LCMP);
    }
    switch (condition) {
      case 2 -> jump(wide ? IFEQ : IF_ICMPEQ, wide ? IFNE : IF_ICMPNE, negate, target);
      case 3, 7 -> jump(wide ? IFLE : IF_ICMPLE, wide ? IFGT : IF_ICMPGT, negate, target);
      default -> jump(wide ? IFLT : IF_ICMPLT, wide ? IFGE : IF_ICMPGE, negate, target);
    }
    return true;
  }

  /** Pushes operand A or B as an int if it is no wider. */
  private void operand(int bits, boolean a) {
    if (a) {
      out.loadA();
    } else {
      out.loadB();
    }
    if (bits < 64) {
      out.op(L2I);
    }
  }

  /** As {@link #operand}, so that signed order is the operands' unsigned order. */
  private void unsigned(int bits, boolean a) {
    operand(bits, a);
    if (bits < 64) {
      out.push(Integer.MIN_VALUE);
      out.op(IADD);
    } else {
      out.push(Long.MIN_VALUE);
      out.op(LADD);
    }
  }

  /** Jumps on the sign of the long on the stack at a width; more bits may be set above. */
  private void branchOnSign(int bits, boolean negate, Label target) {
    narrow(bits);
    jump(IFLT, IFGE, negate, target);
  }

  /** Turns the long on the stack into an int with the same order to 0. */
  private void narrow(int bits) {
    if (bits == 64) {
      out.push(0L);
      out.op(LCMP);
      return;
    }
    out.op(L2I);
    if (bits == 8) {
      out.op(I2B);
    } else if (bits == 16) {
      out.op(I2S);
    }
  }

  /** Conditions on a result in A; {@code logic}: CF and OF are 0. */
  private boolean branchResult(
      int condition, boolean logic, int bits, boolean negate, Label target) {
    boolean zero = condition == 2 || (logic && condition == 3);
    boolean less = condition == 4 || (logic && condition == 6);
    boolean lessOrEqual = logic && condition == 7;
    if (!zero && !less && !lessOrEqual) {
      return false;
    }
    out.loadA();
    narrow(bits);
    if (zero) {
      jump(IFEQ, IFNE, negate, target);
    } else if (less) {
      jump(IFLT, IFGE, negate, target);
    } else {
      jump(IFLE, IFGT, negate, target);
    }
    return true;
  }

  /** After INC or DEC, the carry is an operand. */
  private boolean branchStep(int condition, int bits, boolean negate, Label target) {
    if (condition != 1) {
      return branchResult(condition, false, bits, negate, target);
    }
    out.loadB();
    out.op(L2I);
    jump(IFNE, IFEQ, negate, target);
    return true;
  }

  private boolean branchAdd(int condition, int bits, boolean negate, Label target) {
    if (condition == 1) {
      carry();
      out.op(L2I);
      jump(IFNE, IFEQ, negate, target);
      return true;
    }
    if (condition != 2 && condition != 4) {
      return false;
    }
    out.loadA();
    out.loadB();
    out.op(LADD);
    narrow(bits);
    if (condition == 2) {
      jump(IFEQ, IFNE, negate, target);
    } else {
      jump(IFLT, IFGE, negate, target);
    }
    return true;
  }

  /** After COMISD: CF is less or unordered, ZF equal or unordered, PF unordered; no others. */
  private boolean branchOrder(int condition, boolean negate, Label target) {
    if (condition == 0 || condition == 4 || condition == 6) {
      return false;
    }
    out.loadA();
    out.op(L2I);
    switch (condition) {
      case 1 -> {
        // -1 or 2, not 0 or 1.
        out.push(~1);
        out.op(IAND);
        jump(IFNE, IFEQ, negate, target);
      }
      case 2, 7 -> {
        // 0 or 2.
        out.push(1);
        out.op(IAND);
        jump(IFEQ, IFNE, negate, target);
      }
      case 3 -> {
        out.push(SoftFloat.GREATER);
        jump(IF_ICMPNE, IF_ICMPEQ, negate, target);
      }
      default -> {
        out.push(SoftFloat.UNORDERED);
        jump(IF_ICMPEQ, IF_ICMPNE, negate, target);
      }
    }
    return true;
  }
}
