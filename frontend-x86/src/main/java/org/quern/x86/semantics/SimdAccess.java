package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * When MMX and SSE instructions may run, and how they reach registers and memory. Sources: SDM vol.
 * 3A, 2.5 (CR0.EM, CR0.TS, CR4.OSFXSR), 12.1 (MMX), 13.1; vol. 1, 11.6 (alignment).
 */
public final class SimdAccess {
  /** Error summary: an unmasked x87 exception is pending. SDM vol. 1, 8.1.3. */
  private static final int FSW_ES = 0x80;

  private SimdAccess() {}

  // ---- enabling

  /** Whether SSE instructions may run. */
  public static boolean sseOn(Cpu c) {
    return (c.cr0 & (Cr.CR0_EM | Cr.CR0_TS)) == 0 && (c.cr4 & Cr.CR4_OSFXSR) != 0;
  }

  /** Raises #UD or #NM if SSE instructions are off. */
  public static void checkSse(Cpu c) {
    if (!sseOn(c)) {
      throw (c.cr0 & Cr.CR0_EM) != 0 || (c.cr4 & Cr.CR4_OSFXSR) == 0 ? c.ud() : c.nm();
    }
  }

  /** Raises #UD, #NM or #MF if MMX instructions are off or an x87 exception is pending. */
  public static void checkMmx(Cpu c) {
    if ((c.cr0 & (Cr.CR0_EM | Cr.CR0_TS)) != 0) {
      throw (c.cr0 & Cr.CR0_EM) != 0 ? c.ud() : c.nm();
    }
    if ((c.fpu.status & FSW_ES) != 0) {
      throw c.raise(Vector.MF);
    }
  }

  /** The check for an instruction with operands {@code a} and {@code b} of either kind. */
  static void check(Cpu c, Operand a, Operand b) {
    boolean mmx = a.kind() == Operand.Kind.MMX || b.kind() == Operand.Kind.MMX;
    if (a.kind() == Operand.Kind.VEC || b.kind() == Operand.Kind.VEC) {
      checkSse(c);
    }
    if (mmx) {
      checkMmx(c);
    }
  }

  // ---- MMX registers

  /** What every MMX instruction but EMMS does to the x87 state: TOP is 0, all tags valid. */
  static void enterMmx(Cpu c) {
    c.fpu.top = 0;
    c.fpu.tag = 0;
  }

  static void setMmx(Cpu c, int r, long v) {
    c.fpu.significand[r] = v;
    c.fpu.signExponent[r] = 0xffff;
  }

  /** An MMX register or 64 bits of memory (32 where the operand says so). */
  static long readMmx(Cpu c, Insn i, Operand o) {
    return o.isMem() ? readMem(c, i, o.size() >> 3) : c.fpu.significand[o.reg()];
  }

  // ---- memory

  static long readMem(Cpu c, Insn i, int bytes) {
    return c.mmu.read(Operands.readAddress(c, i, bytes), bytes);
  }

  /** Linear address of a 16-byte operand that must be aligned: #GP(0) if it is not. */
  static long readAligned(Cpu c, Insn i) {
    return aligned(c, Operands.readAddress(c, i, 16));
  }

  static long writeAligned(Cpu c, Insn i) {
    return aligned(c, Operands.writeAddress(c, i, 16));
  }

  /** Returns {@code la}, or raises #GP(0) if it is not a multiple of 16. */
  public static long aligned(Cpu c, long la) {
    return aligned(c, la, 16);
  }

  /** As {@link #aligned(Cpu, long)} for 16 or 32 bytes. */
  public static long aligned(Cpu c, long la, int bytes) {
    if ((la & bytes - 1) != 0) {
      // Not canonical comes first, and then is #SS in the stack segment.
      throw Segmentation.canonical(c, la) ? c.gp(0) : c.fault.setNonCanonical();
    }
    return la;
  }

  /** The upper half of a 16-byte operand; wraps at 4 GiB outside 64-bit mode. */
  static long plus(Cpu c, long la, int n) {
    return c.longMode ? la + n : la + n & 0xffffffffL;
  }

  /** Writes 16 bytes, all or (on a fault) nothing. */
  static void write128(Cpu c, long la, long lo, long hi) {
    c.mmu.probeWrite(la, 16);
    c.mmu.write64(la, lo);
    c.mmu.write64(plus(c, la, 8), hi);
  }

  // ---- second operands of SSE instructions

  /** One half of the aligned 16-byte second operand. */
  static long readHalf(Cpu c, Insn i, int half) {
    if (i.op1.isMem()) {
      return c.mmu.read64(readAligned(c, i) + 8L * half);
    }
    return c.vec[i.op1.reg() * 4 + half];
  }

  /**
   * Index in {@code Cpu.vec} of the second operand's first lane; 16 aligned bytes of memory are
   * loaded into the scratch register.
   */
  static int source(Cpu c, Insn i) {
    if (!i.op1.isMem()) {
      return i.op1.reg() * 4;
    }
    long la = readAligned(c, i);
    c.vec[Cpu.VEC_SCRATCH] = c.mmu.read64(la);
    c.vec[Cpu.VEC_SCRATCH + 1] = c.mmu.read64(la + 8);
    return Cpu.VEC_SCRATCH;
  }

  /** A 64-bit second operand, which need not be aligned. */
  static long readScalar64(Cpu c, Insn i) {
    return i.op1.isMem() ? c.mmu.read64(Operands.readAddress(c, i, 8)) : c.vec[i.op1.reg() * 4];
  }

  static int readScalar32(Cpu c, Insn i) {
    return i.op1.isMem()
        ? c.mmu.read32(Operands.readAddress(c, i, 4))
        : (int) c.vec[i.op1.reg() * 4];
  }

  /** Low 64 bits of a register or memory operand of any kind, zero-extended from its size. */
  static long readLow(Cpu c, Insn i, Operand o) {
    return switch (o.kind()) {
      case VEC -> c.vec[o.reg() * 4];
      case MMX -> c.fpu.significand[o.reg()];
      default -> Operands.read(c, i, o);
    };
  }
}
