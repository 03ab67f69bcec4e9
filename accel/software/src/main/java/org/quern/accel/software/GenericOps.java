package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.fault.Vector;
import org.quern.x86.semantics.Handler;
import org.quern.x86.state.Cpu;

/** Ops that call the semantic method of any instruction. */
final class GenericOps {
  private GenericOps() {}

  /** Falls through to the next instruction. */
  static final class Straight extends Op {
    private final Handler handler;
    private final Insn insn;

    Straight(Handler handler, Insn insn) {
      this.handler = handler;
      this.insn = insn;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.rip = k.codeBase + end & k.ripMask();
      handler.exec(c, insn);
      return next;
    }
  }

  /** Leaves RIP, mode or mapping changed. */
  static final class Ending extends Op {
    private final Handler handler;
    private final Insn insn;

    Ending(Handler handler, Insn insn) {
      this.handler = handler;
      this.insn = insn;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.rip = k.codeBase + end & k.ripMask();
      handler.exec(c, insn);
      return k.jumpFar(c);
    }
  }

  /** Raises #UD, or #GP(0) for an instruction that is too long. */
  static final class Undefined extends Op {
    private final int vector;

    Undefined(boolean tooLong) {
      this.vector = tooLong ? Vector.GP : Vector.UD;
    }

    @Override
    Op exec(Cpu c, Core k) {
      throw c.raise(vector);
    }
  }
}
