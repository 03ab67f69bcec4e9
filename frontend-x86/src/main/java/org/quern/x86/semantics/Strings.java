package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * String instructions, with and without repeat prefix.
 *
 * <p>A repeated instruction works through at most {@value #BUDGET} elements, or until something is
 * pending; if elements remain it sets RIP back to itself, so that the engine looks at interrupts
 * and runs it again. The registers are up to date after each element, so a fault in the middle is
 * exact. Forward MOVS and STOS move whole runs inside a page through {@link BulkStrings}. Source:
 * SDM vol. 1, 7.3.9 and vol. 2B, REP/REPE/REPNE.
 */
public final class Strings {
  /** Elements a repeated instruction may process before the engine is asked. */
  static final int BUDGET = 4096;

  private static final int REPE = 0xf3;

  private Strings() {}

  /** One element: moves the data and the index registers. */
  @FunctionalInterface
  private interface Element {
    void move(Cpu c, Insn i);
  }

  static Handler of(Mnemonic m) {
    return switch (m) {
      case MOVS -> Strings::movs;
      case STOS -> Strings::stos;
      case LODS -> Strings::lods;
      case CMPS -> Strings::cmps;
      case SCAS -> Strings::scas;
      case INS -> Strings::ins;
      case OUTS -> Strings::outs;
      default -> null;
    };
  }

  // ---- addresses and counters

  static long mask(Insn i) {
    return i.addrSize == 64 ? -1 : (1L << i.addrSize) - 1;
  }

  private static long source(Cpu c, Insn i, int bytes) {
    return Segmentation.read(c, i.segment, c.gpr[Reg.RSI] & mask(i), bytes);
  }

  private static long destination(Cpu c, Insn i, int bytes) {
    return Segmentation.write(c, Reg.ES, c.gpr[Reg.RDI] & mask(i), bytes);
  }

  /** The destination where it is only read: CMPS and SCAS. */
  private static long compared(Cpu c, Insn i, int bytes) {
    return Segmentation.read(c, Reg.ES, c.gpr[Reg.RDI] & mask(i), bytes);
  }

  /** Moves an index register one element on. */
  private static void step(Cpu c, Insn i, int r, int bytes) {
    long n = (c.eflags & RFlags.DF) == 0 ? bytes : -bytes;
    c.setReg(r, i.addrSize, c.gpr[r] + n);
  }

  /** Moves an index register {@code bytes} up. */
  static void advance(Cpu c, Insn i, int r, long bytes) {
    c.setReg(r, i.addrSize, c.gpr[r] + bytes);
  }

  /** RIP back to this instruction: more elements remain. */
  private static void again(Cpu c, Insn i) {
    c.unfinished++;
    long start = c.rip - i.length;
    c.rip = c.longMode ? start : start & 0xffffffffL;
  }

  private static void repeat(Cpu c, Insn i, Element e) {
    long left = c.gpr[Reg.RCX] & mask(i);
    int budget = BUDGET;
    while (left != 0) {
      e.move(c, i);
      left--;
      c.setReg(Reg.RCX, i.addrSize, left);
      if (left != 0 && (--budget == 0 || c.pending != 0)) {
        again(c, i);
        return;
      }
    }
  }

  /** REPE and REPNE: {@link #repeat} that also ends when ZF is not as the prefix says. */
  private static void repeatCompare(Cpu c, Insn i, Element e) {
    long left = c.gpr[Reg.RCX] & mask(i);
    boolean whileEqual = i.rep == REPE;
    int budget = BUDGET;
    while (left != 0) {
      e.move(c, i);
      left--;
      c.setReg(Reg.RCX, i.addrSize, left);
      if (c.zf() != whileEqual) {
        return;
      }
      if (left != 0 && (--budget == 0 || c.pending != 0)) {
        again(c, i);
        return;
      }
    }
  }

  // ---- MOVS and STOS: runs in bulk where possible

  private static void movs(Cpu c, Insn i) {
    if (i.rep == 0) {
      movsElement(c, i);
      return;
    }
    long left = c.gpr[Reg.RCX] & mask(i);
    long budget = BUDGET;
    while (left != 0) {
      long n = BulkStrings.movs(c, i, left);
      if (n == 0) {
        movsElement(c, i);
        n = 1;
      }
      left -= n;
      budget -= n;
      c.setReg(Reg.RCX, i.addrSize, left);
      if (left != 0 && (budget <= 0 || c.pending != 0)) {
        again(c, i);
        return;
      }
    }
  }

  private static void stos(Cpu c, Insn i) {
    if (i.rep == 0) {
      stosElement(c, i);
      return;
    }
    long left = c.gpr[Reg.RCX] & mask(i);
    long budget = BUDGET;
    while (left != 0) {
      long n = BulkStrings.stos(c, i, left);
      if (n == 0) {
        stosElement(c, i);
        n = 1;
      }
      left -= n;
      budget -= n;
      c.setReg(Reg.RCX, i.addrSize, left);
      if (left != 0 && (budget <= 0 || c.pending != 0)) {
        again(c, i);
        return;
      }
    }
  }

  private static void movsElement(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    long v = c.mmu.read(source(c, i, bytes), bytes);
    c.mmu.write(destination(c, i, bytes), bytes, v);
    step(c, i, Reg.RSI, bytes);
    step(c, i, Reg.RDI, bytes);
  }

  private static void stosElement(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    c.mmu.write(destination(c, i, bytes), bytes, c.gpr[Reg.RAX]);
    step(c, i, Reg.RDI, bytes);
  }

  // ---- LODS, CMPS, SCAS

  private static void lods(Cpu c, Insn i) {
    if (i.rep == 0) {
      lodsElement(c, i);
    } else {
      repeat(c, i, Strings::lodsElement);
    }
  }

  private static void lodsElement(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    long v = c.mmu.read(source(c, i, bytes), bytes);
    c.setReg(Reg.RAX, i.opSize, v);
    step(c, i, Reg.RSI, bytes);
  }

  private static void cmps(Cpu c, Insn i) {
    if (i.rep == 0) {
      cmpsElement(c, i);
    } else {
      repeatCompare(c, i, Strings::cmpsElement);
    }
  }

  /** The destination is read first: an 80286 does so and a Zen 4; no manual says. */
  private static void cmpsElement(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    long b = c.mmu.read(compared(c, i, bytes), bytes);
    long a = c.mmu.read(source(c, i, bytes), bytes);
    Alu.cmp(c, i.opSize, a, b);
    step(c, i, Reg.RSI, bytes);
    step(c, i, Reg.RDI, bytes);
  }

  private static void scas(Cpu c, Insn i) {
    if (i.rep == 0) {
      scasElement(c, i);
    } else {
      repeatCompare(c, i, Strings::scasElement);
    }
  }

  private static void scasElement(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    long b = c.mmu.read(compared(c, i, bytes), bytes);
    Alu.cmp(c, i.opSize, c.gpr[Reg.RAX], b);
    step(c, i, Reg.RDI, bytes);
  }

  // ---- INS and OUTS

  private static void ins(Cpu c, Insn i) {
    IoPermission.check(c, c.gpr16(Reg.RDX), portBytes(i));
    intercept(c, i, Reg.ES, Reg.RDI);
    if (i.rep == 0) {
      insElement(c, i);
    } else {
      repeat(c, i, Strings::insElement);
    }
  }

  /** In VMX non-root operation INS and OUTS may leave before they touch memory. */
  private static void intercept(Cpu c, Insn i, int segment, int index) {
    if (c.nonRoot == null || (i.rep != 0 && (c.gpr[Reg.RCX] & mask(i)) == 0)) {
      return;
    }
    boolean flat = c.longMode && segment < Reg.FS;
    long la = (c.gpr[index] & mask(i)) + (flat ? 0 : c.seg[segment].base);
    boolean in = index == Reg.RDI;
    c.nonRoot.port(i, c.gpr16(Reg.RDX), portBytes(i), in, true, c.longMode ? la : (int) la);
  }

  /** Ports are at most 32 bits wide, whatever the operand size. */
  private static int portBytes(Insn i) {
    return Math.min(i.opSize, 32) >> 3;
  }

  /** The destination is probed first: what a port gave away cannot be read again. */
  private static void insElement(Cpu c, Insn i) {
    int bytes = portBytes(i);
    long la = destination(c, i, bytes);
    c.mmu.probeWrite(la, bytes);
    c.mmu.write(la, bytes, c.bus.portRead(c.gpr16(Reg.RDX), bytes));
    Debug.portAccess(c, c.gpr16(Reg.RDX), bytes);
    step(c, i, Reg.RDI, bytes);
  }

  private static void outs(Cpu c, Insn i) {
    IoPermission.check(c, c.gpr16(Reg.RDX), portBytes(i));
    intercept(c, i, i.segment, Reg.RSI);
    if (i.rep == 0) {
      outsElement(c, i);
    } else {
      repeat(c, i, Strings::outsElement);
    }
  }

  private static void outsElement(Cpu c, Insn i) {
    int bytes = portBytes(i);
    long v = c.mmu.read(source(c, i, bytes), bytes);
    c.bus.portWrite(c.gpr16(Reg.RDX), bytes, (int) v);
    Debug.portAccess(c, c.gpr16(Reg.RDX), bytes);
    step(c, i, Reg.RSI, bytes);
  }
}
