package org.quern.x86.semantics;

import org.quern.x86.fault.GuestFault;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * One event through its gate: the interrupt vector table of real mode, interrupt, trap and task
 * gates of protected mode, the IDT of long mode. Registers change only when nothing can fault any
 * more. Source: SDM vol. 2A, INT n (operation); vol. 3A, 6.10 to 6.14.
 */
final class EventGates {
  /** Error code bit: the index refers to the IDT. */
  private static final int IDT = 2;

  private EventGates() {}

  /**
   * Delivers one event; {@code c.rip} is what it pushes.
   *
   * @param rf whether RF is set in the pushed flags
   * @param software whether the gate's DPL guards it (INT n, INT3, INTO)
   * @param ext 1 if the event is not a software interrupt: bit 0 of error codes of nested faults
   */
  static void deliver(
      Cpu c, int vector, boolean hasError, int error, boolean rf, boolean software, int ext) {
    int flags = Interrupts.image(c, rf);
    try {
      if (c.realMode()) {
        realMode(c, vector, flags);
      } else if (Descriptor.longModeActive(c)) {
        longMode(c, vector, hasError, error, flags, software);
      } else {
        protectedMode(c, vector, hasError, error, flags, software);
      }
    } catch (GuestFault g) {
      if (g.vector >= Vector.TS && g.vector <= Vector.GP) {
        g.errorCode |= ext;
      }
      throw g;
    }
  }

  private static void realMode(Cpu c, int vector, int flags) {
    if (4 * vector + 3 > c.idtLimit) {
      throw c.gp(vector << 3 | IDT);
    }
    long entry = c.idtBase + 4L * vector & 0xffffffffL;
    int ip = c.mmu.readSystem16(entry);
    int cs = c.mmu.readSystem16(entry + 2);
    Segment ss = c.seg[Reg.SS];
    long sp = c.gpr[Reg.RSP];
    InnerStack.checkRoom(c, ss, sp, 2, 3, 0);
    sp = InnerStack.push(c, ss, sp, 2, flags, 0, false);
    sp = InnerStack.push(c, ss, sp, 2, c.seg[Reg.CS].selector, 0, false);
    sp = InnerStack.push(c, ss, sp, 2, c.rip, 0, false);
    if (ip > (c.seg[Reg.CS].limit & 0xffffffffL)) {
      throw c.gp(0);
    }
    Stack.setPointer(c, sp);
    SegmentLoad.loadReal(c, Reg.CS, cs);
    c.rip = ip;
    c.setSystemFlags(c.eflags & ~(RFlags.IF | RFlags.TF | RFlags.AC | RFlags.RF));
  }

  private static void protectedMode(
      Cpu c, int vector, boolean hasError, int error, int flags, boolean software) {
    int code = vector << 3 | IDT;
    if (vector * 8 + 7 > c.idtLimit) {
      throw c.gp(code);
    }
    long gate = c.mmu.readSystem64(c.idtBase + vector * 8L & 0xffffffffL);
    int kind = Descriptor.kind(gate);
    boolean task = kind == Descriptor.TASK_GATE;
    boolean wide = kind == Descriptor.INT_GATE32 || kind == Descriptor.TRAP_GATE32;
    boolean narrow = kind == Descriptor.INT_GATE16 || kind == Descriptor.TRAP_GATE16;
    if ((!task && !wide && !narrow) || (software && Descriptor.dpl(gate) < c.cpl)) {
      throw c.gp(code);
    }
    if (!Descriptor.present(gate)) {
      throw c.np(code);
    }
    if (task) {
      TaskSwitch.throughGate(c, Descriptor.gateSelector(gate), TaskSwitch.CALL, flags);
      if (hasError) {
        pushErrorOfTask(c, error);
      }
      return;
    }

    int selector = Descriptor.gateSelector(gate);
    long cs = handlerCode(c, selector, false);
    int level = Descriptor.conforming(cs) ? c.cpl : Descriptor.dpl(cs);
    boolean fromV86 = c.v86();
    if (fromV86 && level != 0) {
      throw c.gp(selector & 0xfffc);
    }
    boolean inner = level < c.cpl;
    int bytes = wide ? 4 : 2;
    long offset = wide ? Descriptor.gateOffset(gate) : Descriptor.gateOffset(gate) & 0xffff;

    Segment ss = c.newStack;
    long sp;
    int ssCode = 0;
    if (inner) {
      sp = InnerStack.fromTss(c, level);
      ssCode = ss.selector & 0xfffc;
    } else {
      ss.copyFrom(c.seg[Reg.SS]);
      sp = c.gpr[Reg.RSP];
    }
    int words = (fromV86 ? 9 : inner ? 5 : 3) + (hasError ? 1 : 0);
    InnerStack.checkRoom(c, ss, sp, bytes, words, ssCode);
    if (offset > Descriptor.limitLong(cs)) {
      throw c.gp(0);
    }
    if (inner) {
      if (fromV86) {
        for (int s : V86_SAVED) {
          sp = InnerStack.push(c, ss, sp, bytes, c.seg[s].selector, ssCode, true);
        }
      }
      sp = InnerStack.push(c, ss, sp, bytes, c.seg[Reg.SS].selector, ssCode, true);
      sp = InnerStack.push(c, ss, sp, bytes, c.gpr[Reg.RSP], ssCode, true);
    }
    sp = InnerStack.push(c, ss, sp, bytes, flags, ssCode, inner);
    sp = InnerStack.push(c, ss, sp, bytes, c.seg[Reg.CS].selector, ssCode, inner);
    sp = InnerStack.push(c, ss, sp, bytes, c.rip, ssCode, inner);
    if (hasError) {
      sp = InnerStack.push(c, ss, sp, bytes, error, ssCode, inner);
    }
    cs = Descriptor.setAccessed(c, selector, cs);
    if (inner) {
      InnerStack.setAccessed(c);
    }

    Descriptor.load(c.seg[Reg.CS], selector & 0xfffc | level, cs);
    if (inner) {
      c.seg[Reg.SS].copyFrom(ss);
      if (fromV86) {
        for (int s : V86_SAVED) {
          c.seg[s].set(0, 0, 0, 0, false);
        }
      }
    }
    commit(c, level, offset, (kind & 1) == 0);
    Stack.setPointer(c, sp);
  }

