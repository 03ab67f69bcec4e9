package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.semantics.fp.FpFlags;
import org.quern.x86.semantics.fp.SoftFloat;
import org.quern.x86.semantics.fp.Unpacked;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Fpu;
import org.quern.x86.state.Reg;

/**
 * What every x87 instruction does around its own operation: availability, the register stack, the
 * pointers to the last instruction, and exceptions. Source: SDM vol. 1, 8.1, 8.5, 8.6.
 *
 * <p>An unmasked exception never stops the instruction that meets it: it leaves ES set, and the
 * next waiting instruction raises #MF.
 */
final class X87Access {
  static final int C0 = 1 << 8;
  static final int C1 = 1 << 9;
  static final int C2 = 1 << 10;
  static final int C3 = 1 << 14;
  static final int CONDITIONS = C0 | C1 | C2 | C3;

  /** Stack fault; comes with {@link FpFlags#IE}. */
  static final int SF = 1 << 6;

  /** Sign, exponent and significand of the real indefinite. */
  static final int INDEFINITE_SE = 0xffff;

  static final long INDEFINITE = 0xc000000000000000L;

  private static final int EMPTY = 3;

  private X87Access() {}

  // ---- beginning and end of an instruction

  /** Raises #NM or #MF, or readies the arithmetic unit. */
  static SoftFloat enter(Cpu c) {
    X87Control.checkAvailable(c);
    X87Control.checkPending(c);
    SoftFloat s = c.soft;
    s.control(c.fpu.control >> 10 & 3, c.fpu.control & FpFlags.ALL, false, true);
    return s;
  }

  /** Bits of the significand that the precision control asks for. */
  static int precision(Cpu c) {
    return switch (c.fpu.control >> 8 & 3) {
      case 0 -> 24;
      case 2 -> 53;
      default -> 64;
    };
  }

  /** Remembers this instruction as the last; call when it can no longer fault. */
  static void note(Cpu c, Insn i) {
    Fpu f = c.fpu;
    f.opcode = (i.opcode & 7) << 8 | i.modrm & 0xff;
    long ip = c.rip - i.length;
    f.ip = c.longMode ? ip : ip & 0xffffffffL;
    f.cs = c.seg[Reg.CS].selector;
  }

  /** As {@link #note} for an instruction with a memory operand. */
  static void noteMemory(Cpu c, Insn i) {
    note(c, i);
    c.fpu.dp = Operands.effective(c, i);
    c.fpu.ds = c.seg[i.segment].selector;
  }

  /**
   * Adds exceptions to the status word and sets C1.
   *
   * @return whether the instruction completes: no unmasked invalid, denormal or zero-divide
   */
  static boolean complete(Cpu c, int flags, boolean c1) {
    Fpu f = c.fpu;
    int status = f.status & ~C1 | flags | (c1 ? C1 : 0);
    int unmasked = flags & ~f.control & FpFlags.ALL;
    if (unmasked != 0) {
      status |= X87Control.ES | X87Control.BUSY;
    }
    f.status = status;
    return (unmasked & FpFlags.BEFORE) == 0;
  }

  /** {@link #complete} with what the arithmetic unit says. */
  static boolean complete(Cpu c, SoftFloat s) {
    return complete(c, s.flags, s.roundedUp);
  }

  /** An operand register was empty. Returns whether the exception is masked. */
  static boolean underflow(Cpu c) {
    return complete(c, FpFlags.IE | SF, false);
  }

  /** The register to push into was not empty. Returns whether the exception is masked. */
  static boolean overflow(Cpu c) {
    return complete(c, FpFlags.IE | SF, true);
  }

  // ---- register stack

  static boolean empty(Fpu f, int st) {
    return (f.tag >> 2 * (f.top + st & 7) & 3) == EMPTY;
  }

  static void load(Fpu f, int st, Unpacked to) {
    int r = f.top + st & 7;
    to.set80(f.signExponent[r], f.significand[r]);
  }

  static void set(Fpu f, int st, int signExponent, long significand) {
    int r = f.top + st & 7;
    f.signExponent[r] = signExponent;
    f.significand[r] = significand;
    f.tag &= ~(EMPTY << 2 * r);
  }

  static void store(Fpu f, int st, Unpacked v) {
    set(f, st, v.signExponent80(), v.hi);
  }

  static void setIndefinite(Fpu f, int st) {
    set(f, st, INDEFINITE_SE, INDEFINITE);
  }

  static void free(Fpu f, int st) {
    f.tag |= EMPTY << 2 * (f.top + st & 7);
  }

  static void pop(Fpu f) {
    free(f, 0);
    f.top = f.top + 1 & 7;
  }

  static void push(Fpu f, int signExponent, long significand) {
    f.top = f.top - 1 & 7;
    set(f, 0, signExponent, significand);
  }

  /** Pushes unless the stack is full, which is an exception. */
  static void pushChecked(Cpu c, int signExponent, long significand) {
    if (empty(c.fpu, 7)) {
      complete(c, 0, false);
      push(c.fpu, signExponent, significand);
    } else {
      pushOverflow(c);
    }
  }

  /** The stack is full: the masked response pushes the indefinite over the oldest register. */
  static void pushOverflow(Cpu c) {
    if (overflow(c)) {
      push(c.fpu, INDEFINITE_SE, INDEFINITE);
    }
  }

  // ---- memory operands

  /** Reads the 32-bit or 64-bit floating-point operand. */
  static void readReal(Cpu c, Insn i, Unpacked to) {
    if (i.op0.size() == 32) {
      to.set32(c.mmu.read32(Operands.readAddress(c, i, 4)));
    } else {
      to.set64(c.mmu.read64(Operands.readAddress(c, i, 8)));
    }
  }

  /** Reads the 16-, 32- or 64-bit integer operand, sign-extended. */
  static long readInteger(Cpu c, Insn i) {
    int bytes = i.op0.size() >> 3;
    long v = c.mmu.read(Operands.readAddress(c, i, bytes), bytes);
    int unused = 64 - i.op0.size();
    return v << unused >> unused;
  }
}
