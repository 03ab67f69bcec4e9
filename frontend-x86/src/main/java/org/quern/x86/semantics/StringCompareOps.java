package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM and their VEX forms: the memory operand needs no
 * alignment. The values are computed in {@link StringCompare}. Source: SDM vol. 2B.
 */
public final class StringCompareOps {
  private StringCompareOps() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PCMPESTRI, VPCMPESTRI -> (c, i) -> compare(c, i, true, false);
      case PCMPESTRM, VPCMPESTRM -> (c, i) -> compare(c, i, true, true);
      case PCMPISTRI, VPCMPISTRI -> (c, i) -> compare(c, i, false, false);
      case PCMPISTRM, VPCMPISTRM -> (c, i) -> compare(c, i, false, true);
      default -> null;
    };
  }

  /**
   * Any of them.
   *
   * @param explicit lengths in rAX and rDX, by operand size; else zeros end the strings
   * @param mask the result goes to XMM0, else to ECX
   */
  private static void compare(Cpu c, Insn i, boolean explicit, boolean mask) {
    VexOperands.checkEither(c, i);
    int text = VexOperands.source(c, i, i.op1, 16);
    long b0 = c.vec[text];
    long b1 = c.vec[text + 1];
    int imm = (int) i.imm;
    long a0 = c.vec[i.op0.reg() * 4];
    long a1 = c.vec[i.op0.reg() * 4 + 1];
    int a = explicit ? length(c, i, Reg.RAX) : StringCompare.implicitLength(a0, a1, imm);
    int b = explicit ? length(c, i, Reg.RDX) : StringCompare.implicitLength(b0, b1, imm);
    int r = StringCompare.compare(a0, a1, a, b0, b1, b, imm);
    if (mask) {
      c.vec[0] = StringCompare.mask(r, imm, 0);
      c.vec[1] = StringCompare.mask(r, imm, 1);
      VexOperands.clearUpper(c, i, 0);
    } else {
      c.gpr[Reg.RCX] = StringCompare.index(r, imm);
    }
    c.setStatusFlags(StringCompare.flags(r, a, b, imm));
  }

  private static int length(Cpu c, Insn i, int reg) {
    long v = i.opSize == 64 ? c.gpr[reg] : c.gpr32(reg);
    return StringCompare.explicitLength(v, (int) i.imm);
  }
}
