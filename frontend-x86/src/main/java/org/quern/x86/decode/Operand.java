package org.quern.x86.decode;

/**
 * One operand of a decoded instruction. Immutable.
 *
 * @param kind what it is
 * @param size width in bits (8 to 256; 48, 64 or 80 for far pointers and descriptors; of an
 *     immediate the width it is extended to; of a vector register its length, even if less takes
 *     part; 0 where the width means nothing, as for LEA)
 * @param reg register number, for register kinds; 0 otherwise. The address of a {@link Kind#MEM}
 *     operand is in the {@link Insn}, which has at most one.
 */
public record Operand(Kind kind, int size, int reg) {
  private static final int SIZES = 256 / 8 + 1;
  private static final int REGISTERS = 16;
  private static final Operand[] CACHE = new Operand[Kind.values().length * SIZES * REGISTERS];

  /** The one operand object with these properties. */
  public static Operand of(Kind kind, int size, int reg) {
    int at = (kind.ordinal() * SIZES + (size >> 3)) * REGISTERS + reg;
    Operand o = CACHE[at];
    if (o == null) {
      o = new Operand(kind, size, reg);
      CACHE[at] = o;
    }
    return o;
  }

  public enum Kind {
    /** General-purpose register, low part. */
    GPR,
    /** AH, CH, DH, BH: {@code reg} is 0 to 3. */
    GPR_HIGH,
    /** Memory; address parts are in the instruction. */
    MEM,
    /** Immediate: {@link Insn#imm}. */
    IMM,
    /** Second immediate: {@link Insn#imm2} (ENTER, EXTRQ). */
    IMM2,
    /** Branch displacement in {@link Insn#imm}, relative to the next instruction. */
    REL,
    /** Direct far pointer: selector {@link Insn#imm2}, offset {@link Insn#imm}. */
    FAR,
    SEGMENT,
    CONTROL,
    DEBUG,
    /** x87 stack register ST(reg). */
    ST,
    MMX,
    /** XMM or YMM by size. */
    VEC
  }

  public boolean isMem() {
    return kind == Kind.MEM;
  }
}