  /** Segments that an event in virtual-8086 mode pushes, in that order. */
  private static final int[] V86_SAVED = {Reg.GS, Reg.FS, Reg.DS, Reg.ES};

  /** The error code goes onto the new task's stack, as wide as the new TSS. */
  private static void pushErrorOfTask(Cpu c, int error) {
    int bytes = InnerStack.wideTss(c) ? 4 : 2;
    try {
      Segment ss = c.seg[Reg.SS];
      Stack.setPointer(c, InnerStack.push(c, ss, c.gpr[Reg.RSP], bytes, error, 0, false));
    } catch (GuestFault g) {
      g.trap = true;
      throw g;
    }
  }

  private static void longMode(
      Cpu c, int vector, boolean hasError, int error, int flags, boolean software) {
    int code = vector << 3 | IDT;
    if (vector * 16 + 15 > c.idtLimit) {
      throw c.gp(code);
    }
    long at = c.idtBase + vector * 16L;
    long gate = c.mmu.readSystem64(at);
    int kind = Descriptor.kind(gate);
    boolean valid = kind == Descriptor.INT_GATE32 || kind == Descriptor.TRAP_GATE32;
    if (!valid || (software && Descriptor.dpl(gate) < c.cpl)) {
      throw c.gp(code);
    }
    if (!Descriptor.present(gate)) {
      throw c.np(code);
    }
    long offset = Descriptor.gateOffset(gate) | c.mmu.readSystem64(at + 8) << 32;
    int selector = Descriptor.gateSelector(gate);
    long cs = handlerCode(c, selector, true);
    int level = Descriptor.conforming(cs) ? c.cpl : Descriptor.dpl(cs);
    boolean inner = level < c.cpl;
    int ist = Descriptor.gateIst(gate);
    long sp;
    if (ist != 0) {
      sp = InnerStack.fromTss64(c, InnerStack.istSlot(ist));
    } else if (inner) {
      sp = InnerStack.fromTss64(c, level);
    } else {
      sp = c.gpr[Reg.RSP];
    }
    sp &= -16;
    InnerStack.checkRoom64(c, sp, hasError ? 6 : 5);
    if (!Segmentation.canonical(c, offset)) {
      throw c.gp(0);
    }
    sp = InnerStack.push64(c, sp, c.seg[Reg.SS].selector, inner);
    sp = InnerStack.push64(c, sp, c.gpr[Reg.RSP], inner);
    sp = InnerStack.push64(c, sp, flags & 0xffffffffL, inner);
    sp = InnerStack.push64(c, sp, c.seg[Reg.CS].selector, inner);
    sp = InnerStack.push64(c, sp, c.rip, inner);
    if (hasError) {
      sp = InnerStack.push64(c, sp, error & 0xffffffffL, inner);
    }
    cs = Descriptor.setAccessed(c, selector, cs);

    Descriptor.load(c.seg[Reg.CS], selector & 0xfffc | level, cs);
    if (inner) {
      InnerStack.setNull(c.seg[Reg.SS], level);
    }
    commit(c, level, offset, (kind & 1) == 0);
    c.gpr[Reg.RSP] = sp;
  }

  /**
   * The handler's code segment, with the checks that all gates share.
   *
   * @param only64 whether it must be 64-bit code (SDM vol. 3A, 6.14.1)
   */
  private static long handlerCode(Cpu c, int selector, boolean only64) {
    if (Descriptor.nullSelector(selector)) {
      throw c.gp(0);
    }
    long cs = Descriptor.read(c, selector, Vector.GP);
    boolean size = !only64 || (Descriptor.attr(cs) & (Segment.L | Segment.DB)) == Segment.L;
    if (!Descriptor.code(cs) || Descriptor.dpl(cs) > c.cpl || !size) {
      throw c.gp(selector & 0xfffc);
    }
    if (!Descriptor.present(cs)) {
      throw c.np(selector & 0xfffc);
    }
    return cs;
  }

  private static void commit(Cpu c, int level, long offset, boolean interruptGate) {
    c.rip = offset;
    c.setCpl(level);
    int off = RFlags.TF | RFlags.NT | RFlags.VM | RFlags.RF | (interruptGate ? RFlags.IF : 0);
    c.setSystemFlags(c.eflags & ~off);
    CpuMode.update(c);
  }
}
