package org.quern.translator;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.state.Reg;

/** Which general registers an instruction touches, as bit masks by number. */
final class Registers {
  private static final int LOW_HALVES = 0x55555555;

  private Registers() {}

  /** Registers in its operands and its address. */
  static int used(Insn i) {
    int mask = operand(i.op0) | operand(i.op1) | operand(i.op2) | operand(i.op3);
    if (i.hasMem()) {
      mask |= i.base < 16 ? 1 << i.base : 0;
      mask |= i.index < 16 ? 1 << i.index : 0;
    }
    switch (i.mnemonic) {
      case SHL, SHR, SAR, ROL, ROR -> mask |= 1 << Reg.RCX;
      case CBW -> mask |= 1 << Reg.RAX;
      case CWD -> mask |= 1 << Reg.RAX | 1 << Reg.RDX;
      case LEAVE -> mask |= 1 << Reg.RBP;
      default -> {}
    }
    return mask | product(i);
  }

  /** RDX:RAX of the multiplications and divisions with one operand. */
  private static int product(Insn i) {
    boolean wide =
        switch (i.mnemonic) {
          case MUL, IMUL, DIV, IDIV -> true;
          default -> false;
        };
    return wide && i.operandCount == 1 ? 1 << Reg.RAX | 1 << Reg.RDX : 0;
  }

  /** Registers it may change, among {@link #used}. */
  static int written(Insn i) {
    return switch (i.mnemonic) {
      case CMP, TEST, JCC, JMP -> 0;
      case CBW -> 1 << Reg.RAX;
      case CWD -> 1 << Reg.RDX;
      case LEAVE -> 1 << Reg.RBP;
      case XCHG -> operand(i.op0) | operand(i.op1);
      case DIV, IDIV -> product(i);
      default -> operand(i.op0) | product(i);
    };
  }

  /** Halves of XMM registers in its operands: bit {@code 2 * r + half}. */
  static int halvesUsed(Insn i) {
    return halves(i.op0) | halves(i.op1) | halves(i.op2) | halves(i.op3);
  }

  /** Halves it may change, among {@link #halvesUsed}. */
  static int halvesWritten(Insn i) {
    return halves(i.op0);
  }

  /** Halves among {@link #halvesWritten} that it changes by arithmetic on doubles. */
  static int halvesDouble(Insn i) {
    SseForms.Form form = SseForms.of(i);
    if (form == null) {
      return 0;
    }
    return switch (form.shape()) {
      case ARITHMETIC64, CHOICE64 -> halves(i.op0) & LOW_HALVES;
      case ARITHMETIC_PACKED -> form.method().endsWith("pd") ? halves(i.op0) : 0;
      case CHOICE_PACKED -> form.method().endsWith("64") ? halves(i.op0) : 0;
      default -> 0;
    };
  }

  private static int halves(Operand o) {
    return o != null && o.kind() == Kind.VEC ? 3 << 2 * o.reg() : 0;
  }

  /** Whether its semantic method may look at XMM registers. */
  static boolean vectors(Insn i) {
    return i.form.vector()
        || switch (i.mnemonic) {
          case FXSAVE, FXRSTOR, XSAVE, XSAVEC, XSAVEOPT, XSAVES, XRSTOR, XRSTORS -> true;
          case VZEROALL, VZEROUPPER -> true;
          // With ECX = 1 it tells whether they are in use.
          case XGETBV -> true;
          default -> false;
        };
  }

  private static int operand(Operand o) {
    return o != null && (o.kind() == Kind.GPR || o.kind() == Kind.GPR_HIGH) ? 1 << o.reg() : 0;
  }

  /** Whether it is one the emitter knows, so that operands say all about its registers. */
  static boolean simple(Insn i) {
    return switch (i.mnemonic) {
      case NOP, ENDBR32, ENDBR64, PREFETCH, PREFETCHW, LFENCE, SFENCE -> true;
      case MOV, MOVNTI, MOVZX, MOVSX, MOVSXD, LEA -> true;
      case ADD, SUB, CMP, AND, OR, XOR, TEST, INC, DEC, ADC, SBB, NEG, NOT -> true;
      case SHL,
          SHR,
          SAR,
          ROL,
          ROR,
          SHLD,
          SHRD,
          MUL,
          IMUL,
          DIV,
          IDIV,
          SETCC,
          CMOVCC,
          PUSH,
          POP,
          LEAVE,
          CBW,
          CWD,
          BSWAP ->
          true;
      case XCHG -> !i.hasMem();
      case JMP, JCC, CALL, RET -> true;
      default -> SseEmitter.knows(i);
    };
  }

  /** Whether it may raise a fault, so that the flags from before must be right. */
  static boolean mayFault(Insn i) {
    return switch (i.mnemonic) {
      case LEA, NOP -> false;
      case DIV, IDIV, PUSH, POP, LEAVE, CALL, RET, JMP -> true;
      default -> i.hasMem() || !simple(i) || SseEmitter.knows(i);
    };
  }

  /** Whether it may touch registers that its operands do not name. */
  static boolean implicit(Insn i) {
    return !simple(i);
  }
}
