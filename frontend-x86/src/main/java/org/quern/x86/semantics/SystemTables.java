package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;
import org.quern.x86.state.Segment;

/**
 * Descriptor-table registers and the instructions that look at descriptors. Source: SDM vol. 2,
 * each instruction; vol. 3A, 2.4 and 5.10.
 */
public final class SystemTables {
  // Which system descriptor types LAR and LSL accept, a bit each: SDM vol. 2A, tables 3-52, 3-54.
  private static final int LAR_LEGACY =
      1 << 1 | 1 << 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 9 | 1 << 11 | 1 << 12;
  private static final int LAR_LONG = 1 << 2 | 1 << 9 | 1 << 11 | 1 << 12;
  private static final int LSL_LEGACY = 1 << 1 | 1 << 2 | 1 << 3 | 1 << 9 | 1 << 11;
  private static final int LSL_LONG = 1 << 2 | 1 << 9 | 1 << 11;

  private SystemTables() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case LGDT -> SystemTables::lgdt;
      case LIDT -> SystemTables::lidt;
      case SGDT -> SystemTables::sgdt;
      case SIDT -> SystemTables::sidt;
      case LLDT -> SystemTables::lldt;
      case SLDT -> SystemTables::sldt;
      case LTR -> SystemTables::ltr;
      case STR -> SystemTables::str;
      case VERR -> SystemTables::verr;
      case VERW -> SystemTables::verw;
      case LAR -> SystemTables::lar;
      case LSL -> SystemTables::lsl;
      case ARPL -> SystemTables::arpl;
      default -> null;
    };
  }

  // ---- operands

  /** A 16-bit r/m operand, whatever size the register form has. */
  static int readSelector(Cpu c, Insn i, Operand o) {
    return o.isMem() ? c.mmu.read16(Operands.readAddress(c, i, 2)) : c.gpr16(o.reg());
  }

  /** Writes a selector: 16 bits to memory, zero-extended to the operand size in a register. */
  static void writeSelector(Cpu c, Insn i, Operand o, int selector) {
    if (o.isMem()) {
      c.mmu.write16(Operands.writeAddress(c, i, 2), selector);
    } else {
      c.setReg(o.reg(), i.opSize, selector);
    }
  }

  /** #GP(0) where UMIP hides system registers from programs. */
  static void checkUmip(Cpu c) {
    if (c.cpl != 0 && (c.cr4 & Cr.CR4_UMIP) != 0) {
      throw c.gp(0);
    }
  }

  private static void intercept(Cpu c, Insn i) {
    if (c.nonRoot != null) {
      c.nonRoot.check(i, 0);
    }
  }

  private static void protectedOnly(Cpu c) {
    if (!c.protectedMode) {
      throw c.ud();
    }
  }

  // ---- GDTR and IDTR

  static void lgdt(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    intercept(c, i);
    int limit = readLimit(c, i);
    c.gdtBase = readBase(c, i);
    c.gdtLimit = limit;
  }

  static void lidt(Cpu c, Insn i) {
    ControlRegs.privileged(c);
    intercept(c, i);
    int limit = readLimit(c, i);
    c.idtBase = readBase(c, i);
    c.idtLimit = limit;
  }

  private static int readLimit(Cpu c, Insn i) {
    return c.mmu.read16(Segmentation.read(c, i.segment, Operands.effective(c, i), 2));
  }

  private static long readBase(Cpu c, Insn i) {
    long ea = SegmentLoad.offsetBy(i, Operands.effective(c, i), 2);
    if (c.longMode) {
      long base = c.mmu.read64(Segmentation.read(c, i.segment, ea, 8));
      if (!Segmentation.canonicalBase(c, base)) {
        throw c.gp(0);
      }
      return base;
    }
    long base = c.mmu.read32(Segmentation.read(c, i.segment, ea, 4)) & 0xffffffffL;
    return i.opSize == 16 ? base & 0xffffff : base;
  }

  static void sgdt(Cpu c, Insn i) {
    checkUmip(c);
    intercept(c, i);
    storeTable(c, i, c.gdtLimit, c.gdtBase);
  }

  static void sidt(Cpu c, Insn i) {
    checkUmip(c);
    intercept(c, i);
    storeTable(c, i, c.idtLimit, c.idtBase);
  }

  private static void storeTable(Cpu c, Insn i, int limit, long base) {
    int bytes = c.longMode ? 8 : 4;
    long ea = Operands.effective(c, i);
    long limitAt = Segmentation.write(c, i.segment, ea, 2);
    long baseAt = Segmentation.write(c, i.segment, SegmentLoad.offsetBy(i, ea, 2), bytes);
    c.mmu.probeWrite(limitAt, 2);
    c.mmu.probeWrite(baseAt, bytes);
    c.mmu.write16(limitAt, limit);
    c.mmu.write(baseAt, bytes, base);
  }

  // ---- LDTR and TR

  static void lldt(Cpu c, Insn i) {
    protectedOnly(c);
    ControlRegs.privileged(c);
    intercept(c, i);
    int selector = readSelector(c, i, i.op0);
    if (Descriptor.nullSelector(selector)) {
      c.ldtr.set(selector, 0, 0, 0, false);
      return;
    }
    int code = selector & 0xfffc;
    if ((selector & 4) != 0) {
      throw c.gp(code);
    }
    long d = Descriptor.read(c, selector, Vector.GP);
    if (Descriptor.kind(d) != Descriptor.LDT) {
      throw c.gp(code);
    }
    long base = systemBase(c, selector, d);
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    c.ldtr.set(selector, base, Descriptor.limit(d), Descriptor.attr(d), true);
  }

  static void ltr(Cpu c, Insn i) {
    protectedOnly(c);
    ControlRegs.privileged(c);
    intercept(c, i);
    int selector = readSelector(c, i, i.op0);
    if (Descriptor.nullSelector(selector)) {
      throw c.gp(0);
    }
    int code = selector & 0xfffc;
    if ((selector & 4) != 0) {
      throw c.gp(code);
    }
    long d = Descriptor.read(c, selector, Vector.GP);
    int kind = Descriptor.kind(d);
    boolean tss16 = kind == Descriptor.TSS16 && !Descriptor.longModeActive(c);
    if (kind != Descriptor.TSS32 && !tss16) {
      throw c.gp(code);
    }
    long base = systemBase(c, selector, d);
    if (!Descriptor.present(d)) {
      throw c.np(code);
    }
    Descriptor.setBusy(c, selector, true);
    c.tr.set(selector, base, Descriptor.limit(d), Descriptor.attr(d) | Descriptor.BUSY, true);
  }

  /** Base of an LDT or TSS descriptor, which has 16 bytes in long mode. */
  private static long systemBase(Cpu c, int selector, long d) {
    long base = Descriptor.base(d);
    if (Descriptor.longModeActive(c)) {
      long high = Descriptor.readHigh(c, selector, Vector.GP);
      base |= high << 32;
      if ((high >>> 40 & Descriptor.KIND) != 0 || !Segmentation.canonicalBase(c, base)) {
        throw c.gp(selector & 0xfffc);
      }
    }
    return base;
  }

  static void sldt(Cpu c, Insn i) {
    protectedOnly(c);
    checkUmip(c);
    intercept(c, i);
    writeSelector(c, i, i.op0, c.ldtr.selector);
  }

  static void str(Cpu c, Insn i) {
    protectedOnly(c);
    checkUmip(c);
    intercept(c, i);
    writeSelector(c, i, i.op0, c.tr.selector);
  }

  // ---- looking at descriptors

  static void verr(Cpu c, Insn i) {
    protectedOnly(c);
    int selector = readSelector(c, i, i.op0);
    boolean ok = false;
    if (visible(c, selector)) {
      long d = c.mmu.readSystem64(Descriptor.address(c, selector));
      ok = SegmentLoad.readable(d) && permitted(c, selector, d);
    }
    c.setZf(ok);
  }

  static void verw(Cpu c, Insn i) {
    protectedOnly(c);
    int selector = readSelector(c, i, i.op0);
    boolean ok = false;
    if (visible(c, selector)) {
      long d = c.mmu.readSystem64(Descriptor.address(c, selector));
      ok = Descriptor.writableData(d) && permitted(c, selector, d);
    }
    c.setZf(ok);
  }

  static void lar(Cpu c, Insn i) {
    protectedOnly(c);
    int selector = readSelector(c, i, i.op1);
    if (visible(c, selector)) {
      long d = c.mmu.readSystem64(Descriptor.address(c, selector));
      if (accepted(c, selector, d, LAR_LEGACY, LAR_LONG)) {
        c.setReg(i.op0.reg(), i.opSize, d >>> 32 & (i.opSize == 16 ? 0xff00 : 0xf0ff00));
        c.setZf(true);
        return;
      }
    }
    c.setZf(false);
  }

  static void lsl(Cpu c, Insn i) {
    protectedOnly(c);
    int selector = readSelector(c, i, i.op1);
    if (visible(c, selector)) {
      long d = c.mmu.readSystem64(Descriptor.address(c, selector));
      if (accepted(c, selector, d, LSL_LEGACY, LSL_LONG)) {
        c.setReg(i.op0.reg(), i.opSize, Descriptor.limitLong(d));
        c.setZf(true);
        return;
      }
    }
    c.setZf(false);
  }

  private static boolean visible(Cpu c, int selector) {
    return !Descriptor.nullSelector(selector) && Descriptor.inTable(c, selector, 8);
  }

  private static boolean accepted(Cpu c, int selector, long d, int legacy, int longMode) {
    if (Descriptor.system(d)) {
      int types = Descriptor.longModeActive(c) ? longMode : legacy;
      if ((types >> (Descriptor.kind(d) & Segment.TYPE) & 1) == 0) {
        return false;
      }
    }
    return permitted(c, selector, d);
  }

  /** Conforming code is open to all; anything else needs DPL at or above CPL and RPL. */
  private static boolean permitted(Cpu c, int selector, long d) {
    boolean open = Descriptor.code(d) && Descriptor.conforming(d);
    return open || (Descriptor.dpl(d) >= c.cpl && Descriptor.dpl(d) >= (selector & 3));
  }

  /** Writes, and asks for the right to write, only if it changes something (as a 386 does). */
  static void arpl(Cpu c, Insn i) {
    protectedOnly(c);
    int old = readSelector(c, i, i.op0);
    int rpl = c.gpr16(i.op1.reg()) & 3;
    boolean raise = (old & 3) < rpl;
    if (raise) {
      int v = old & ~3 | rpl;
      if (i.op0.isMem()) {
        c.mmu.write16(Operands.writeAddress(c, i, 2), v);
      } else {
        c.setGpr16(i.op0.reg(), v);
      }
    }
    c.setZf(raise);
  }
}
