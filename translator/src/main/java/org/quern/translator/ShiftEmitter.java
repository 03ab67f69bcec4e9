package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.state.Reg;

/** Emits shifts and rotates of registers. */
final class ShiftEmitter {
  private static final String SHIFT = "org/quern/x86/semantics/Shift";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final FlagEmitter flags;

  ShiftEmitter(RegionCode out, OperandEmitter operands, FlagEmitter flags) {
    this.out = out;
    this.operands = operands;
    this.flags = flags;
  }

  /** SHL, SHR, SAR, ROL, ROR; false if the form is not one of the hot ones. */
  boolean shift(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    int bits = i.op0.size();
    boolean immediate = i.op1.kind() == Kind.IMM;
    if (i.op0.kind() != Kind.GPR || bits < 32) {
      return false;
    }
    boolean wide = bits == 64;
    int count = (int) i.imm & bits - 1;
    if (immediate && count != 0 && !rotates(i)) {
      shiftBy(i, bits, count, flagsDead);
      return true;
    }
    if (immediate && flagsDead && rotates(i)) {
      rotateBy(i, wide, count);
      return true;
    }
    if (!immediate && flagsDead) {
      byRegister(i, wide);
      return true;
    }
    // A count of zero keeps the flags, rotates keep most: they must be in the processor before.
    boolean keeps = !immediate || count == 0 || rotates(i);
    if (keeps) {
      out.materialize();
      flags.flagsInCpu();
    }
    out.cpu();
    out.loadReg(i.op0.reg());
    if (!wide) {
      out.op(L2I);
    }
    if (immediate) {
      out.push(count);
    } else {
      out.loadReg(Reg.RCX);
      out.op(L2I);
    }
    String name = i.mnemonic.name().toLowerCase(java.util.Locale.ROOT) + bits;
    out.callStatic(SHIFT, name, wide ? "(L" + CPU + ";JI)J" : "(L" + CPU + ";II)I");
    if (!wide) {
      out.op(I2L);
    }
    flags.flagsInCpu();
    operands.storeGpr(i.op0);
    return true;
  }

  private void shiftBy(Insn i, int bits, int count, boolean flagsDead) {
    out.loadReg(i.op0.reg());
    if (i.mnemonic == Mnemonic.SAR) {
      operands.signExtendLong(bits);
    } else {
      operands.zeroExtendLong(bits);
    }
    if (!flagsDead) {
      out.op(DUP2);
      out.storeA();
      out.push((long) count);
      out.storeB();
      int operation =
          switch (i.mnemonic) {
            case SHL -> LazyFlags.SHL;
            case SHR -> LazyFlags.SHR;
            default -> LazyFlags.SAR;
          };
      flags.setKind(operation, bits);
    }
    out.push(count);
    out.op(i.mnemonic == Mnemonic.SHL ? LSHL : i.mnemonic == Mnemonic.SHR ? LUSHR : LSHR);
    operands.storeGpr(i.op0);
  }

  /** A shift or rotate by CL whose flags nobody sees. */
  private void byRegister(Insn i, boolean wide) {
    out.loadReg(i.op0.reg());
    if (!wide) {
      out.op(L2I);
    }
    out.loadReg(Reg.RCX);
    out.op(L2I);
    // The JVM masks counts as the processor does.
    String owner = wide ? "java/lang/Long" : "java/lang/Integer";
    String descriptor = wide ? "(JI)J" : "(II)I";
    switch (i.mnemonic) {
      case SHL -> out.op(wide ? LSHL : ISHL);
      case SHR -> out.op(wide ? LUSHR : IUSHR);
      case SAR -> out.op(wide ? LSHR : ISHR);
      case ROL -> out.callStatic(owner, "rotateLeft", descriptor);
      default -> out.callStatic(owner, "rotateRight", descriptor);
    }
    if (!wide) {
      out.op(I2L);
    }
    operands.storeGpr(i.op0);
  }

  /** SHLD, SHRD; false if the form is not one of the hot ones. */
  boolean shiftDouble(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    int bits = i.op0.size();
    if (i.op0.kind() != Kind.GPR || bits < 32) {
      return false;
    }
    boolean left = i.mnemonic == Mnemonic.SHLD;
    if (flagsDead && bits == 32) {
      // Both registers in one: no count needs a case of its own.
      out.loadReg(left ? i.op0.reg() : i.op1.reg());
      out.push(32);
      out.op(LSHL);
      out.loadReg(left ? i.op1.reg() : i.op0.reg());
      operands.zeroExtendLong(32);
      out.op(LOR);
      count(i);
      out.push(31);
      out.op(IAND);
      out.op(left ? LSHL : LUSHR);
      if (left) {
        out.push(32);
        out.op(LUSHR);
      }
      operands.storeGpr(i.op0);
      return true;
    }
    // A count of zero keeps the flags.
    out.materialize();
    flags.flagsInCpu();
    out.cpu();
    out.loadReg(i.op0.reg());
    if (bits == 32) {
      out.op(L2I);
    }
    out.loadReg(i.op1.reg());
    if (bits == 32) {
      out.op(L2I);
    }
    count(i);
    String name = (left ? "shld" : "shrd") + bits;
    out.callStatic(SHIFT, name, "(L" + CPU + (bits == 64 ? ";JJI)J" : ";III)I"));
    if (bits == 32) {
      out.op(I2L);
    }
    operands.storeGpr(i.op0);
    return true;
  }

  private void count(Insn i) {
    if (i.op2.kind() == Kind.IMM) {
      out.push((int) i.imm & 0xff);
    } else {
      out.loadReg(Reg.RCX);
      out.op(L2I);
    }
  }

  /** A rotate whose flags nobody sees. */
  private void rotateBy(Insn i, boolean wide, int count) {
    out.loadReg(i.op0.reg());
    String name = i.mnemonic == Mnemonic.ROL ? "rotateLeft" : "rotateRight";
    if (wide) {
      out.push(count);
      out.callStatic("java/lang/Long", name, "(JI)J");
    } else {
      out.op(L2I);
      out.push(count);
      out.callStatic("java/lang/Integer", name, "(II)I");
      out.op(I2L);
    }
    operands.storeGpr(i.op0);
  }

  private static boolean rotates(Insn i) {
    return i.mnemonic == Mnemonic.ROL || i.mnemonic == Mnemonic.ROR;
  }
}
