package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Reg;

/** Emits multiplications and divisions. */
final class MultiplyEmitter {
  private static final String MUL_DIV = "org/quern/x86/semantics/MulDiv";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final MemoryEmitter memory;
  private final FlagEmitter flags;

  MultiplyEmitter(
      RegionCode out, OperandEmitter operands, MemoryEmitter memory, FlagEmitter flags) {
    this.out = out;
    this.operands = operands;
    this.memory = memory;
    this.flags = flags;
  }

  /** IMUL with a destination of its own; false if the form is not one of the hot ones. */
  boolean multiply(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    if (i.operandCount < 2 || !OperandEmitter.suits(i) || i.op0.size() < 32) {
      return false;
    }
    int bits = i.op0.size();
    Operand a = i.operandCount == 3 ? i.op1 : i.op0;
    Operand b = i.operandCount == 3 ? i.op2 : i.op1;
    memory.prepare(bits / 8, true, false);
    if (flagsDead) {
      operands.loadSigned(item, a, bits);
      operands.loadSigned(item, b, bits);
      out.op(LMUL);
      operands.storeGpr(i.op0);
      return true;
    }
    // Operands first, since they may fault; flags the instruction leaves alone must be there.
    operands.loadSigned(item, a, bits);
    out.store(L_T0);
    operands.loadSigned(item, b, bits);
    out.store(L_T1);
    out.materialize();
    out.cpu();
    out.push(bits);
    out.load(L_T0);
    out.load(L_T1);
    out.callStatic(MUL_DIV, "imul", "(L" + CPU + ";IJJ)J");
    flags.flagsInCpu();
    operands.storeGpr(i.op0);
    return true;
  }

  /** MUL and IMUL of RAX into RDX:RAX; false if the form is not one of the hot ones. */
  boolean multiplyWide(RegionPlan.Item item, boolean signed, boolean flagsDead) {
    Insn i = item.insn();
    int bits = i.op0.size();
    if (!OperandEmitter.suits(i) || bits < 32) {
      return false;
    }
    memory.prepare(bits / 8, true, false);
    operands.loadSigned(item, i.op0, bits);
    out.store(L_T0);
    if (!flagsDead) {
      // SF, ZF, AF and PF stay as they were.
      out.materialize();
      flags.flagsInCpu();
    }
    if (bits == 64) {
      out.loadReg(Reg.RAX);
      out.load(L_T0);
      String name = signed ? "multiplyHigh" : "unsignedMultiplyHigh";
      out.callStatic(signed ? "java/lang/Math" : MUL_DIV, name, "(JJ)J");
      out.loadReg(Reg.RAX);
      out.load(L_T0);
      out.op(LMUL);
      out.storeReg(Reg.RAX);
      out.storeReg(Reg.RDX);
    } else {
      loadHalf(Reg.RAX, signed);
      out.load(L_T0);
      if (!signed) {
        operands.zeroExtendLong(32);
      }
      out.op(LMUL);
      out.store(L_T0);
      out.load(L_T0);
      operands.zeroExtendLong(32);
      out.storeReg(Reg.RAX);
      out.load(L_T0);
      out.push(32);
      out.op(LUSHR);
      out.storeReg(Reg.RDX);
    }
    if (!flagsDead) {
      out.cpu();
      out.push(bits);
      out.push(signed ? 1 : 0);
      out.loadReg(Reg.RAX);
      out.loadReg(Reg.RDX);
      out.callStatic(MUL_DIV, "wideFlags", "(L" + CPU + ";IZJJ)V");
    }
    return true;
  }

  private void loadHalf(int r, boolean signed) {
    out.loadReg(r);
    if (signed) {
      operands.signExtendLong(32);
    } else {
      operands.zeroExtendLong(32);
    }
  }

  /** DIV and IDIV of RDX:RAX; false if the form is not one of the hot ones. */
  boolean divide(RegionPlan.Item item, boolean signed) {
    Insn i = item.insn();
    int bits = i.op0.size();
    if (!OperandEmitter.suits(i) || bits < 32) {
      return false;
    }
    memory.prepare(bits / 8, true, false);
    operands.loadSigned(item, i.op0, bits);
    out.store(L_T0);
    // The quotient may not fit: then flags and registers stay.
    out.materialize();
    int dividend = 1 << Reg.RAX | 1 << Reg.RDX;
    out.writeBack(dividend);
    out.cpu();
    out.push(bits);
    out.load(L_T0);
    out.callStatic(MUL_DIV, signed ? "idiv" : "div", "(L" + CPU + ";IJ)V");
    flags.flagsInCpu();
    out.reload(dividend);
    return true;
  }
}
