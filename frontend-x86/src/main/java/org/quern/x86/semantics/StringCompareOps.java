package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * PCMPESTRI, PCMPESTRM, PCMPISTRI, PCMPISTRM: the memory operand needs no alignment. The values are
 * computed in {@link StringCompare}. Source: SDM vol. 2B.
 */
public final class StringCompareOps {
  private StringCompareOps() {}

  /** The handler of a mnemonic of this family, or null. */
  public static Handler of(Mnemonic m) {
    return switch (m) {
      case PCMPESTRI -> (c, i) -> compare(c, i, true, false);
      case PCMPESTRM -> (c, i) -> compare(c, i, true, true);
      case PCMPISTRI -> (c, i) -> compare(c, i, false, false);
      case PCMPISTRM -> (c, i) -> compare(c, i, false, true);
      default -> null;
    };
  }

  private static void compare(Cpu c, Insn i, boolean explicit, boolean mask) {
    SimdAccess.checkSse(c);
    long b0;
    long b1;
    if (i.op1.isMem()) {
      long la = Operands.readAddress(c, i, 16);
      b0 = c.mmu.read64(la);
      b1 = c.mmu.read64(SimdAccess.plus(c, la, 8));
    } else {
      b0 = c.vec[i.op1.reg() * 4];
      b1 = c.vec[i.op1.reg() * 4 + 1];
    }
    compare(c, i, b0, b1, explicit, mask);
  }

  /**
   * The instruction with its text read; also that of the VEX form, except for the upper half of
   * YMM0.
   *
   * @param explicit lengths in rAX and rDX, by operand size; else zeros end the strings
   * @param mask the result goes to XMM0, else to ECX
   */
  static void compare(Cpu c, Insn i, long b0, long b1, boolean explicit, boolean mask) {
    int imm = (int) i.imm;
    long a0 = c.vec[i.op0.reg() * 4];
    long a1 = c.vec[i.op0.reg() * 4 + 1];
    int a = explicit ? length(c, i, Reg.RAX) : StringCompare.implicitLength(a0, a1, imm);
    int b = explicit ? length(c, i, Reg.RDX) : StringCompare.implicitLength(b0, b1, imm);
    int r = StringCompare.compare(a0, a1, a, b0, b1, b, imm);
    if (mask) {
      c.vec[0] = StringCompare.mask(r, imm, 0);
      c.vec[1] = StringCompare.mask(r, imm, 1);
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
