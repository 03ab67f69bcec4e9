package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/** RETF, and the checks it shares with IRET. Source: SDM vol. 2B, RET; vol. 3A, 5.8.6. */
public final class FarReturn {
  private FarReturn() {}

  static Handler of(Mnemonic m) {
    return m == Mnemonic.RET_FAR ? FarReturn::retFar : null;
  }

  static void retFar(Cpu c, Insn i) {
    int bits = i.opSize;
    int w = bits >> 3;
    int release = i.operandCount == 0 ? 0 : (int) i.imm & 0xffff;
    long ip = Stack.peek(c, bits, 0);
    int cs = (int) Stack.peek(c, bits, w) & 0xffff;
    if (!c.protectedMode) {
      if (ip > (c.seg[Reg.CS].limit & 0xffffffffL)) {
        throw c.gp(0);
      }
      Stack.adjust(c, 2 * w + release);
      SegmentLoad.loadReal(c, Reg.CS, cs);
      c.rip = ip;
      return;
    }
    long code = checkCode(c, cs);
    int level = cs & 3;
    if (level == c.cpl) {
      checkTarget(c, code, ip);
      code = Descriptor.setAccessed(c, cs, code);
      Stack.adjust(c, 2 * w + release);
      enterCode(c, cs, code, ip);
      return;
    }
    long sp = Stack.peek(c, bits, 2L * w + release);
    int ss = (int) Stack.peek(c, bits, 3L * w + release) & 0xffff;
    checkStack(c, ss, level, code);
    checkTarget(c, code, ip);
    code = Descriptor.setAccessed(c, cs, code);
    InnerStack.setAccessed(c);
    c.seg[Reg.SS].copyFrom(c.newStack);
    c.setCpl(level);
    enterCode(c, cs, code, ip);
    Stack.setPointer(c, sp + release);
    SegmentLoad.dropInnerSegments(c);
  }

  /** The code segment a return goes to: #GP or #NP with its selector if it may not. */
  static long checkCode(Cpu c, int cs) {
    if (Descriptor.nullSelector(cs)) {
      throw c.gp(0);
    }
    int code = cs & 0xfffc;
    long d = Descriptor.read(c, cs, Vector.GP);
    int rpl = cs & 3;
    boolean levelOk =
        Descriptor.conforming(d) ? Descriptor.dpl(d) <= rpl : Descriptor.dpl(d) == rpl;
    if (!Descriptor.code(d) || rpl < c.cpl || !levelOk || bothSizes(c, d)) {
      throw c.gp(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    return d;
  }

  /** L and D together: reserved in long mode. */
  static boolean bothSizes(Cpu c, long d) {
    int both = Segment.L | Segment.DB;
    return Descriptor.longModeActive(c) && (Descriptor.attr(d) & both) == both;
  }

  /** Whether code of this segment runs in 64-bit mode. */
  static boolean code64(Cpu c, long d) {
    return Descriptor.longModeActive(c) && (Descriptor.attr(d) & Segment.L) != 0;
  }

  /** #GP(0) if {@code ip} is not canonical or beyond the limit of code segment {@code d}. */
  static void checkTarget(Cpu c, long d, long ip) {
    boolean ok =
        code64(c, d)
            ? Segmentation.canonical(c, ip)
            : (ip & 0xffffffffL) <= Descriptor.limitLong(d);
    if (!ok) {
      throw c.gp(0);
    }
  }

  /** Checks the outer stack segment of a return and leaves it in {@code c.newStack}. */
  static void checkStack(Cpu c, int ss, int level, long code) {
    if (Descriptor.nullSelector(ss)) {
      if (!code64(c, code) || level == 3 || (ss & 3) != level) {
        throw c.gp(0);
      }
      InnerStack.setNull(c.newStack, level);
      c.newStack.selector = ss;
    } else {
      InnerStack.loadStack(c, ss, level, Vector.GP, 0);
    }
  }

  /** Loads CS and RIP; CPL is already that of the selector. */
  static void enterCode(Cpu c, int cs, long d, long ip) {
    Descriptor.load(c.seg[Reg.CS], cs, d);
    CpuMode.update(c);
    c.rip = c.longMode ? ip : ip & 0xffffffffL;
  }
}
