package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;
import static org.quern.translator.RegionCode.L_T0;
import static org.quern.translator.RegionCode.L_T1;
import static org.quern.translator.RegionCode.L_T2;

import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.Label;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.semantics.Binding;
import org.quern.x86.semantics.Handler;
import org.quern.x86.state.Reg;

/**
 * Emits the code of one instruction: bytecode of its own for the hot integer forms, a call of the
 * semantic method for all others.
 */
final class InsnEmitter {
  private static final String ALU = "org/quern/x86/semantics/Alu";
  private static final String SEGMENTATION = "org/quern/x86/semantics/Segmentation";
  private static final String HANDLER = "org/quern/x86/semantics/Handler";
  private static final String INSN = "org/quern/x86/decode/Insn";

  private final RegionCode out;
  private final OperandEmitter operands;
  private final MemoryEmitter memory;
  private final FlagEmitter flags;
  private final ShiftEmitter shifts;
  private final MultiplyEmitter multiplications;
  private final StackEmitter stack;
  private final SseEmitter sse;
  private final int width;

  private final Set<Integer> left = new HashSet<>();

  InsnEmitter(RegionCode out, Windows windows) {
    this.out = out;
    this.operands = new OperandEmitter(out);
    this.memory = new MemoryEmitter(out, operands, windows);
    this.flags = new FlagEmitter(out);
    this.shifts = new ShiftEmitter(out, operands, flags);
    this.multiplications = new MultiplyEmitter(out, operands, memory, flags);
    this.stack = new StackEmitter(out, operands, memory);
    this.width = out.width();
    this.sse = new SseEmitter(out, operands, memory, flags);
    operands.through(memory);
  }

  /** A block of the region begins, with memory accesses in the fast form or not. */
  void startBlock(boolean fast, double weight, boolean sseOn) {
    memory.startBlock(fast, weight);
    sse.startBlock(sseOn);
  }

  /**
   * Offsets of instructions emitted so far that call the semantic method and may leave behind it.
   */
  Set<Integer> left() {
    return left;
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
    begin(item);
    boolean done = !item.insn().lock && inline(item, flagsDead);
    if (!done) {
      left.add(item.offset());
      generic(item);
      return;
    }
    out.completed();
    if (memory.plainStore()) {
      // The store may have hit this very region, or asked for something else.
      out.poll(item.end());
    }
  }

  /** What comes before any instruction. */
  private void begin(RegionPlan.Item item) {
    memory.startItem(item);
    if (Registers.mayFault(item.insn())) {
      out.pc(item.offset());
    }
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
        return alu(item, flagsDead);
      case INC, DEC:
        return step(item, flagsDead);
      case ADC, SBB:
        return withCarry(item);
      case NEG, NOT:
        return negate(item);
      case SHL, SHR, SAR, ROL, ROR:
        return shifts.shift(item, flagsDead);
      case SHLD, SHRD:
        return shifts.shiftDouble(item, flagsDead);
      case DIV, IDIV:
        return multiplications.divide(item, item.insn().mnemonic == Mnemonic.IDIV);
      case IMUL:
        return item.insn().operandCount == 1
            ? multiplications.multiplyWide(item, true, flagsDead)
            : multiplications.multiply(item, flagsDead);
      case MUL:
        return multiplications.multiplyWide(item, false, flagsDead);
      case SETCC:
        return set(item);
      case CMOVCC:
        return conditionalMove(item);
      case PUSH:
        return stack.push(item);
      case POP:
        return stack.pop(item);
      case LEAVE:
        return stack.leave(item);
      case BSWAP:
        return swapBytes(item);
      case XCHG:
        return exchange(item);
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
    boolean stores = i.op0.isMem();
    memory.prepare(bits / 8, !stores, stores);
    operands.loadSigned(item, i.op1, bits);
    if (stores) {
      out.store(L_T1);
      memory.store(bits);
    } else if (bits == width && i.op1.isMem()) {
      operands.storeGpr(i.op0);
      memory.loads(i.op0.reg());
    } else if (bits == width && i.op1.kind() == Kind.GPR) {
      derive(i.op0.reg(), i.op1.reg(), 0);
    } else {
      operands.storeGpr(i.op0);
    }
    return true;
  }

  /** Stores the long on the stack into a register; it is another register plus a constant. */
  private void derive(int r, int from, long plus) {
    int origin = out.addresses.origin(from);
    long delta = out.addresses.delta(from);
    operands.zeroExtendLong(width);
    out.storeReg(r);
    out.addresses.derived(r, origin, delta, plus);
  }

