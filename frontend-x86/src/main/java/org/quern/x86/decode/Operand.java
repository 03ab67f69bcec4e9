package org.quern.x86.decode;

/**
 * One operand of a decoded instruction. Immutable.
 *
 * @param kind what it is
 * @param size width in bits (8 to 256; 48, 64 or 80 for far pointers and descriptors; 0 where the
 *     width means nothing, as for LEA)
 * @param reg register number, for register kinds; 0 otherwise. The address of a {@link Kind#MEM}
 *     operand is in the {@link Insn}, which has at most one.
 */
public record Operand(Kind kind, int size, int reg) {
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
