package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Instructions that the 8086 executes otherwise than its successors, and those that only it has.
 * Source: Intel, 8086 Family User's Manual; what that leaves open: SingleStepTests/8086 (captured
 * from silicon).
 *
 * <p>Shift counts are not masked. PUSH SP pushes the new value. A divide error pushes the address
 * of the next instruction, and a quotient of -128 or -32,768 is one. REP before IDIV negates the
 * quotient.
 */
final class First8086 {
  /** Longest count that {@link Shift} takes as it is. */
  private static final int CHUNK = 31;

  private First8086() {}

  /** The handler of a mnemonic where the 8086 needs one of its own; else null. */
  static Handler of(Mnemonic m) {
    return switch (m) {
      case INVALID, TOO_LONG -> (c, i) -> {};
      case PUSH -> First8086::push;
      case SHL -> (c, i) -> shift(c, i, Shift::shl);
      case SHR -> (c, i) -> shift(c, i, Shift::shr);
      case SAR -> (c, i) -> shift(c, i, Shift::sar);
      case ROL -> (c, i) -> shift(c, i, Shift::rol);
      case ROR -> (c, i) -> shift(c, i, Shift::ror);
      case RCL -> (c, i) -> shift(c, i, Shift::rcl);
      case RCR -> (c, i) -> shift(c, i, Shift::rcr);
      case DAA -> (c, i) -> decimal(c, false);
      case DAS -> (c, i) -> decimal(c, true);
      case AAA -> (c, i) -> unpacked(c, 6, 1);
      case AAS -> (c, i) -> unpacked(c, -6, -1);
      case SETMO -> First8086::setmo;
      case ESC -> First8086::esc;
      case MOV_SREG -> First8086::movSreg;
      case DIV -> trapping(Binding.of(m));
      case AAM -> trapping(First8086::aam);
      case IDIV -> trapping(First8086::idiv);
      default -> null;
    };
  }

  private static void push(Cpu c, Insn i) {
    boolean sp = i.op0.kind() == Operand.Kind.GPR && i.op0.reg() == Reg.RSP;
    long v = Operands.read(c, i, i.op0);
    Stack.push16(c, (int) (sp ? v - 2 : v));
  }

  @FunctionalInterface
  private interface ShiftFunction {
    long apply(Cpu c, int bits, long a, int count);
  }

  private static void shift(Cpu c, Insn i, ShiftFunction f) {
    long old = Operands.readModify(c, i, i.op0);
    long v = old;
    for (int n = (int) Operands.read(c, i, i.op1); n > 0; n -= CHUNK) {
      v = f.apply(c, i.op0.size(), v, Math.min(n, CHUNK));
    }
    Operands.commit(c, i, i.op0, old, v);
  }

  /** DAA and DAS: AF moves the limit of the upper digit; DAS does not look at a borrow. */
  private static void decimal(Cpu c, boolean subtract) {
    int al = c.gpr8(Reg.RAX);
    boolean low = (al & 0xf) > 9 || c.af();
    boolean high = al > (c.af() ? 0x9f : 0x99) || c.cf();
    int change = (low ? 6 : 0) + (high ? 0x60 : 0);
    int r = (subtract ? Alu.sub8(c, al, change) : Alu.add8(c, al, change)) & 0xff;
    c.setGpr8(Reg.RAX, r);
    int flags = c.statusFlags() & ~(RFlags.CF | RFlags.AF);
    c.setStatusFlags(flags | (low ? RFlags.AF : 0) | (high ? RFlags.CF : 0));
  }

  /** AAA and AAS: AL and AH are adjusted apart. */
  private static void unpacked(Cpu c, int low, int high) {
    int al = c.gpr8(Reg.RAX);
    boolean adjust = (al & 0xf) > 9 || c.af();
    int r = Alu.add8(c, al, adjust ? low & 0xff : 0);
    c.setGpr8(Reg.RAX, r & 0xf);
    if (adjust) {
      c.setGpr8h(Reg.RAX, c.gpr8h(Reg.RAX) + high);
    }
    int flags = c.statusFlags() & ~(RFlags.CF | RFlags.AF);
    c.setStatusFlags(adjust ? flags | RFlags.CF | RFlags.AF : flags);
  }

  /** Group 2, /6: all ones, unless the count is 0. */
  private static void setmo(Cpu c, Insn i) {
    long old = Operands.readModify(c, i, i.op0);
    if (Operands.read(c, i, i.op1) != 0) {
      Alu.logicFlags(c, -1);
      Operands.commit(c, i, i.op0, old, -1);
    }
  }

  /** A coprocessor's instruction without a coprocessor: the operand is read, for its sake. */
  private static void esc(Cpu c, Insn i) {
    if (i.op0.isMem()) {
      Operands.read(c, i, i.op0);
    }
  }

  /** Even CS can be loaded. */
  private static void movSreg(Cpu c, Insn i) {
    if (i.op0.kind() == Operand.Kind.SEGMENT && i.op0.reg() == Reg.CS) {
      SegmentLoad.loadReal(c, Reg.CS, SystemTables.readSelector(c, i, i.op1));
    } else {
      SegmentLoad.movSreg(c, i);
    }
  }

  /** The flags are those of a remainder of 0, even if there is none. */
  private static void aam(Cpu c, Insn i) {
    Alu.logicFlags(c, 0);
    Bcd.aam(c, (int) i.imm & 0xff);
  }

  private static void idiv(Cpu c, Insn i) {
    int bits = i.op0.size();
    long b = Operands.read(c, i, i.op0);
    long ax = c.gpr[Reg.RAX];
    long dx = c.gpr[Reg.RDX];
    MulDiv.idiv(c, bits, b);
    int sign = 1 << bits - 1;
    int quotient = c.gpr16(Reg.RAX) & 2 * sign - 1;
    if (quotient == sign) {
      c.gpr[Reg.RAX] = ax;
      c.gpr[Reg.RDX] = dx;
      throw c.raise(Vector.DE);
    }
    if (i.rep != 0) {
      c.setReg(Reg.RAX, bits, -quotient);
    }
  }

  /** A divide error is an interrupt behind the instruction. */
  private static Handler trapping(Handler h) {
    return (c, i) -> {
      try {
        h.exec(c, i);
      } catch (GuestFault f) {
        f.trap = true;
        throw f;
      }
    };
  }
}
