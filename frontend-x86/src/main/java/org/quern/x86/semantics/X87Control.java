package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/** x87 control and status words. Source: SDM vol. 1, 8.1; vol. 2A, the instructions' pages. */
public final class X87Control {
  /** Error summary: an unmasked exception is pending. */
  static final int ES = 0x80;

  /** Busy; mirrors {@link #ES}. */
  static final int BUSY = 0x8000;

  /** TOP, which the state keeps apart. */
  static final int TOP = 7 << 11;

  /** The six exception flags and the stack fault. */
  static final int EXCEPTIONS = 0x7f;

  /** Bits of the control word that exist; bit 6 reads as one. */
  private static final int CONTROL_WRITABLE = 0x1f3f;

  private static final int CONTROL_ONES = 0x40;

  private X87Control() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case FNINIT -> X87Control::fninit;
      case FNCLEX -> X87Control::fnclex;
      case FNSTCW -> X87Control::fnstcw;
      case FNSTSW -> X87Control::fnstsw;
      case FLDCW -> X87Control::fldcw;
      case FWAIT -> X87Control::fwait;
      // ESC is any of them without a coprocessor: nobody answers, so that FNSTSW behind FNINIT
      // leaves its destination alone, by which programs find out (Intel AP-485, processor
      // detection).
      case FNENI, FNDISI, FNSETPM, ESC -> (c, i) -> checkAvailable(c);
      default -> null;
    };
  }

  /** Raises #NM if x87 instructions are off. Source: SDM vol. 3A, table 2-2. */
  static void checkAvailable(Cpu c) {
    if ((c.cr0 & (Cr.CR0_EM | Cr.CR0_TS)) != 0) {
      throw c.nm();
    }
  }

  /** Raises #MF if an unmasked exception is pending: every waiting instruction starts with it. */
  static void checkPending(Cpu c) {
    if ((c.fpu.status & ES) != 0) {
      throw c.raise(Vector.MF);
    }
  }

  /** The status word with TOP in bits 11 to 13. */
  static int statusWord(Cpu c) {
    return c.fpu.status | c.fpu.top << 11;
  }

  /** Sets ES and B from the flags and masks; call after either has changed. */
  static void summarize(Cpu c) {
    boolean pending = (c.fpu.status & ~c.fpu.control & 0x3f) != 0;
    c.fpu.status = c.fpu.status & ~(ES | BUSY) | (pending ? ES | BUSY : 0);
  }

  /** Loads the control word; an exception it unmasks becomes pending. */
  static void setControl(Cpu c, int v) {
    c.fpu.control = v & CONTROL_WRITABLE | CONTROL_ONES;
    summarize(c);
  }

  private static void fninit(Cpu c, Insn i) {
    checkAvailable(c);
    c.fpu.init();
  }

  private static void fnclex(Cpu c, Insn i) {
    checkAvailable(c);
    c.fpu.status &= ~(EXCEPTIONS | ES | BUSY);
  }

  private static void fnstcw(Cpu c, Insn i) {
    checkAvailable(c);
    Operands.write(c, i, i.op0, c.fpu.control);
  }

  private static void fnstsw(Cpu c, Insn i) {
    checkAvailable(c);
    Operands.write(c, i, i.op0, statusWord(c));
  }

  private static void fldcw(Cpu c, Insn i) {
    checkAvailable(c);
    checkPending(c);
    setControl(c, (int) Operands.read(c, i, i.op0));
  }

  /** FWAIT obeys CR0.MP, not CR0.EM. */
  private static void fwait(Cpu c, Insn i) {
    if ((c.cr0 & (Cr.CR0_MP | Cr.CR0_TS)) == (Cr.CR0_MP | Cr.CR0_TS)) {
      throw c.nm();
    }
    checkPending(c);
  }
}
