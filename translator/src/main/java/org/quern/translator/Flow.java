package org.quern.translator;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Reg;

/** What an instruction means for the flow of control in a region. */
enum Flow {
  /** The next instruction follows, whatever happens to state. */
  STRAIGHT,

  /** A near jump, call or return, which the region may follow. */
  TRANSFER,

  /** The last of a region: the mode, the mapping or the place may be another behind it. */
  LAST,

  /** Not to be translated. */
  NONE;

  static Flow of(Insn i) {
    return switch (i.mnemonic) {
      case INVALID, TOO_LONG, TRUNCATED -> NONE;
      // As wide as the code: one of 16 bits cuts RIP.
      case JMP, CALL, RET, JCC -> i.opSize >= 32 ? TRANSFER : NONE;
      case SYSCALL, SYSRET, SYSENTER, SYSEXIT, INT, IRET, WRMSR, INVLPG, MOV_CR, CLTS -> LAST;
      // These end a run of the interpreter because a request may come of them; a region looks.
      case CLI, STI, PAUSE, CPUID, OUT, POPF, STAC, CLAC, SWAPGS -> STRAIGHT;
      case MOVS, STOS, LODS, CMPS, SCAS -> STRAIGHT;
      // A gather that faults has changed registers, which a region would set back.
      default -> i.endsBlock || i.form.vectorIndex() != 0 ? NONE : STRAIGHT;
    };
  }

  /** Whether the next instruction is executed behind one that is the last. */
  static boolean returns(Insn i) {
    return switch (i.mnemonic) {
      case WRMSR, INVLPG, MOV_CR, CLTS -> true;
      default -> false;
    };
  }

  /** Whether it loads one of the segments that are flat where code is translated. */
  static boolean loadsSegment(Insn i) {
    return switch (i.mnemonic) {
      case MOV_SREG, POP_SREG -> i.op0.kind() == Operand.Kind.SEGMENT && i.op0.reg() < Reg.FS;
      case LDS, LES -> true;
      default -> false;
    };
  }

  /** Whether it may stop with elements left to do, RIP at itself. */
  static boolean repeats(Insn i) {
    return i.rep != 0 && i.form.string();
  }

  /** Whether pages that could be reached before it may be out of reach behind it. */
  static boolean changesReach(Insn i) {
    // Waiting for an exclusive section lets others take write tags away.
    return i.lock
        || switch (i.mnemonic) {
          case POPF, STAC, CLAC -> true;
          case XCHG, CMPXCHG8B, CMPXCHG16B -> i.hasMem();
          default -> false;
        };
  }

  /** Whether it transfers control to a displacement. */
  static boolean direct(Insn i) {
    return i.op0 != null && i.op0.kind() == Operand.Kind.REL;
  }
}
