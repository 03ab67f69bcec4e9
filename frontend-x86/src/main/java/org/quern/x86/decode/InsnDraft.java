package org.quern.x86.decode;

import org.quern.x86.state.Reg;

/**
 * What an instruction shall be, for {@link Encoder}: a row with a value for each of its operands
 * and the sizes. The fields mean what those of {@link Insn} mean.
 */
public final class InsnDraft {
  public final InsnForm form;

  /** Code size in bits: 16, 32 or 64. */
  public final int codeSize;

  public int opSize;
  public int addrSize;

  /** One for each operand of the row, in its order; the size of a MEM or IMM does not matter. */
  public final Operand[] operands;

  /** Segment override, or -1 for none. */
  public int segment = -1;

  public int base = Reg.ZERO;
  public int index = Reg.ZERO;
  public int scale;
  public long disp;
  public long imm;
  public long imm2;

  /** Condition code, for rows of sixteen. */
  public int cc;

  public boolean lock;

  /** 0, 0xf2 or 0xf3. */
  public int rep;

  /** Whether vectors have 256 bits, where the row leaves it open. */
  public boolean wideVector;

  public InsnDraft(InsnForm form, int codeSize) {
    this.form = form;
    this.codeSize = codeSize;
    this.opSize = codeSize == 64 ? (form.wideByDefault() ? 64 : 32) : codeSize;
    this.addrSize = codeSize;
    this.operands = new Operand[form.operands.length];
  }
}
