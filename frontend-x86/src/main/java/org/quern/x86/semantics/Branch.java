package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * Near control transfer. The target is checked (limit of CS, canonical in 64-bit mode) before
 * anything changes. Source: SDM vol. 2A and 2B, CALL, Jcc, JMP, LOOP, RET.
 */
public final class Branch {
  private Branch() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case JMP -> Branch::jmp;
      case CALL -> Branch::call;
      case RET -> Branch::ret;
      case JCC -> Branch::jcc;
      case JCXZ -> Branch::jcxz;
      case LOOP -> (c, i) -> loop(c, i, true);
      case LOOPE -> (c, i) -> loop(c, i, c.zf());
      case LOOPNE -> (c, i) -> loop(c, i, !c.zf());
      default -> null;
    };
  }

  /**
   * A target truncated to the operand size.
   *
   * @param bits operand size, 16, 32 or 64
   * @throws org.quern.x86.fault.GuestFault #GP(0) if execution cannot go on there
   */
  public static long checked(Cpu c, int bits, long target) {
    if (c.longMode) {
      long t = bits == 64 ? target : target & (1L << bits) - 1;
      if (!Segmentation.canonical(c, t)) {
        throw c.gp(0);
      }
      return t;
    }
    long t = target & (bits == 16 ? 0xffff : 0xffffffffL);
    if (t > (c.seg[Reg.CS].limit & 0xffffffffL)) {
      throw c.gp(0);
    }
    return t;
  }

  /** Jumps to a near target. */
  public static void jump(Cpu c, int bits, long target) {
    c.rip = checked(c, bits, target);
  }

  private static long target(Cpu c, Insn i) {
    return i.op0.kind() == Operand.Kind.REL ? c.rip + i.imm : Operands.read(c, i, i.op0);
  }

  private static void jmp(Cpu c, Insn i) {
    jump(c, i.opSize, target(c, i));
  }

  private static void call(Cpu c, Insn i) {
    long to = checked(c, i.opSize, target(c, i));
    Stack.push(c, i.opSize, c.rip);
    c.rip = to;
  }

  private static void ret(Cpu c, Insn i) {
    int bits = i.opSize;
    long release = i.operandCount > 0 ? i.imm & 0xffff : 0;
    c.rip = checked(c, bits, Stack.peek(c, bits, 0));
    Stack.adjust(c, (bits >> 3) + release);
  }

  private static void jcc(Cpu c, Insn i) {
    if (Cond.test(c, i.cc)) {
      jump(c, i.opSize, c.rip + i.imm);
    }
  }

  /** The counter (CX, ECX or RCX) goes by the address size. */
  private static void jcxz(Cpu c, Insn i) {
    if (c.reg(Reg.RCX, i.addrSize) == 0) {
      jump(c, i.opSize, c.rip + i.imm);
    }
  }

  private static void loop(Cpu c, Insn i, boolean condition) {
    long count = c.reg(Reg.RCX, i.addrSize) - 1;
    if (condition && count != 0) {
      jump(c, i.opSize, c.rip + i.imm);
    }
    c.setReg(Reg.RCX, i.addrSize, count);
  }
}
