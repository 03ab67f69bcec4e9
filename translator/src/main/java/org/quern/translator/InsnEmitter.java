package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import org.objectweb.asm.Label;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Binding;
import org.quern.x86.semantics.Handler;
import org.quern.x86.state.Reg;

/**
 * Emits the code of one instruction in 64-bit mode: bytecode of its own for the hot integer forms,
 * a call of the semantic method for all others.
 */
final class InsnEmitter {
  private static final String ALU = "org/quern/x86/semantics/Alu";
  private static final String SHIFT = "org/quern/x86/semantics/Shift";
  private static final String MUL_DIV = "org/quern/x86/semantics/MulDiv";
  private static final String SEGMENTATION = "org/quern/x86/semantics/Segmentation";
  private static final String HANDLER = "org/quern/x86/semantics/Handler";
  private static final String INSN = "org/quern/x86/decode/Insn";
  private static final String FAULT = "org/quern/x86/fault/GuestFault";

  private final RegionCode out;

  private final OperandEmitter operands;
  private final FlagEmitter flags;
  private final SseEmitter sse;

  InsnEmitter(RegionCode out) {
    this.out = out;
    this.operands = new OperandEmitter(out);
    this.flags = new FlagEmitter(out, operands);
    this.sse = new SseEmitter(out, operands, flags);
  }

  /** Call at the start of a block. */
  void startBlock() {
    flags.startBlock();
    sse.startBlock();
  }

  /** Jumps to {@code target} if a condition holds; falls through if not. */
  void branch(int cc, Label target) {
    flags.branch(cc, target);
  }

  // ---- dispatch

  /**
   * Emits an instruction that does not transfer control.
   *
   * @param flagsDead nobody will see the status flags it leaves
   */
  void straight(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    out.pc(item.offset());
    boolean done = !i.lock && inline(item, flagsDead);
    if (!done) {
      generic(item);
    } else if (stores(i)) {
      // A store may have hit this very region, or asked for something else.
      out.poll(item.end());
    }
  }

  private static boolean stores(Insn i) {
    return switch (i.mnemonic) {
      case CMP, TEST, NOP, ENDBR32, ENDBR64, PREFETCH, PREFETCHW -> false;
      case PUSH -> true;
      default -> i.op0 != null && i.op0.isMem();
    };
  }

  private boolean inline(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    switch (i.mnemonic) {
      case NOP, ENDBR32, ENDBR64, PREFETCH, PREFETCHW, LFENCE, SFENCE:
        return true;
      case MOV, MOVNTI:
        return mov(item);
      case MOVZX:
        return extend(item, false);
      case MOVSX, MOVSXD:
        return extend(item, true);
      case LEA:
        return lea(item);
      case ADD, SUB, CMP, AND, OR, XOR, TEST:
        return alu(item);
      case INC, DEC:
        return step(item);
      case ADC, SBB:
        return withCarry(item);
      case NEG, NOT:
        return negate(item);
      case SHL, SHR, SAR, ROL, ROR:
        return shift(item, flagsDead);
      case IMUL:
        return multiply(item, flagsDead);
      case SETCC:
        return set(item);
      case CMOVCC:
        return conditionalMove(item);
      case PUSH:
        return pushes(item);
      case POP:
        return pop(item);
      case CBW:
        return widen(item);
      case CWD:
        return sign(item);
      default:
        return sse.emit(item);
    }
  }

  // ---- moves

  private boolean mov(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    if (i.op0.isMem()) {
      operands.address(item);
      out.store(L_T0);
      operands.loadSigned(item, i.op1, bits);
      out.store(L_T1);
      operands.storeMem(bits);
    } else {
      operands.loadSigned(item, i.op1, bits);
      operands.storeGpr(i.op0);
    }
    return true;
  }

