package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.mem.HostMemory;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** Reading and writing the operands of a decoded instruction. */
public final class Operands {
  private Operands() {}

  /** Offset of the memory operand in its segment, truncated to the address size. */
  public static long effective(Cpu c, Insn i) {
    long ea;
    if (i.base == Reg.RIP) {
      ea = c.rip + i.disp;
    } else {
      ea = c.gpr[i.base] + (c.gpr[i.index] << i.scale) + i.disp;
    }
    return switch (i.addrSize) {
      case 64 -> ea;
      case 32 -> ea & 0xffffffffL;
      default -> ea & 0xffff;
    };
  }

  /** Linear address for reading {@code bytes} of the memory operand; segment checks done. */
  public static long readAddress(Cpu c, Insn i, int bytes) {
    return Segmentation.read(c, i.segment, effective(c, i), bytes);
  }

  /** Linear address for writing {@code bytes} of the memory operand; segment checks done. */
  public static long writeAddress(Cpu c, Insn i, int bytes) {
    return Segmentation.write(c, i.segment, effective(c, i), bytes);
  }

  /** Value of an integer operand, zero-extended from its size (immediates: as decoded). */
  public static long read(Cpu c, Insn i, Operand o) {
    return switch (o.kind()) {
      case GPR -> c.reg(o.reg(), o.size());
      case GPR_HIGH -> c.gpr8h(o.reg());
      case MEM -> c.mmu.read(readAddress(c, i, o.size() >> 3), o.size() >> 3);
      case IMM, REL, FAR -> i.imm;
      case IMM2 -> i.imm2;
      case SEGMENT -> c.seg[o.reg()].selector;
      default -> throw new IllegalStateException("not an integer operand: " + o);
    };
  }

  /** Writes an integer operand (general register or memory). */
  public static void write(Cpu c, Insn i, Operand o, long v) {
    switch (o.kind()) {
      case GPR -> c.setReg(o.reg(), o.size(), v);
      case GPR_HIGH -> c.setGpr8h(o.reg(), (int) v);
      case MEM -> c.mmu.write(writeAddress(c, i, o.size() >> 3), o.size() >> 3, v);
      default -> throw new IllegalStateException("not writable: " + o);
    }
  }

  /**
   * Reads an operand that the instruction will write back by {@link #commit}. Faults as a write
   * does (so nothing is half done), and remembers the address.
   */
  public static long readModify(Cpu c, Insn i, Operand o) {
    if (!o.isMem()) {
      return read(c, i, o);
    }
    return readModifyAt(c, i, o, effective(c, i));
  }

  /** As {@link #readModify} of memory at another offset in the segment (bit strings). */
  public static long readModifyAt(Cpu c, Insn i, Operand o, long offset) {
    int bytes = o.size() >> 3;
    long la = Segmentation.write(c, i.segment, offset, bytes);
    c.mmu.probeWrite(la, bytes);
    c.rmwLinear = la;
    if (i.lock) {
      HostMemory.fullFence();
    }
    return c.mmu.read(la, bytes);
  }

  /**
   * Writes back what {@link #readModify} read as {@code old}.
   *
   * @return false if the instruction is locked and another processor came between: read again
   */
  public static boolean commit(Cpu c, Insn i, Operand o, long old, long v) {
    if (!o.isMem()) {
      write(c, i, o, v);
      return true;
    }
    if (i.lock) {
      return c.mmu.compareAndSet(c.rmwLinear, o.size() >> 3, old, v);
    }
    c.mmu.write(c.rmwLinear, o.size() >> 3, v);
    return true;
  }
}
