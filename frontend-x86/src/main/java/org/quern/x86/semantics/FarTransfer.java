package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Far JMP and CALL: direct, through call gates, to tasks. Source: SDM vol. 2A, CALL and JMP; vol.
 * 3A, 5.8.
 */
public final class FarTransfer {
  private FarTransfer() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case JMP_FAR -> FarTransfer::jmpFar;
      case CALL_FAR -> FarTransfer::callFar;
      default -> null;
    };
  }

  static void jmpFar(Cpu c, Insn i) {
    transfer(c, i, false);
  }

  static void callFar(Cpu c, Insn i) {
    transfer(c, i, true);
  }

  private static void transfer(Cpu c, Insn i, boolean call) {
    long offset;
    int selector;
    if (i.op0.kind() == Operand.Kind.FAR) {
      offset = i.imm;
      selector = (int) i.imm2 & 0xffff;
    } else {
      int bytes = i.opSize >> 3;
      long ea = Operands.effective(c, i);
      offset = c.mmu.read(Segmentation.read(c, i.segment, ea, bytes), bytes);
      selector =
          c.mmu.read16(Segmentation.read(c, i.segment, SegmentLoad.offsetBy(i, ea, bytes), 2));
    }
    if (i.opSize == 16) {
      offset &= 0xffff;
    } else if (i.opSize == 32) {
      offset &= 0xffffffffL;
    }
    if (!c.protectedMode) {
      real(c, selector, offset, i.opSize, call);
    } else {
      protectedMode(c, selector, offset, i.opSize, call);
    }
  }

  private static void real(Cpu c, int selector, long offset, int bits, boolean call) {
    if (call) {
      checkRoom(c, bits);
    }
    if (offset > (c.seg[Reg.CS].limit & 0xffffffffL)) {
      throw c.gp(0);
    }
    if (call) {
      pushReturn(c, bits);
      returnPushed(c, bits);
    }
    SegmentLoad.loadReal(c, Reg.CS, selector);
    c.rip = offset;
  }

  /** #SS(0) unless CS and RIP fit on the current stack: comes before the check of the target. */
  private static void checkRoom(Cpu c, int bits) {
    int w = bits >> 3;
    Stack.writeAddress(c, -w, w);
    Stack.writeAddress(c, -2L * w, w);
  }

  /** Writes CS and RIP below the current stack; {@link #returnPushed} then moves RSP. */
  private static void pushReturn(Cpu c, int bits) {
    int w = bits >> 3;
    long csAddress = Stack.writeAddress(c, -w, w);
    long ipAddress = Stack.writeAddress(c, -2L * w, w);
    c.mmu.probeWrite(csAddress, w);
    c.mmu.probeWrite(ipAddress, w);
    c.mmu.write(csAddress, w, c.seg[Reg.CS].selector);
    c.mmu.write(ipAddress, w, c.rip);
  }

  private static void returnPushed(Cpu c, int bits) {
    Stack.adjust(c, -2L * (bits >> 3));
  }

  private static void protectedMode(Cpu c, int selector, long offset, int bits, boolean call) {
    if (Descriptor.nullSelector(selector)) {
      throw c.gp(0);
    }
    int code = selector & 0xfffc;
    long d = Descriptor.read(c, selector, Vector.GP);
    if (!Descriptor.system(d)) {
      direct(c, selector, d, offset, bits, call);
      return;
    }
    boolean denied = Descriptor.dpl(d) < c.cpl || Descriptor.dpl(d) < (selector & 3);
    int type = Descriptor.kind(d);
    boolean longModeActive = Descriptor.longModeActive(c);
    boolean known =
        switch (type) {
          case Descriptor.CALL_GATE32 -> true;
          case Descriptor.CALL_GATE16, Descriptor.TASK_GATE -> !longModeActive;
          case Descriptor.TSS16, Descriptor.TSS32 -> !longModeActive && (selector & 4) == 0;
          default -> false;
        };
    if (!known || denied) {
      throw c.gp(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    int cause = call ? TaskSwitch.CALL : TaskSwitch.JMP;
    switch (type) {
      case Descriptor.TASK_GATE ->
          TaskSwitch.throughGate(c, Descriptor.gateSelector(d), cause, c.rflags());
      case Descriptor.TSS16, Descriptor.TSS32 ->
          TaskSwitch.switchTo(c, selector, d, cause, c.rflags());
      default -> {
        if (longModeActive) {
          gate64(c, selector, d, call);
        } else {
          gate(c, d, call);
        }
      }
    }
  }

  private static void direct(Cpu c, int selector, long d, long offset, int bits, boolean call) {
    int code = selector & 0xfffc;
    boolean levelOk =
        Descriptor.conforming(d)
            ? Descriptor.dpl(d) <= c.cpl
            : (selector & 3) <= c.cpl && Descriptor.dpl(d) == c.cpl;
    if (!Descriptor.code(d) || !levelOk || FarReturn.bothSizes(c, d)) {
      throw c.gp(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    if (call) {
      checkRoom(c, bits);
    }
    FarReturn.checkTarget(c, d, offset);
    if (call) {
      pushReturn(c, bits);
    }
    d = Descriptor.setAccessed(c, selector, d);
    if (call) {
      returnPushed(c, bits);
    }
    FarReturn.enterCode(c, selector & 0xfffc | c.cpl, d, offset);
  }

  /** The code segment behind a call gate, checked but for the choice between CALL and JMP. */
  private static long gateTarget(Cpu c, int selector, boolean call) {
    if (Descriptor.nullSelector(selector)) {
      throw c.gp(0);
    }
    long d = Descriptor.read(c, selector, Vector.GP);
    boolean inner = !Descriptor.conforming(d) && Descriptor.dpl(d) < c.cpl;
    if (!Descriptor.code(d) || Descriptor.dpl(d) > c.cpl || (inner && !call)) {
      throw c.gp(selector & 0xfffc);
    }
    return d;
  }

  private static void gate(Cpu c, long gate, boolean call) {
    int selector = Descriptor.gateSelector(gate);
    long d = gateTarget(c, selector, call);
    if (!Descriptor.present(d)) {
      throw c.np(selector & 0xfffc);
    }
    boolean wide = Descriptor.kind(gate) == Descriptor.CALL_GATE32;
    long offset = Descriptor.gateOffset(gate);
    if (!wide) {
      offset &= 0xffff;
    }
    int level = Descriptor.dpl(d);
    if (Descriptor.conforming(d) || level == c.cpl) {
      if (call) {
        checkRoom(c, wide ? 32 : 16);
      }
      FarReturn.checkTarget(c, d, offset);
      int bits = wide ? 32 : 16;
      if (call) {
        pushReturn(c, bits);
      }
      d = Descriptor.setAccessed(c, selector, d);
      if (call) {
        returnPushed(c, bits);
      }
      FarReturn.enterCode(c, selector & 0xfffc | c.cpl, d, offset);
      return;
    }
    int bytes = wide ? 4 : 2;
    long sp = InnerStack.fromTss(c, level);
    Segment ss = c.newStack;
    int ssCode = ss.selector & 0xfffc;
    int count = Descriptor.gateCount(gate);
    InnerStack.checkRoom(c, ss, sp, bytes, count + 4, ssCode);
    FarReturn.checkTarget(c, d, offset);
    for (int n = 0; n < count; n++) {
      // Parameters that cannot be read fault before anything is pushed.
      c.mmu.probeRead(Stack.readAddress(c, (long) n * bytes, bytes), bytes);
    }
    sp = InnerStack.push(c, ss, sp, bytes, c.seg[Reg.SS].selector, ssCode, true);
    sp = InnerStack.push(c, ss, sp, bytes, c.gpr[Reg.RSP], ssCode, true);
    for (int n = count - 1; n >= 0; n--) {
      long parameter = Stack.peek(c, bytes * 8, (long) n * bytes);
      sp = InnerStack.push(c, ss, sp, bytes, parameter, ssCode, true);
    }
    sp = InnerStack.push(c, ss, sp, bytes, c.seg[Reg.CS].selector, ssCode, true);
    sp = InnerStack.push(c, ss, sp, bytes, c.rip, ssCode, true);
    d = Descriptor.setAccessed(c, selector, d);
    InnerStack.setAccessed(c);

    c.seg[Reg.SS].copyFrom(ss);
    c.setCpl(level);
    FarReturn.enterCode(c, selector & 0xfffc | level, d, offset);
    Stack.setPointer(c, sp);
  }

  /** Call gates of long mode are 16 bytes long and lead to 64-bit code only. */
  private static void gate64(Cpu c, int gateSelector, long gate, boolean call) {
    long high = Descriptor.readHigh(c, gateSelector, Vector.GP);
    if ((high >>> 40 & Descriptor.KIND) != 0) {
      throw c.gp(gateSelector & 0xfffc);
    }
    int selector = Descriptor.gateSelector(gate);
    long d = gateTarget(c, selector, call);
    if ((Descriptor.attr(d) & (Segment.L | Segment.DB)) != Segment.L) {
      throw c.gp(selector & 0xfffc);
    }
    if (!Descriptor.present(d)) {
      throw c.np(selector & 0xfffc);
    }
    long offset = Descriptor.gateOffset(gate) | high << 32;
    int level = Descriptor.conforming(d) ? c.cpl : Descriptor.dpl(d);
    boolean inner = level < c.cpl;
    long sp = inner ? InnerStack.fromTss64(c, level) : c.gpr[Reg.RSP] & c.stackMask;
    if (call) {
      InnerStack.checkRoom64(c, sp, inner ? 4 : 2);
    }
    FarReturn.checkTarget(c, d, offset);
    if (call) {
      if (inner) {
        sp = InnerStack.push64(c, sp, c.seg[Reg.SS].selector, true);
        sp = InnerStack.push64(c, sp, c.gpr[Reg.RSP], true);
      }
      sp = InnerStack.push64(c, sp, c.seg[Reg.CS].selector, inner);
      sp = InnerStack.push64(c, sp, c.rip, inner);
    }
    d = Descriptor.setAccessed(c, selector, d);

    if (inner) {
      InnerStack.setNull(c.seg[Reg.SS], level);
      c.setCpl(level);
    }
    Descriptor.load(c.seg[Reg.CS], selector & 0xfffc | level, d);
    CpuMode.update(c);
    c.rip = offset;
    if (call) {
      c.gpr[Reg.RSP] = sp;
    }
  }
}
