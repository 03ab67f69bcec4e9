package org.quern.x86.semantics;

import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * The stack at the current privilege: SS-relative, stack pointer as wide as {@link Cpu#stackMask}
 * says. A fault leaves RSP as it was. Source: SDM vol. 1, 6.2.
 */
public final class Stack {
  private Stack() {}

  /** Stack pointer under its mask. */
  public static long pointer(Cpu c) {
    return c.gpr[Reg.RSP] & c.stackMask;
  }

  /** Sets the stack pointer: a 16-bit one keeps the rest of RSP, a 32-bit one clears it. */
  public static void setPointer(Cpu c, long v) {
    if (c.stackMask == 0xffff) {
      c.setGpr16(Reg.RSP, (int) v);
    } else {
      c.gpr[Reg.RSP] = v & c.stackMask;
    }
  }

  /** Adds {@code bytes} (may be negative) to the stack pointer. */
  public static void adjust(Cpu c, long bytes) {
    setPointer(c, c.gpr[Reg.RSP] + bytes);
  }

  /** Linear address for reading {@code bytes} at {@code offset} above the top of the stack. */
  public static long readAddress(Cpu c, long offset, int bytes) {
    return Segmentation.read(c, Reg.SS, c.gpr[Reg.RSP] + offset & c.stackMask, bytes);
  }

  /** Linear address for writing {@code bytes} at {@code offset} above the top of the stack. */
  public static long writeAddress(Cpu c, long offset, int bytes) {
    return Segmentation.write(c, Reg.SS, c.gpr[Reg.RSP] + offset & c.stackMask, bytes);
  }

  /**
   * Pushes the low {@code bits} of a value.
   *
   * @param bits 16, 32 or 64
   */
  public static void push(Cpu c, int bits, long v) {
    switch (bits) {
      case 64 -> push64(c, v);
      case 32 -> push32(c, (int) v);
      default -> push16(c, (int) v);
    }
  }

  public static void push16(Cpu c, int v) {
    c.mmu.write16(writeAddress(c, -2, 2), v);
    adjust(c, -2);
  }

  public static void push32(Cpu c, int v) {
    c.mmu.write32(writeAddress(c, -4, 4), v);
    adjust(c, -4);
  }

  /** Pushes eight bytes; 64-bit mode only. */
  public static void push64(Cpu c, long v) {
    long sp = c.gpr[Reg.RSP] - 8;
    c.mmu.write64(Segmentation.write(c, Reg.SS, sp, 8), v);
    c.gpr[Reg.RSP] = sp;
  }

  /**
   * Pops a value, zero-extended.
   *
   * @param bits 16, 32 or 64
   */
  public static long pop(Cpu c, int bits) {
    return switch (bits) {
      case 64 -> pop64(c);
      case 32 -> pop32(c) & 0xffffffffL;
      default -> pop16(c);
    };
  }

  public static int pop16(Cpu c) {
    int v = c.mmu.read16(readAddress(c, 0, 2));
    adjust(c, 2);
    return v;
  }

  public static int pop32(Cpu c) {
    int v = c.mmu.read32(readAddress(c, 0, 4));
    adjust(c, 4);
    return v;
  }

  /** Pops eight bytes; 64-bit mode only. */
  public static long pop64(Cpu c) {
    long sp = c.gpr[Reg.RSP];
    long v = c.mmu.read64(Segmentation.read(c, Reg.SS, sp, 8));
    c.gpr[Reg.RSP] = sp + 8;
    return v;
  }

  /**
   * Reads without popping: {@code offset} bytes above the top of the stack, zero-extended.
   *
   * @param bits 16, 32 or 64
   */
  public static long peek(Cpu c, int bits, long offset) {
    return c.mmu.read(readAddress(c, offset, bits >> 3), bits >> 3);
  }
}
