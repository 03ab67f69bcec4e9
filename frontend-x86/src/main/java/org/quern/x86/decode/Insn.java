package org.quern.x86.decode;

import org.quern.x86.state.Reg;

/**
 * One decoded instruction. Immutable; independent of the address it was found at.
 *
 * <p>An undefined encoding is an instruction too: its mnemonic is {@link Mnemonic#INVALID} and
 * executing it raises #UD.
 */
public final class Insn {
  public final Mnemonic mnemonic;

  /** The table row it was decoded by. */
  public final InsnForm form;

  /** Bytes, 1 to 15. */
  public final int length;

  /** Effective operand size in bits: 16, 32 or 64 (8 for byte forms). */
  public final int opSize;

  /** Effective address size in bits: 16, 32 or 64. */
  public final int addrSize;

  /**
   * Condition of Jcc, SETcc, CMOVcc (low four bits of the opcode) and FCMOVcc (translated to the
   * same numbers: B 2, E 4, BE 6, U 10, and their opposites): SDM vol. 1, appendix B.
   */
  public final int cc;

  public final boolean lock;

  /** 0, 0xf2 or 0xf3 if that prefix is present and not part of the opcode. */
  public final int rep;

  /** Operand count, 0 to 4; {@link #op0} is the destination. */
  public final int operandCount;

  public final Operand op0;
  public final Operand op1;
  public final Operand op2;
  public final Operand op3;

  /**
   * Effective segment of the memory operand (or of the source of a string instruction): {@link
   * Reg#ES} to {@link Reg#GS}, default and override already resolved. In 64-bit mode overrides
   * other than FS and GS are already ignored.
   */
  public final int segment;

  /** Base register, {@link Reg#ZERO} for none, {@link Reg#RIP} for RIP-relative. */
  public final int base;

  /** Index register or {@link Reg#ZERO}. */
  public final int index;

  /** Left shift of the index, 0 to 3. */
  public final int scale;

  /** Displacement, sign-extended (absolute offsets of MOV moffs are zero-extended). */
  public final long disp;

  /** Immediate or branch displacement, extended to 64 bits as the form says. */
  public final long imm;

  /** Second immediate or far selector. */
  public final long imm2;

  /** The ModRM byte, or -1. */
  public final int modrm;

  /** The last opcode byte (after maps and escapes). */
  public final int opcode;

  /** VEX.L: vector length 128 (0) or 256 (1) bits; -1 for a legacy encoding. */
  public final int vexL;

  /**
   * Whether pre-decoded execution must stop behind this instruction: {@link InsnForm#endsBlock}, or
   * a repeated string instruction, or a load of SS.
   */
  public final boolean endsBlock;

  Insn(InsnBuilder b) {
    this.mnemonic = b.form.mnemonic();
    this.form = b.form;
    this.length = b.length;
    this.opSize = b.opSize;
    this.addrSize = b.addrSize;
    this.cc = b.cc;
    this.lock = b.lock;
    this.rep = b.rep;
    this.operandCount = b.operandCount;
    this.op0 = b.operands[0];
    this.op1 = b.operands[1];
    this.op2 = b.operands[2];
    this.op3 = b.operands[3];
    this.segment = b.segment;
    this.base = b.base;
    this.index = b.index;
    this.scale = b.scale;
    this.disp = b.disp;
    this.imm = b.imm;
    this.imm2 = b.imm2;
    this.modrm = b.modrm;
    this.opcode = b.opcode;
    this.vexL = b.vexL;
    this.endsBlock = form.endsBlock() || (rep != 0 && form.string()) || loadsStackSegment();
  }

  private boolean loadsStackSegment() {
    return mnemonic == Mnemonic.LSS
        || ((mnemonic == Mnemonic.MOV_SREG || mnemonic == Mnemonic.POP_SREG)
            && op0.kind() == Operand.Kind.SEGMENT
            && op0.reg() == Reg.SS);
  }

  public Operand operand(int n) {
    return switch (n) {
      case 0 -> op0;
      case 1 -> op1;
      case 2 -> op2;
      case 3 -> op3;
      default -> throw new IndexOutOfBoundsException(n);
    };
  }

  /** Whether the instruction has an explicit memory operand (MODRM or moffs). */
  public boolean hasMem() {
    return (op0 != null && op0.isMem())
        || (op1 != null && op1.isMem())
        || (op2 != null && op2.isMem());
  }
}
