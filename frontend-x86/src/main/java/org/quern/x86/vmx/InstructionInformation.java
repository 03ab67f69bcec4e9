package org.quern.x86.vmx;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/** The VM-exit instruction-information field. Source: SDM vol. 3C, 28.2.5, tables 28-8 to 28-14. */
final class InstructionInformation {
  private static final int REGISTER_FORM = 1 << 10;
  private static final int NO_INDEX = 1 << 22;
  private static final int NO_BASE = 1 << 27;

  private InstructionInformation() {}

  /** Of an instruction that exits, or 0 for one that has none. */
  static int of(Insn i) {
    return switch (i.mnemonic) {
      case INS, OUTS -> addressSize(i) << 7 | i.segment << 15;
      case INVEPT, INVPCID, INVVPID -> memory(i) | i.op0.reg() << 28;
      case LIDT, LGDT, SIDT, SGDT -> memory(i) | (i.opSize == 16 ? 0 : 1 << 11) | table(i) << 28;
      case LLDT, LTR, SLDT, STR -> memoryOrRegister(i, i.op0) | segment(i) << 28;
      case RDRAND, RDSEED -> i.op0.reg() << 3 | (i.opSize >> 5) << 11;
      case VMCLEAR, VMPTRLD, VMPTRST, VMXON -> memory(i);
      case VMREAD -> memoryOrRegister(i, i.op0) | i.op1.reg() << 28;
      case VMWRITE -> memoryOrRegister(i, i.op1) | i.op0.reg() << 28;
      default -> 0;
    };
  }

  /** The displacement that instructions with a memory operand give as exit qualification. */
  static long displacement(Cpu c, Insn i) {
    if (!i.hasMem()) {
      return 0;
    }
    long d = i.base == Reg.RIP ? i.disp + c.rip : i.disp;
    return i.addrSize == 64 ? d : d & (1L << i.addrSize) - 1;
  }

  /** Whether the exit qualification is {@link #displacement}. */
  static boolean hasDisplacement(Insn i) {
    return switch (i.mnemonic) {
      case INVEPT,
          INVPCID,
          INVVPID,
          LGDT,
          LIDT,
          SGDT,
          SIDT,
          LLDT,
          LTR,
          SLDT,
          STR,
          VMCLEAR,
          VMPTRLD,
          VMPTRST,
          VMREAD,
          VMWRITE,
          VMXON ->
          true;
      default -> false;
    };
  }

  private static int addressSize(Insn i) {
    return i.addrSize >> 5;
  }

  private static int table(Insn i) {
    return switch (i.mnemonic) {
      case SGDT -> 0;
      case SIDT -> 1;
      case LGDT -> 2;
      default -> 3;
    };
  }

  private static int segment(Insn i) {
    return switch (i.mnemonic) {
      case SLDT -> 0;
      case STR -> 1;
      case LLDT -> 2;
      default -> 3;
    };
  }

  private static int memoryOrRegister(Insn i, Operand o) {
    return o.isMem() ? memory(i) : REGISTER_FORM | o.reg() << 3;
  }

  private static int memory(Insn i) {
    int v = i.scale | addressSize(i) << 7 | i.segment << 15;
    v |= i.index == Reg.ZERO ? NO_INDEX : i.index << 18;
    return v | (i.base == Reg.ZERO || i.base == Reg.RIP ? NO_BASE : i.base << 23);
  }
}
