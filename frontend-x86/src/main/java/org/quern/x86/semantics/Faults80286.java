package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * Instructions of the 80286 that cannot be restarted in real mode: when a word lies across the end
 * of its segment, the registers have been moved on before the exception, and not all alike. Source:
 * SingleStepTests/80286 (captured from silicon); the manual is silent about this.
 */
final class Faults80286 {
  private static final int LAST = 0xffff;

  private Faults80286() {}

  /** The handler of such an instruction; null for others. */
  static Handler of(Mnemonic m) {
    return switch (m) {
      case POP, MOVS, CMPS, STOS, LODS, SCAS, INS, OUTS -> movingOn(m, Binding.of(m));
      default -> null;
    };
  }

  private static Handler movingOn(Mnemonic m, Handler h) {
    return (c, i) -> {
      try {
        h.exec(c, i);
      } catch (GuestFault f) {
        if (c.realMode()) {
          moveOn(c, i, m);
        }
        throw f;
      }
    };
  }

  private static void moveOn(Cpu c, Insn i, Mnemonic m) {
    boolean source = c.gpr16(Reg.RSI) == LAST;
    boolean destination = c.gpr16(Reg.RDI) == LAST;
    switch (m) {
      case POP -> c.setGpr16(Reg.RSP, c.gpr16(Reg.RSP) + (i.op0.isMem() ? 2 : 0));
      // The source is read first; what is counted is that the next element is on its way.
      case MOVS -> move(c, i, true, !source, source ? 1 : 2);
      // The destination is read first.
      case CMPS -> move(c, i, !destination, true, destination ? 0 : 1);
      case STOS, INS -> move(c, i, false, true, 2);
      case SCAS -> move(c, i, false, true, 1);
      default -> move(c, i, true, false, 1);
    }
  }

  private static void move(Cpu c, Insn i, boolean source, boolean destination, int count) {
    int step = (c.eflags & RFlags.DF) == 0 ? 2 : -2;
    if (source) {
      c.setGpr16(Reg.RSI, c.gpr16(Reg.RSI) + step);
    }
    if (destination) {
      c.setGpr16(Reg.RDI, c.gpr16(Reg.RDI) + step);
    }
    if (i.rep != 0) {
      c.setGpr16(Reg.RCX, c.gpr16(Reg.RCX) - count);
    }
  }
}
