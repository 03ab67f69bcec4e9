package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/** Moves between general registers and memory, extensions, and LAHF, SAHF. */
public final class Moves {
  private Moves() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case MOV, MOVNTI, MOVZX -> Moves::mov;
      case MOVSX, MOVSXD -> Moves::movsx;
      case LEA -> Moves::lea;
      case XLAT -> Moves::xlat;
      case LAHF -> (c, i) -> lahf(c);
      case SAHF -> (c, i) -> sahf(c);
      case SALC -> (c, i) -> c.setGpr8(Reg.RAX, c.cf() ? 0xff : 0);
      case BSWAP -> Moves::bswap;
      case CBW -> Moves::cbw;
      case CWD -> Moves::cwd;
      default -> null;
    };
  }

  /** Operands are read zero-extended, so this is MOVZX too. */
  private static void mov(Cpu c, Insn i) {
    Operands.write(c, i, i.op0, Operands.read(c, i, i.op1));
  }

  private static void movsx(Cpu c, Insn i) {
    int unused = 64 - i.op1.size();
    Operands.write(c, i, i.op0, Operands.read(c, i, i.op1) << unused >> unused);
  }

  private static void lea(Cpu c, Insn i) {
    Operands.write(c, i, i.op0, Operands.effective(c, i));
  }

  private static void xlat(Cpu c, Insn i) {
    long offset = c.gpr[Reg.RBX] + c.gpr8(Reg.RAX);
    if (i.addrSize != 64) {
      offset &= (1L << i.addrSize) - 1;
    }
    c.setGpr8(Reg.RAX, c.mmu.read8(Segmentation.read(c, i.segment, offset, 1)));
  }

  public static void lahf(Cpu c) {
    c.setGpr8h(Reg.RAX, c.statusFlags() & 0xff | RFlags.FIXED);
  }

  public static void sahf(Cpu c) {
    c.setStatusFlags(c.gpr8h(Reg.RAX) | c.statusFlags() & RFlags.OF);
  }

  /** With a 16-bit operand undefined by the manual; silicon clears the register. */
  private static void bswap(Cpu c, Insn i) {
    Operand o = i.op0;
    long v = c.gpr[o.reg()];
    switch (o.size()) {
      case 64 -> c.gpr[o.reg()] = Long.reverseBytes(v);
      case 32 -> c.setGpr32(o.reg(), Integer.reverseBytes((int) v));
      default -> c.setGpr16(o.reg(), 0);
    }
  }

  private static void cbw(Cpu c, Insn i) {
    switch (i.opSize) {
      case 64 -> c.gpr[Reg.RAX] = (int) c.gpr[Reg.RAX];
      case 32 -> c.setGpr32(Reg.RAX, (short) c.gpr[Reg.RAX]);
      default -> c.setGpr16(Reg.RAX, (byte) c.gpr[Reg.RAX]);
    }
  }

  private static void cwd(Cpu c, Insn i) {
    switch (i.opSize) {
      case 64 -> c.gpr[Reg.RDX] = c.gpr[Reg.RAX] >> 63;
      case 32 -> c.setGpr32(Reg.RDX, (int) c.gpr[Reg.RAX] >> 31);
      default -> c.setGpr16(Reg.RDX, (short) c.gpr[Reg.RAX] >> 15);
    }
  }
}
