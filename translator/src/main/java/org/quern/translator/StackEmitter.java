package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import org.objectweb.asm.Label;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.state.Reg;

/**
 * Emits the instructions that use the stack, and what near transfers do apart from transferring
 * control. All are as wide as the code: other operand sizes are left to the semantic methods.
 */
final class StackEmitter {
  private static final String SEGMENTATION = "org/quern/x86/semantics/Segmentation";
  private static final String FAULT = "org/quern/x86/fault/GuestFault";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final MemoryEmitter memory;
  private final int width;

  StackEmitter(RegionCode out, OperandEmitter operands, MemoryEmitter memory) {
    this.out = out;
    this.operands = operands;
    this.memory = memory;
    this.width = out.width();
  }

  /** PUSH; false if the form is not one of the hot ones. */
  boolean push(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.opSize != width || !OperandEmitter.suits(i)) {
      return false;
    }
    memory.prepare(width / 8, true, false);
    operands.loadSigned(item, i.op0, width);
    out.store(L_T1);
    memory.push();
    return true;
  }

  /** POP of a register; false if the form is not one of the hot ones. */
  boolean pop(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.opSize != width || i.op0.kind() != Kind.GPR) {
      return false;
    }
    memory.peek();
    memory.adjustStack(width / 8);
    out.load(L_T2);
    operands.storeGpr(i.op0);
    return true;
  }

  /** LEAVE; false if the form is not one of the hot ones. */
  boolean leave(RegionPlan.Item item) {
    if (item.insn().opSize != width) {
      return false;
    }
    memory.peek(Reg.RBP);
    memory.stackFrom(Reg.RBP, width / 8);
    out.load(L_T2);
    operands.zeroExtendLong(width);
    out.storeReg(Reg.RBP);
    return true;
  }

  /** CALL: pushes the return address; the target, if it is not direct, is left in temporary 2. */
  void call(RegionPlan.Item item) {
    if (item.insn().op0.kind() != Kind.REL) {
      target(item);
    }
    out.rip(item.end());
    out.store(L_T1);
    memory.push();
  }

  /** RET, with or without bytes to release: leaves the return address in temporary 2. */
  void ret(RegionPlan.Item item) {
    Insn i = item.insn();
    memory.peek();
    checkTarget();
    memory.adjustStack(width / 8 + (i.operandCount > 0 ? i.imm & 0xffff : 0));
  }

  /** JMP or CALL through a register or memory: leaves the target in temporary 2. */
  void target(RegionPlan.Item item) {
    memory.prepare(width / 8, true, false);
    operands.loadSigned(item, item.insn().op0, width);
    out.store(L_T2);
    checkTarget();
  }

  /** Raises #GP(0) if temporary 2 is not canonical; in 32-bit code, makes it 32 bits. */
  private void checkTarget() {
    if (width == 32) {
      out.load(L_T2);
      operands.zeroExtendLong(32);
      out.store(L_T2);
      return;
    }
    Label ok = new Label();
    out.cpu();
    out.load(L_T2);
    out.callStatic(SEGMENTATION, "canonical", "(L" + CPU + ";J)Z");
    out.mv.visitJumpInsn(IFNE, ok);
    out.cpu();
    out.push(0);
    out.mv.visitMethodInsn(INVOKEVIRTUAL, CPU, "gp", "(I)L" + FAULT + ";", false);
    out.op(ATHROW);
    out.place(ok);
  }
}
