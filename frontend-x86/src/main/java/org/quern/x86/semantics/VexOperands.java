package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Cr;

/**
 * When VEX-encoded vector instructions may run, and how they reach registers and memory. Their
 * memory operands need no alignment, except those of the aligned moves, and they clear their
 * destination above the vector length. Sources: SDM vol. 1, 14.3, 14.9; vol. 2A, 2.4 (exceptions).
 */
public final class VexOperands {
  /** XCR0: SSE and AVX state. */
  private static final long STATE = 6;

  private VexOperands() {}

  /** Raises #UD or #NM if AVX instructions are off. Real mode is the engine's to check. */
  public static void check(Cpu c) {
    if ((c.cr4 & Cr.CR4_OSXSAVE) == 0 || (c.xcr0 & STATE) != STATE || (c.cr0 & Cr.CR0_TS) != 0) {
      throw off(c);
    }
  }

  private static GuestFault off(Cpu c) {
    return (c.cr4 & Cr.CR4_OSXSAVE) == 0 || (c.xcr0 & STATE) != STATE ? c.ud() : c.nm();
  }

  /** The check for an instruction of either encoding. */
  static void checkEither(Cpu c, Insn i) {
    if (i.vexL < 0) {
      SimdAccess.checkSse(c);
    } else {
      check(c);
    }
  }

  /** Number of 64-bit lanes: 2 or 4. */
  static int lanes(Insn i) {
    return 2 << i.vexL;
  }

  /** First lane of the first source: of a legacy encoding the destination, else operand 1. */
  static int first(Insn i) {
    return (i.vexL < 0 ? i.op0 : i.op1).reg() * 4;
  }

  /** The last operand that is no immediate: of two or three. */
  static Operand last(Insn i) {
    Operand o = i.op2;
    return o == null || o.kind() == Operand.Kind.IMM ? i.op1 : o;
  }

  /**
   * Index in {@code Cpu.vec} of the first lane of an operand; a memory operand of the vector length
   * is loaded into the scratch register.
   */
  static int source(Cpu c, Insn i, Operand o) {
    return o.isMem() ? load(c, i, lanes(i)) : o.reg() * 4;
  }

  /** As {@link #source} for an operand of fewer bytes: 16, 8, 4, 2 or 1. */
  static int source(Cpu c, Insn i, Operand o, int bytes) {
    if (!o.isMem()) {
      return o.reg() * 4;
    }
    if (bytes == 16) {
      return load(c, i, 2);
    }
    c.vec[Cpu.VEC_SCRATCH] = SimdAccess.readMem(c, i, bytes);
    return Cpu.VEC_SCRATCH;
  }

  private static int load(Cpu c, Insn i, int lanes) {
    load(c, Operands.readAddress(c, i, lanes * 8), lanes, Cpu.VEC_SCRATCH);
    return Cpu.VEC_SCRATCH;
  }

  /** Loads lanes from memory, all or (on a fault) none. */
  static void load(Cpu c, long la, int lanes, int to) {
    // Also checks alignment, if that is on, as a processor does: by 16 bytes.
    c.mmu.probeRead(la, 16);
    long v0 = c.mmu.read64(la);
    long v1 = c.mmu.read64(SimdAccess.plus(c, la, 8));
    if (lanes == 4) {
      long v2 = c.mmu.read64(SimdAccess.plus(c, la, 16));
      c.vec[to + 3] = c.mmu.read64(SimdAccess.plus(c, la, 24));
      c.vec[to + 2] = v2;
    }
    c.vec[to] = v0;
    c.vec[to + 1] = v1;
  }

  /** Stores lanes to memory, all or (on a fault) none. */
  static void store(Cpu c, long la, int lanes, int from) {
    if (lanes == 4) {
      long middle = SimdAccess.plus(c, la, 16);
      c.mmu.probeWrite(la, 16);
      c.mmu.probeWrite(middle, 16);
      c.mmu.write64(middle, c.vec[from + 2]);
      c.mmu.write64(SimdAccess.plus(c, la, 24), c.vec[from + 3]);
      c.mmu.write64(la, c.vec[from]);
      c.mmu.write64(SimdAccess.plus(c, la, 8), c.vec[from + 1]);
    } else {
      SimdAccess.write128(c, la, c.vec[from], c.vec[from + 1]);
    }
  }

  /** Sets a 128-bit result; what is above it becomes zero. */
  static void set128(Cpu c, Insn i, long lo, long hi) {
    int d = i.op0.reg() * 4;
    c.vec[d] = lo;
    c.vec[d + 1] = hi;
    c.vec[d + 2] = 0;
    c.vec[d + 3] = 0;
  }

  /** Sets all lanes of the vector length; those above become zero. */
  static void set(Cpu c, Insn i, long r0, long r1, long r2, long r3) {
    int d = i.op0.reg() * 4;
    c.vec[d] = r0;
    c.vec[d + 1] = r1;
    c.vec[d + 2] = i.vexL == 0 ? 0 : r2;
    c.vec[d + 3] = i.vexL == 0 ? 0 : r3;
  }

  /** Clears what an instruction of 128 bits does not define. */
  static void clearUpper(Cpu c, Insn i, int d) {
    if (i.vexL == 0) {
      c.vec[d + 2] = 0;
      c.vec[d + 3] = 0;
    }
  }
}
