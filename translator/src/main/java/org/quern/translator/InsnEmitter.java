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
  private static final String SEGMENT = "org/quern/x86/state/Segment";
  private static final String FAULT = "org/quern/x86/fault/GuestFault";

  private final RegionCode out;

  /** What is known of the flags' form here: an operation of {@link LazyFlags} with width, or -1. */
  private int known = -1;

  InsnEmitter(RegionCode out) {
    this.out = out;
  }

  /** Call at the start of a block: nothing is known of the flags. */
  void startBlock() {
    known = -1;
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
      case CMP, TEST, NOP, ENDBR32, ENDBR64 -> false;
      case PUSH -> true;
      default -> i.op0 != null && i.op0.isMem();
    };
  }

  private boolean inline(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    switch (i.mnemonic) {
      case NOP, ENDBR32, ENDBR64:
        return true;
      case MOV:
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
        return false;
    }
  }

  // ---- operands. A value is a long on the stack, sign- or zero-extended from its width

  private static boolean plain(Operand o) {
    return o.kind() == Kind.GPR
        || o.kind() == Kind.GPR_HIGH
        || o.kind() == Kind.IMM
        || o.kind() == Kind.MEM;
  }

  private static boolean addressable(Insn i) {
    return i.addrSize >= 32 && !(i.base == Reg.RIP && i.segment >= Reg.FS);
  }

  private static boolean suits(Insn i) {
    if (i.hasMem() && !addressable(i)) {
      return false;
    }
    return (i.op0 == null || plain(i.op0))
        && (i.op1 == null || plain(i.op1))
        && (i.op2 == null || plain(i.op2));
  }

  /** Pushes the linear address of the memory operand. */
  private void address(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.segment >= Reg.FS) {
      out.cpu();
      out.mv.visitFieldInsn(GETFIELD, CPU, "seg", "[L" + SEGMENT + ";");
      out.push(i.segment);
      out.op(AALOAD);
      out.mv.visitFieldInsn(GETFIELD, SEGMENT, "base", "J");
      offset(item);
      out.op(LADD);
    } else {
      offset(item);
    }
  }

  /** Pushes the effective address. */
  private void offset(RegionPlan.Item item) {
    Insn i = item.insn();
    boolean empty = true;
    long disp = i.disp;
    if (i.base == Reg.RIP) {
      out.rip(i.disp + item.end());
      disp = 0;
      empty = false;
    } else if (i.base != Reg.ZERO) {
      out.loadReg(i.base);
      empty = false;
    }
    if (i.index != Reg.ZERO) {
      out.loadReg(i.index);
      if (i.scale != 0) {
        out.push(i.scale);
        out.op(LSHL);
      }
      if (!empty) {
        out.op(LADD);
      }
      empty = false;
    }
    if (empty) {
      out.push(disp);
    } else if (disp != 0) {
      out.push(disp);
      out.op(LADD);
    }
    if (i.addrSize == 32) {
      out.push(0xffffffffL);
      out.op(LAND);
    }
  }

  /** Turns an int on the stack into the sign-extended long of a width. */
  private void signExtendInt(int bits) {
    if (bits == 8) {
      out.op(I2B);
    } else if (bits == 16) {
      out.op(I2S);
    }
    out.op(I2L);
  }

  /** Turns a long on the stack into its sign-extension from a width. */
  private void signExtendLong(int bits) {
    if (bits < 64) {
      out.op(L2I);
      signExtendInt(bits);
    }
  }

  private void zeroExtendLong(int bits) {
    if (bits < 64) {
      out.push(-1L >>> 64 - bits);
      out.op(LAND);
    }
  }

  /** Pushes the value at the address on the stack (under it: the MMU), sign-extended. */
  private void readSigned(int bits) {
    switch (bits) {
      case 64 -> out.callMmu("read64", "(J)J");
      case 32 -> {
        out.callMmu("read32", "(J)I");
        out.op(I2L);
      }
      case 16 -> {
        out.callMmu("read16", "(J)I");
        signExtendInt(16);
      }
      default -> {
        out.callMmu("read8", "(J)I");
        signExtendInt(8);
      }
    }
  }

  private void loadMem(RegionPlan.Item item, int bits) {
    out.mmu();
    address(item);
    readSigned(bits);
  }

  /** Pushes a register operand, sign-extended. */
  private void loadGpr(Operand o) {
    out.loadReg(o.reg());
    if (o.kind() == Kind.GPR_HIGH) {
      out.push(8);
      out.op(LSHR);
    }
    signExtendLong(o.size());
  }

  /** Pushes any operand, sign-extended from {@code bits}. */
  private void loadSigned(RegionPlan.Item item, Operand o, int bits) {
    switch (o.kind()) {
      case GPR, GPR_HIGH -> loadGpr(o);
      case IMM ->
          out.push(bits == 64 ? item.insn().imm : item.insn().imm << 64 - bits >> 64 - bits);
      case MEM -> loadMem(item, bits);
      default -> throw new IllegalStateException("not a plain operand: " + o);
    }
  }

  /** Stores the long on the stack into a register as an instruction of that width does. */
  private void storeGpr(Operand o) {
    int r = o.reg();
    switch (o.size()) {
      case 64 -> out.storeReg(r);
      case 32 -> {
        zeroExtendLong(32);
        out.storeReg(r);
      }
      default -> {
        boolean high = o.kind() == Kind.GPR_HIGH;
        long mask = o.size() == 16 ? 0xffffL : 0xffL;
        out.push(mask);
        out.op(LAND);
        if (high) {
          out.push(8);
          out.op(LSHL);
          mask <<= 8;
        }
        out.loadReg(r);
        out.push(~mask);
        out.op(LAND);
        out.op(LOR);
        out.storeReg(r);
      }
    }
  }

  /** Stores the long in temporary 1 at the linear address in temporary 0. */
  private void storeMem(int bits) {
    out.mmu();
    out.load(L_T0);
    out.load(L_T1);
    if (bits == 64) {
      out.callMmu("write64", "(JJ)V");
    } else {
      out.op(L2I);
      out.callMmu("write" + bits, "(JI)V");
    }
  }

  /** Puts the linear address into temporary 0, after a check that it can be written. */
  private void probe(RegionPlan.Item item, int bits) {
    address(item);
    out.store(L_T0);
    out.mmu();
    out.load(L_T0);
    out.push(bits >> 3);
    out.callMmu("probeWrite", "(JI)V");
  }

  // ---- moves

  private boolean mov(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    if (i.op0.isMem()) {
      address(item);
      out.store(L_T0);
      loadSigned(item, i.op1, bits);
      out.store(L_T1);
      storeMem(bits);
    } else {
      loadSigned(item, i.op1, bits);
      storeGpr(i.op0);
    }
    return true;
  }

  private boolean extend(RegionPlan.Item item, boolean signed) {
    Insn i = item.insn();
    if (!suits(i)) {
      return false;
    }
    loadSigned(item, i.op1, i.op1.size());
    if (!signed) {
      zeroExtendLong(i.op1.size());
    }
    storeGpr(i.op0);
    return true;
  }

  private boolean lea(RegionPlan.Item item) {
    if (item.insn().addrSize < 32) {
      return false;
    }
    offset(item);
    storeGpr(item.insn().op0);
    return true;
  }

  private boolean widen(RegionPlan.Item item) {
    int bits = item.insn().opSize;
    out.loadReg(Reg.RAX);
    signExtendLong(bits / 2);
    storeGpr(new Operand(Kind.GPR, bits, Reg.RAX));
    return true;
  }

  private boolean sign(RegionPlan.Item item) {
    int bits = item.insn().opSize;
    out.loadReg(Reg.RAX);
    signExtendLong(bits);
    out.push(63);
    out.op(LSHR);
    storeGpr(new Operand(Kind.GPR, bits, Reg.RDX));
    return true;
  }

  // ---- arithmetic

  private void setKind(int operation, int bits) {
    int kind = LazyFlags.kind(operation, bits);
    if (known != kind) {
      out.setKind(kind);
      known = kind;
    }
  }

  private void flagsInCpu() {
    if (known != LazyFlags.IN_CPU) {
      out.setKind(LazyFlags.IN_CPU);
      known = LazyFlags.IN_CPU;
    }
  }

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
    if (!suits(i)) {
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
      setKind(LazyFlags.LOGIC, bits);
      return true;
    }
    // Both operands come first: a fault must find the old flags.
    if (i.op0.isMem() && writes) {
      probe(item, bits);
      out.mmu();
      out.load(L_T0);
      readSigned(bits);
    } else {
      loadSigned(item, i.op0, bits);
    }
    loadSigned(item, i.op1, bits);
    if (logic) {
      out.op(opcode);
      out.storeA();
      setKind(LazyFlags.LOGIC, bits);
      if (writes) {
        out.loadA();
        writeResult(i.op0, bits);
      }
      return true;
    }
    out.storeB();
    out.storeA();
    setKind(opcode == LADD ? LazyFlags.ADD : LazyFlags.SUB, bits);
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
      storeMem(bits);
    } else {
      storeGpr(o);
    }
  }

  private boolean step(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!suits(i)) {
      return false;
    }
    int bits = i.op0.size();
    boolean up = i.mnemonic == Mnemonic.INC;
    if (i.op0.isMem()) {
      probe(item, bits);
      out.mmu();
      out.load(L_T0);
      readSigned(bits);
    } else {
      loadSigned(item, i.op0, bits);
    }
    out.store(L_T2);
    out.carry();
    out.storeB();
    out.load(L_T2);
    out.push(1L);
    out.op(up ? LADD : LSUB);
    signExtendLong(bits);
    out.storeA();
    setKind(up ? LazyFlags.INC : LazyFlags.DEC, bits);
    out.loadA();
    writeResult(i.op0, bits);
    return true;
  }

  /** ADC and SBB: the flags end up in the processor. */
  private boolean withCarry(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!suits(i) || i.op0.isMem()) {
      return false;
    }
    int bits = i.op0.size();
    loadSigned(item, i.op1, bits);
    out.store(L_T1);
    out.materialize();
    out.cpu();
    out.push(bits);
    loadSigned(item, i.op0, bits);
    out.load(L_T1);
    String name = i.mnemonic == Mnemonic.ADC ? "adc" : "sbb";
    out.callStatic(ALU, name, "(L" + CPU + ";IJJ)J");
    flagsInCpu();
    storeGpr(i.op0);
    return true;
  }

  private boolean negate(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.op0.kind() != Kind.GPR) {
      return false;
    }
    int bits = i.op0.size();
    if (i.mnemonic == Mnemonic.NOT) {
      loadGpr(i.op0);
      out.push(-1L);
      out.op(LXOR);
      storeGpr(i.op0);
      return true;
    }
    loadGpr(i.op0);
    out.storeB();
    out.push(0L);
    out.storeA();
    setKind(LazyFlags.SUB, bits);
    out.loadB();
    out.op(LNEG);
    storeGpr(i.op0);
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
        signExtendLong(bits);
      } else {
        zeroExtendLong(bits);
      }
      out.push(count);
      out.op(i.mnemonic == Mnemonic.SHL ? LSHL : i.mnemonic == Mnemonic.SHR ? LUSHR : LSHR);
      storeGpr(i.op0);
      return true;
    }
    // A count of zero keeps the flags, rotates keep most: they must be in the processor before.
    boolean keeps = !immediate || count == 0 || rotates(i);
    if (keeps) {
      out.materialize();
      flagsInCpu();
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
    flagsInCpu();
    storeGpr(i.op0);
    return true;
  }

  private static boolean rotates(Insn i) {
    return i.mnemonic == Mnemonic.ROL || i.mnemonic == Mnemonic.ROR;
  }

  private boolean multiply(RegionPlan.Item item, boolean flagsDead) {
    Insn i = item.insn();
    if (i.operandCount < 2 || !suits(i) || i.op0.size() < 32) {
      return false;
    }
    int bits = i.op0.size();
    Operand a = i.operandCount == 3 ? i.op1 : i.op0;
    Operand b = i.operandCount == 3 ? i.op2 : i.op1;
    if (flagsDead) {
      loadSigned(item, a, bits);
      loadSigned(item, b, bits);
      out.op(LMUL);
      storeGpr(i.op0);
      return true;
    }
    // Operands first, since they may fault; flags the instruction leaves alone must be there.
    loadSigned(item, a, bits);
    out.store(L_T0);
    loadSigned(item, b, bits);
    out.store(L_T1);
    out.materialize();
    out.cpu();
    out.push(bits);
    out.load(L_T0);
    out.load(L_T1);
    out.callStatic(MUL_DIV, "imul", "(L" + CPU + ";IJJ)J");
    flagsInCpu();
    storeGpr(i.op0);
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
    branch(i.cc, yes);
    out.push(0L);
    out.store(L_T0);
    out.mv.visitJumpInsn(GOTO, end);
    out.place(yes);
    out.push(1L);
    out.store(L_T0);
    out.place(end);
    out.load(L_T0);
    storeGpr(i.op0);
    return true;
  }

  private boolean conditionalMove(RegionPlan.Item item) {
    Insn i = item.insn();
    if (!suits(i) || i.op0.size() < 32) {
      return false;
    }
    Label end = new Label();
    loadSigned(item, i.op1, i.op0.size());
    out.store(L_T0);
    branch(i.cc ^ 1, end);
    out.load(L_T0);
    out.storeReg(i.op0.reg());
    out.place(end);
    // Whichever it was, a 32-bit destination is zero-extended.
    if (i.op0.size() == 32) {
      out.loadReg(i.op0.reg());
      zeroExtendLong(32);
      out.storeReg(i.op0.reg());
    }
    return true;
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
        signExtendLong(bits);
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
    signExtendLong(bits);
    out.push(0L);
    out.op(LCMP);
    if (condition == 2) {
      jump(IFEQ, IFNE, negate, target);
    } else {
      jump(IFLT, IFGE, negate, target);
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
    storeMem(64);
    out.load(L_T0);
    out.storeReg(Reg.RSP);
  }

  private boolean pushes(RegionPlan.Item item) {
    Insn i = item.insn();
    if (i.opSize != 64 || !suits(i)) {
      return false;
    }
    loadSigned(item, i.op0, 64);
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
    loadSigned(item, i.op0, 64);
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
    loadSigned(item, item.insn().op0, 64);
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
    flagsInCpu();
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
