package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** IRET, IRETD and IRETQ in every mode. Source: SDM vol. 2A, IRET. */
public final class Iret {
  /** Flags that any IRET may change, whatever the privilege. */
  private static final int ALWAYS = RFlags.STATUS | RFlags.TF | RFlags.DF | RFlags.NT;

  /** The same in the upper half, for operand sizes above 16. */
  private static final int ALWAYS_HIGH = RFlags.RF | RFlags.AC | RFlags.ID;

  private Iret() {}

  static Handler of(Mnemonic m) {
    return m == Mnemonic.IRET ? Iret::iret : null;
  }

  static void iret(Cpu c, Insn i) {
    if (c.nonRoot == null) {
      c.nmiBlocked = false;
      perform(c, i);
    } else {
      c.nonRoot.iretBegins();
      perform(c, i);
      c.nonRoot.iretEnds();
    }
  }

  private static void perform(Cpu c, Insn i) {
    if (c.realMode()) {
      realMode(c, i.opSize);
    } else if (c.v86()) {
      virtual8086(c, i.opSize);
    } else if ((c.eflags & RFlags.NT) != 0) {
      if (Descriptor.longModeActive(c)) {
        throw c.gp(0);
      }
      TaskSwitch.iret(c);
    } else {
      protectedMode(c, i.opSize);
    }
  }

  private static void realMode(Cpu c, int bits) {
    int w = bits >> 3;
    long ip = Stack.peek(c, bits, 0);
    int cs = (int) Stack.peek(c, bits, w) & 0xffff;
    int flags = (int) Stack.peek(c, bits, 2L * w);
    checkRealLimit(c, ip);
    int mask = RFlags.IF | RFlags.IOPL | (bits == 16 ? ALWAYS : ALWAYS | ALWAYS_HIGH);
    mask &= ~c.model.generation().realFlagsFixed();
    Stack.adjust(c, 3L * w);
    SegmentLoad.loadReal(c, Reg.CS, cs);
    c.rip = ip;
    merge(c, flags, mask);
  }

  private static void virtual8086(Cpu c, int bits) {
    boolean virtual = c.iopl() < 3;
    if (virtual && ((c.cr4 & Cr.CR4_VME) == 0 || bits != 16)) {
      throw c.gp(0);
    }
    int w = bits >> 3;
    long ip = Stack.peek(c, bits, 0);
    int cs = (int) Stack.peek(c, bits, w) & 0xffff;
    int flags = (int) Stack.peek(c, bits, 2L * w);
    checkRealLimit(c, ip);
    int mask = bits == 16 ? ALWAYS : ALWAYS | ALWAYS_HIGH;
    if (virtual) {
      boolean enable = (flags & RFlags.IF) != 0;
      if ((flags & RFlags.TF) != 0 || (enable && (c.eflags & RFlags.VIP) != 0)) {
        throw c.gp(0);
      }
      flags = enable ? flags | RFlags.VIF : flags & ~RFlags.VIF;
      mask |= RFlags.VIF;
    } else {
      mask |= RFlags.IF;
    }
    Stack.adjust(c, 3L * w);
    SegmentLoad.loadReal(c, Reg.CS, cs);
    c.rip = ip;
    merge(c, flags, mask);
  }

  private static void checkRealLimit(Cpu c, long ip) {
    if (ip > (c.seg[Reg.CS].limit & 0xffffffffL)) {
      throw c.gp(0);
    }
  }

  private static void protectedMode(Cpu c, int bits) {
    int w = bits >> 3;
    long ip = Stack.peek(c, bits, 0);
    int cs = (int) Stack.peek(c, bits, w) & 0xffff;
    int flags = (int) Stack.peek(c, bits, 2L * w);
    if ((flags & RFlags.VM) != 0 && bits == 32 && c.cpl == 0 && !Descriptor.longModeActive(c)) {
      toVirtual8086(c, ip, cs, flags);
      return;
    }
    long code = FarReturn.checkCode(c, cs);
    int level = cs & 3;
    int oldLevel = c.cpl;
    int mask = bits == 16 ? ALWAYS : ALWAYS | ALWAYS_HIGH;
    if (oldLevel <= c.iopl()) {
      mask |= RFlags.IF;
    }
    if (oldLevel == 0) {
      mask |= RFlags.IOPL;
      if (bits != 16) {
        mask |= RFlags.VIF | RFlags.VIP;
      }
    }
    if (level == oldLevel && !c.longMode) {
      FarReturn.checkTarget(c, code, ip);
      code = Descriptor.setAccessed(c, cs, code);
      Stack.adjust(c, 3L * w);
      FarReturn.enterCode(c, cs, code, ip);
    } else {
      long sp = Stack.peek(c, bits, 3L * w);
      int ss = (int) Stack.peek(c, bits, 4L * w) & 0xffff;
      FarReturn.checkStack(c, ss, level, code);
      FarReturn.checkTarget(c, code, ip);
      code = Descriptor.setAccessed(c, cs, code);
      InnerStack.setAccessed(c);
      c.seg[Reg.SS].copyFrom(c.newStack);
      c.setCpl(level);
      FarReturn.enterCode(c, cs, code, ip);
      Stack.setPointer(c, sp);
      if (level != oldLevel) {
        SegmentLoad.dropInnerSegments(c);
      }
    }
    merge(c, flags, mask);
  }

  private static void toVirtual8086(Cpu c, long ip, int cs, int flags) {
    long sp = Stack.peek(c, 32, 12);
    int ss = selector(c, 16);
    int es = selector(c, 20);
    int ds = selector(c, 24);
    int fs = selector(c, 28);
    int gs = selector(c, 32);
    if (ip > 0xffff) {
      throw c.gp(0);
    }
    SegmentLoad.setV86(c.seg[Reg.CS], cs);
    SegmentLoad.setV86(c.seg[Reg.SS], ss);
    SegmentLoad.setV86(c.seg[Reg.ES], es);
    SegmentLoad.setV86(c.seg[Reg.DS], ds);
    SegmentLoad.setV86(c.seg[Reg.FS], fs);
    SegmentLoad.setV86(c.seg[Reg.GS], gs);
    c.gpr[Reg.RSP] = sp;
    c.rip = ip;
    c.setCpl(3);
    c.setRflags(flags);
    CpuMode.update(c);
  }

  private static int selector(Cpu c, int offset) {
    return (int) Stack.peek(c, 32, offset) & 0xffff;
  }

  private static void merge(Cpu c, int flags, int mask) {
    c.setRflags(c.rflags() & ~mask | flags & mask);
  }
}