  private boolean extend(RegionPlan.Item item, boolean signed) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    operands.loadSigned(item, i.op1, i.op1.size());
    if (!signed) {
      operands.zeroExtendLong(i.op1.size());
    }
    operands.storeGpr(i.op0);
    return true;
  }

  private boolean lea(RegionPlan.Item item) {
    if (item.insn().addrSize < 32) {
      return false;
    }
    operands.offset(item);
    operands.storeGpr(item.insn().op0);
    return true;
  }

  private boolean widen(RegionPlan.Item item) {
    int bits = item.insn().opSize;
    out.loadReg(Reg.RAX);
    operands.signExtendLong(bits / 2);
    operands.storeGpr(new Operand(Kind.GPR, bits, Reg.RAX));
    return true;
  }

  private boolean sign(RegionPlan.Item item) {
    int bits = item.insn().opSize;
    out.loadReg(Reg.RAX);
    operands.signExtendLong(bits);
    out.push(63);
    out.op(LSHR);
    operands.storeGpr(new Operand(Kind.GPR, bits, Reg.RDX));
    return true;
  }

  // ---- arithmetic

  private static int arithmetic(Mnemonic m) {
    return switch (m) {
      case ADD -> LADD;
      case SUB, CMP -> LSUB;
      case AND, TEST -> LAND;
      case OR -> LOR;
      default -> LXOR;
    };
  }

  private boolean alu(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    int opcode = arithmetic(i.mnemonic);
    boolean writes = i.mnemonic != Mnemonic.CMP && i.mnemonic != Mnemonic.TEST;
    boolean logic = opcode != LADD && opcode != LSUB;
    boolean zeroed = i.mnemonic == Mnemonic.XOR && i.op0.equals(i.op1) && i.op0.kind() == Kind.GPR;
    if (zeroed && bits >= 32) {
      out.push(0L);
      out.storeReg(i.op0.reg());
      out.push(0L);
      out.storeA();
      flags.setKind(LazyFlags.LOGIC, bits);
      return true;
    }
    // Both operands come first: a fault must find the old flags.
    if (i.op0.isMem() && writes) {
      operands.probe(item, bits);
      out.mmu();
      out.load(L_T0);
      operands.readSigned(bits);
    } else {
      operands.loadSigned(item, i.op0, bits);
    }
    operands.loadSigned(item, i.op1, bits);
    if (logic) {
      out.op(opcode);
      out.storeA();
      flags.setKind(LazyFlags.LOGIC, bits);
      if (writes) {
        out.loadA();
        writeResult(i.op0, bits);
      }
      return true;
    }
    out.storeB();
    out.storeA();
    flags.setKind(opcode == LADD ? LazyFlags.ADD : LazyFlags.SUB, bits);
    if (writes) {
      out.loadA();
      out.loadB();
      out.op(opcode);
      writeResult(i.op0, bits);
    }
    return true;
  }

  /** Writes the long on the stack to a register, or to the address in temporary 0. */
  private void writeResult(Operand o, int bits) {
    if (o.isMem()) {
      out.store(L_T1);
      operands.storeMem(bits);
    } else {
      operands.storeGpr(o);
    }
  }

  private boolean step(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    boolean up = i.mnemonic == Mnemonic.INC;
    if (i.op0.isMem()) {
      operands.probe(item, bits);
      out.mmu();
      out.load(L_T0);
      operands.readSigned(bits);
    } else {
      operands.loadSigned(item, i.op0, bits);
    }
    out.store(L_T2);
    out.carry();
    out.storeB();
    out.load(L_T2);
    out.push(1L);
    out.op(up ? LADD : LSUB);
    operands.signExtendLong(bits);
    out.storeA();
    flags.setKind(up ? LazyFlags.INC : LazyFlags.DEC, bits);
    out.loadA();
    writeResult(i.op0, bits);
    return true;
  }

  /** ADC and SBB: the flags end up in the processor. */
  private boolean withCarry(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i) || i.op0.isMem()) {
      return false;
    }
    int bits = i.op0.size();
    operands.loadSigned(item, i.op1, bits);
    out.store(L_T1);
    out.materialize();
    out.cpu();
    out.push(bits);
    operands.loadSigned(item, i.op0, bits);
    out.load(L_T1);
    String name = i.mnemonic == Mnemonic.ADC ? "adc" : "sbb";
    out.callStatic(ALU, name, "(L" + CPU + ";IJJ)J");
    flags.flagsInCpu();
    operands.storeGpr(i.op0);
    return true;
  }

  private boolean negate(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.op0.kind() != Kind.GPR) {
      return false;
    }
    int bits = i.op0.size();
    if (i.mnemonic == Mnemonic.NOT) {
      operands.loadGpr(i.op0);
      out.push(-1L);
      out.op(LXOR);
      operands.storeGpr(i.op0);
      return true;
    }
    operands.loadGpr(i.op0);
    out.storeB();
    out.push(0L);
    out.storeA();
    flags.setKind(LazyFlags.SUB, bits);
    out.loadB();
    out.op(LNEG);
    operands.storeGpr(i.op0);
    return true;
  }

  private boolean shift(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    int bits = i.op0.size();
    boolean immediate = i.op1.kind() == Kind.IMM;
    if (i.op0.kind() != Kind.GPR || bits < 32) {
      return false;
    }
    boolean wide = bits == 64;
    int count = (int) i.imm & bits - 1;
    if (immediate && flagsDead && i.mnemonic != Mnemonic.ROL && i.mnemonic != Mnemonic.ROR) {
      out.loadReg(i.op0.reg());
      if (i.mnemonic == Mnemonic.SAR) {
        operands.signExtendLong(bits);
      } else {
        operands.zeroExtendLong(bits);
      }
      out.push(count);
      out.op(i.mnemonic == Mnemonic.SHL ? LSHL : i.mnemonic == Mnemonic.SHR ? LUSHR : LSHR);
      operands.storeGpr(i.op0);
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

  private static boolean rotates(Insn i) {
    return i.mnemonic == Mnemonic.ROL || i.mnemonic == Mnemonic.ROR;
  }

  private boolean multiply(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    if (i.operandCount < 2 || !OperandEmitter.suits(i) || i.op0.size() < 32) {
      return false;
    }
    int bits = i.op0.size();
    Operand a = i.operandCount == 3 ? i.op1 : i.op0;
    Operand b = i.operandCount == 3 ? i.op2 : i.op1;
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

  // ---- conditions

  private boolean set(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.op0.isMem()) {
      return false;
    }
    Label yes = new Label();
    Label end = new Label();
    flags.branch(i.cc, yes);
    out.push(0L);
    out.store(L_T0);
    out.mv.visitJumpInsn(GOTO, end);
    out.place(yes);
    out.push(1L);
    out.store(L_T0);
    out.place(end);
    out.load(L_T0);
    operands.storeGpr(i.op0);
    return true;
  }

  private boolean conditionalMove(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i) || i.op0.size() < 32) {
      return false;
    }
    Label end = new Label();
    operands.loadSigned(item, i.op1, i.op0.size());
    out.store(L_T0);
    flags.branch(i.cc ^ 1, end);
    out.load(L_T0);
    out.storeReg(i.op0.reg());
    out.place(end);
    // Whichever it was, a 32-bit destination is zero-extended.
    if (i.op0.size() == 32) {
      out.loadReg(i.op0.reg());
      operands.zeroExtendLong(32);
      out.storeReg(i.op0.reg());
    }
    return true;
  }

  // ---- stack

  /** Pushes the long in temporary 1 onto the guest's stack. */
  private void pushT1() {
    out.loadReg(Reg.RSP);
    out.push(8L);
    out.op(LSUB);
    out.store(L_T0);
    operands.storeMem(64);
    out.load(L_T0);
    out.storeReg(Reg.RSP);
  }

  private boolean pushes(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.opSize != 64 || !OperandEmitter.suits(i)) {
      return false;
    }
    operands.loadSigned(item, i.op0, 64);
    out.store(L_T1);
    pushT1();
    return true;
  }

  private boolean pop(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.opSize != 64 || i.op0.kind() != Kind.GPR) {
      return false;
    }
    popToT2(8);
    out.load(L_T2);
    out.storeReg(i.op0.reg());
    return true;
  }

  /** Reads the top of the stack into temporary 2 and drops {@code bytes}. */
  private void popToT2(long bytes) {
    out.mmu();
    out.loadReg(Reg.RSP);
    out.callMmu("read64", "(J)J");
    out.store(L_T2);
    out.loadReg(Reg.RSP);
    out.push(bytes);
    out.op(LADD);
    out.storeReg(Reg.RSP);
  }

  // ---- control transfers that leave the region

  /** CALL: pushes the return address and leaves for the target. */
  void call(RegionPlan.Item item) {
    Insn i = item.insn();
    out.pc(item.offset());
    if (i.op0.kind() == Kind.REL) {
      out.rip(item.end());
      out.store(L_T1);
      pushT1();
      out.exitTo(item.end() + i.imm);
      return;
    }
    operands.loadSigned(item, i.op0, 64);
    out.store(L_T2);
    checkCanonical();
    out.rip(item.end());
    out.store(L_T1);
    pushT1();
    out.exitToT2();
  }

  /** RET, with or without bytes to release. */
  void ret(RegionPlan.Item item) {
    Insn i = item.insn();
    out.pc(item.offset());
    out.mmu();
    out.loadReg(Reg.RSP);
    out.callMmu("read64", "(J)J");
    out.store(L_T2);
    checkCanonical();
    out.loadReg(Reg.RSP);
    out.push(8 + (i.operandCount > 0 ? i.imm & 0xffff : 0));
    out.op(LADD);
    out.storeReg(Reg.RSP);
    out.exitToT2();
  }

  /** JMP through a register or memory. */
  void jumpIndirect(RegionPlan.Item item) {
    out.pc(item.offset());
    operands.loadSigned(item, item.insn().op0, 64);
    out.store(L_T2);
    checkCanonical();
    out.exitToT2();
  }

  /** Raises #GP(0) if temporary 2 is not canonical. */
  private void checkCanonical() {
    Label ok = new Label();
    out.load(L_T2);
    out.callStatic(SEGMENTATION, "canonical", "(J)Z");
    out.mv.visitJumpInsn(IFNE, ok);
    out.cpu();
    out.push(0);
    out.mv.visitMethodInsn(INVOKEVIRTUAL, CPU, "gp", "(I)L" + FAULT + ";", false);
    out.op(ATHROW);
    out.place(ok);
  }

  // ---- everything else

  /** Calls the semantic method with all state in the processor. */
  private void generic(RegionPlan.Item item) {
    Insn i = item.insn();
    out.writeBack(-1);
    out.materialize();
    flags.flagsInCpu();
    out.cpu();
    out.rip(item.end());
    out.mv.visitFieldInsn(PUTFIELD, CPU, "rip", "J");
    out.constant(Binding.of(i.mnemonic), Handler.class);
    out.cpu();
    out.constant(i, Insn.class);
    out.mv.visitMethodInsn(
        INVOKEINTERFACE, HANDLER, "exec", "(L" + CPU + ";L" + INSN + ";)V", true);
    out.reload(-1);
    out.poll(item.end());
  }
}
