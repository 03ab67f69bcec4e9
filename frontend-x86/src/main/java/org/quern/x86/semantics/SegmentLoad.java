package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.CpuMode;
import org.quern.x86.state.Reg;
import org.quern.x86.state.Segment;

/**
 * Loads of data and stack segment registers, and the instructions that make them. Source: SDM vol.
 * 2B, MOV (loading a segment register); vol. 3A, 5.6 and 5.7.
 */
public final class SegmentLoad {
  private SegmentLoad() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case MOV_SREG -> SegmentLoad::movSreg;
      case PUSH_SREG -> SegmentLoad::pushSreg;
      case POP_SREG -> SegmentLoad::popSreg;
      case LES -> (c, i) -> loadFar(c, i, Reg.ES);
      case LDS -> (c, i) -> loadFar(c, i, Reg.DS);
      case LSS -> (c, i) -> loadFar(c, i, Reg.SS);
      case LFS -> (c, i) -> loadFar(c, i, Reg.FS);
      case LGS -> (c, i) -> loadFar(c, i, Reg.GS);
      default -> null;
    };
  }

  /** MOV r/m, Sreg and MOV Sreg, r/m. */
  static void movSreg(Cpu c, Insn i) {
    switch (i.op0.kind()) {
      case SEGMENT -> {
        int s = i.op0.reg();
        if (s == Reg.CS || s > Reg.GS) {
          throw c.ud();
        }
        load(c, s, SystemTables.readSelector(c, i, i.op1));
        if (s == Reg.SS) {
          shadow(c);
        }
      }
      default -> {
        int s = i.op1.reg();
        if (s > Reg.GS) {
          throw c.ud();
        }
        SystemTables.writeSelector(c, i, i.op0, c.seg[s].selector);
      }
    }
  }

  /** PUSH Sreg: a 32-bit push writes only the low half of its slot (SDM vol. 2B, PUSH). */
  static void pushSreg(Cpu c, Insn i) {
    int selector = c.seg[i.op0.reg()].selector;
    if (i.opSize == 32) {
      c.mmu.write16(Stack.writeAddress(c, -4, 2), selector);
      Stack.adjust(c, -4);
    } else {
      Stack.push(c, i.opSize, selector);
    }
  }

  /** POP Sreg: a wide pop reads only the selector. */
  static void popSreg(Cpu c, Insn i) {
    int s = i.op0.reg();
    int selector = c.mmu.read16(Stack.readAddress(c, 0, 2));
    long sp = c.gpr[Reg.RSP];
    long mask = c.stackMask;
    load(c, s, selector);
    // The pointer moves under the old stack's width.
    long moved = sp + (i.opSize >> 3) & mask;
    if (mask == 0xffff) {
      c.setGpr16(Reg.RSP, (int) moved);
    } else {
      c.gpr[Reg.RSP] = moved;
    }
    if (s == Reg.SS) {
      shadow(c);
    }
  }

  /** Behind MOV SS and POP SS: no interrupt, and no single-step trap of the load itself. */
  private static void shadow(Cpu c) {
    c.startShadow(Cpu.Shadow.MOV_SS);
    c.stepDecided = true;
  }

  /** LDS, LES, LSS, LFS, LGS. */
  private static void loadFar(Cpu c, Insn i, int s) {
    int bytes = i.opSize >> 3;
    long ea = Operands.effective(c, i);
    long offset = c.mmu.read(Segmentation.read(c, i.segment, ea, bytes), bytes);
    int selector = c.mmu.read16(Segmentation.read(c, i.segment, offsetBy(i, ea, bytes), 2));
    load(c, s, selector);
    c.setReg(i.op0.reg(), i.opSize, offset);
  }

  /** An address {@code n} bytes on, wrapped to the instruction's address size. */
  static long offsetBy(Insn i, long ea, int n) {
    return switch (i.addrSize) {
      case 64 -> ea + n;
      case 32 -> ea + n & 0xffffffffL;
      default -> ea + n & 0xffff;
    };
  }

  // ---- loads

  /** Loads ES, SS, DS, FS or GS in the current mode. */
  public static void load(Cpu c, int s, int selector) {
    if (!c.protectedMode) {
      loadReal(c, s, selector);
    } else if (s == Reg.SS) {
      loadStack(c, selector);
    } else {
      loadData(c, s, selector);
    }
  }

  /** Real and virtual-8086 mode: the base follows the selector; real mode keeps the limit. */
  static void loadReal(Cpu c, int s, int selector) {
    Segment seg = c.seg[s];
    if (c.v86()) {
      setV86(seg, selector);
    } else {
      int attr = seg.attr & ~(Segment.DPL | Segment.TYPE);
      attr |= Segment.P | Segment.S | Segment.WRITABLE | Segment.ACCESSED;
      seg.set(selector, (long) selector << 4, seg.limit, attr, true);
    }
    if (s == Reg.CS || s == Reg.SS) {
      CpuMode.update(c);
    }
  }

  /** Fills in a segment register as virtual-8086 mode has it. Source: SDM vol. 3B, 20.2.1. */
  static void setV86(Segment seg, int selector) {
    int attr = Segment.P | Segment.S | Segment.DPL | Segment.WRITABLE | Segment.ACCESSED;
    seg.set(selector, (long) selector << 4, 0xffff, attr, true);
  }

  private static void loadStack(Cpu c, int selector) {
    if (Descriptor.nullSelector(selector)) {
      if (!c.longMode || c.cpl == 3 || (selector & 3) != c.cpl) {
        throw c.gp(0);
      }
      c.seg[Reg.SS].set(selector, 0, 0, c.cpl << Segment.DPL_SHIFT, false);
      return;
    }
    int code = selector & 0xfffc;
    long d = Descriptor.read(c, selector, Vector.GP);
    if ((selector & 3) != c.cpl || !Descriptor.writableData(d) || Descriptor.dpl(d) != c.cpl) {
      throw c.gp(code);
    }
    if (!Descriptor.present(d)) {
      throw c.ss(code);
    }
    int old = c.seg[Reg.SS].attr;
    Descriptor.load(c.seg[Reg.SS], selector, Descriptor.setAccessed(c, selector, d));
    if (((old ^ c.seg[Reg.SS].attr) & Segment.DB) != 0) {
      CpuMode.update(c);
    }
  }

  private static void loadData(Cpu c, int s, int selector) {
    if (Descriptor.nullSelector(selector)) {
      c.seg[s].set(selector, 0, 0, 0, false);
      return;
    }
    int code = selector & 0xfffc;
    long d = Descriptor.read(c, selector, Vector.GP);
    if (!readable(d)) {
      throw c.gp(code);
    }
    boolean checked = !Descriptor.code(d) || !Descriptor.conforming(d);
    if (checked && ((selector & 3) > Descriptor.dpl(d) || c.cpl > Descriptor.dpl(d))) {
      throw c.gp(code);
    }
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    Descriptor.load(c.seg[s], selector, Descriptor.setAccessed(c, selector, d));
  }

  /** Data, or code that may be read. */
  static boolean readable(long d) {
    int kind = Descriptor.kind(d);
    return (kind & Segment.S) != 0 && (kind & (Segment.CODE | Segment.READABLE)) != Segment.CODE;
  }

  /** After a return to an outer level: what that level may not use becomes null. */
  static void dropInnerSegments(Cpu c) {
    dropInner(c, Reg.ES);
    dropInner(c, Reg.DS);
    dropInner(c, Reg.FS);
    dropInner(c, Reg.GS);
  }

  private static void dropInner(Cpu c, int s) {
    Segment seg = c.seg[s];
    boolean conforming =
        (seg.attr & (Segment.CODE | Segment.CONFORMING)) == (Segment.CODE | Segment.CONFORMING);
    if (seg.usable && seg.dpl() < c.cpl && !conforming) {
      // The base stays: 64-bit mode goes on using those of FS and GS.
      seg.set(0, seg.base, 0, 0, false);
    }
  }
}