  private boolean extend(RegionPlan.Item item, boolean signed) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    memory.prepare(i.op1.size() / 8, true, false);
    operands.loadSigned(item, i.op1, i.op1.size());
    if (!signed) {
      operands.zeroExtendLong(i.op1.size());
    }
    operands.storeGpr(i.op0);
    return true;
  }

  private boolean lea(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.addrSize < 32) {
      return false;
    }
    operands.offset(item);
    boolean sum = i.index == Reg.ZERO && i.base < Reg.ZERO && i.addrSize == width;
    if (sum && i.op0.size() == width) {
      derive(i.op0.reg(), i.base, i.disp);
    } else {
      operands.storeGpr(i.op0);
    }
    return true;
  }

  private boolean swapBytes(RegionPlan.Item item) {
    Operand o = item.insn().op0;
    if (o.size() < 32) {
      return false;
    }
    out.loadReg(o.reg());
    if (o.size() == 64) {
      out.callStatic("java/lang/Long", "reverseBytes", "(J)J");
    } else {
      out.op(L2I);
      out.callStatic("java/lang/Integer", "reverseBytes", "(I)I");
      out.op(I2L);
    }
    operands.storeGpr(o);
    return true;
  }

  /** XCHG of registers; with memory it is a locked instruction. */
  private boolean exchange(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.hasMem()) {
      return false;
    }
    operands.loadGpr(i.op0);
    out.store(L_T0);
    operands.loadGpr(i.op1);
    operands.storeGpr(i.op0);
    out.load(L_T0);
    operands.storeGpr(i.op1);
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

  private boolean alu(RegionPlan.Item item, boolean flagsDead) {
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
    memory.prepare(bits / 8, true, writes && i.op0.isMem());
    operands.loadSigned(item, i.op0, bits);
    operands.loadSigned(item, i.op1, bits);
    if (flagsDead && writes) {
      out.op(opcode);
      aluResult(i, bits, opcode);
      return true;
    }
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
      aluResult(i, bits, opcode);
    }
    return true;
  }

  private void aluResult(Insn i, int bits, int opcode) {
    boolean sum = opcode == LADD || opcode == LSUB;
    if (sum && bits == width && i.op0.kind() == Kind.GPR && i.op1.kind() == Kind.IMM) {
      derive(i.op0.reg(), i.op0.reg(), opcode == LADD ? i.imm : -i.imm);
    } else {
      writeResult(i.op0, bits);
    }
  }

  /** Writes the long on the stack to a register, or to the prepared memory operand. */
  private void writeResult(Operand o, int bits) {
    if (o.isMem()) {
      out.store(L_T1);
      memory.store(bits);
    } else {
      operands.storeGpr(o);
    }
  }

  private boolean step(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    boolean up = i.mnemonic == Mnemonic.INC;
    memory.prepare(bits / 8, true, true);
    operands.loadSigned(item, i.op0, bits);
    out.push(1L);
    out.op(up ? LADD : LSUB);
    if (!flagsDead) {
      operands.signExtendLong(bits);
      out.store(L_T2);
      flags.carry();
      out.storeB();
      out.load(L_T2);
      out.storeA();
      flags.setKind(up ? LazyFlags.INC : LazyFlags.DEC, bits);
      out.loadA();
    }
    if (bits == width && i.op0.kind() == Kind.GPR) {
      derive(i.op0.reg(), i.op0.reg(), up ? 1 : -1);
    } else {
      writeResult(i.op0, bits);
    }
    return true;
  }

  /** ADC and SBB. */
  private boolean withCarry(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!OperandEmitter.suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    boolean adds = i.mnemonic == Mnemonic.ADC;
    memory.prepare(bits / 8, true, i.op0.isMem());
    operands.loadSigned(item, i.op0, bits);
    out.store(L_T0);
    operands.loadSigned(item, i.op1, bits);
    out.store(L_T1);
    flags.carry();
    out.storeC();
    out.load(L_T0);
    out.storeA();
    out.load(L_T1);
    out.storeB();
    flags.setKind(adds ? LazyFlags.ADC : LazyFlags.SBB, bits);
    int opcode = adds ? LADD : LSUB;
    out.loadA();
    out.loadB();
    out.op(opcode);
    out.loadC();
    out.op(opcode);
    writeResult(i.op0, bits);
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
    memory.prepare(i.op0.size() / 8, true, false);
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

  // ---- near transfers: all but the transfer

  /** CALL: pushes the return address; the target, if it is not direct, is left in temporary 2. */
  void call(RegionPlan.Item item) {
    begin(item);
    stack.call(item);
  }

  /** RET, with or without bytes to release: leaves the return address in temporary 2. */
  void ret(RegionPlan.Item item) {
    begin(item);
    stack.ret(item);
  }

  /** JMP through a register or memory: leaves the target in temporary 2. */
  void jumpIndirect(RegionPlan.Item item) {
    begin(item);
    stack.target(item);
  }

  // ---- everything else

  /** Calls the semantic method with all state in the processor. */
  private void generic(RegionPlan.Item item) {
    Insn i = item.insn();
    int halves = Registers.vectors(i) ? -1 : 0;
    callHandler(item, halves);
    if (width == 32 && Flow.loadsSegment(i)) {
      leaveUnlessFlat();
    }
    flags.flagsInCpu();
    out.reload(-1);
    out.reloadHalves(halves);
    out.completed();
    memory.forget();
    if (Flow.repeats(i)) {
      out.leaveUnlessAt(item.end());
    }
    out.poll(item.end());
    if (Flow.changesReach(i)) {
      out.renewWindows(item.end());
    }
  }

  /** Behind a load of a segment: the region is for flat segments only. */
  private void leaveUnlessFlat() {
    Label flat = new Label();
    out.cpu();
    out.callStatic(SEGMENTATION, "flat", "(L" + CPU + ";)Z");
    out.jump(IFNE, flat);
    int before = out.uncounted();
    // All else is in the processor since the semantic method was called.
    out.writeBackHalves(-1);
    out.completed();
    out.leaveFar();
    out.uncounted(before);
    out.place(flat);
  }

  /** An instruction behind which the engine has to look where and in which mode it is. */
  void last(RegionPlan.Item item) {
    begin(item);
    callHandler(item, -1);
    out.completed();
    out.leaveFar();
  }

  private void callHandler(RegionPlan.Item item, int halves) {
    Insn i = item.insn();
    out.writeBack();
    out.writeBackHalves(halves);
    out.materialize();
    out.cpu();
    out.rip(item.end());
    out.mv.visitFieldInsn(PUTFIELD, CPU, "rip", "J");
    out.constant(Binding.of(i.mnemonic), Handler.class);
    out.cpu();
    out.constant(i, Insn.class);
    out.callee(
        () ->
            out.mv.visitMethodInsn(
                INVOKEINTERFACE, HANDLER, "exec", "(L" + CPU + ";L" + INSN + ";)V", true),
        halves != 0);
  }
}
