package org.quern.x86.disasm;

import org.quern.x86.decode.Operand;

/** Names of registers as operands. */
public final class RegisterNames {
  private static final String[] OLD = {"ax", "cx", "dx", "bx", "sp", "bp", "si", "di"};
  private static final String[] BYTE = {"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil"};
  private static final String[] HIGH = {"ah", "ch", "dh", "bh"};
  private static final String[] SEGMENT = {"es", "cs", "ss", "ds", "fs", "gs"};

  private RegisterNames() {}

  /** General register of a width in bits. */
  public static String gpr(int reg, int size) {
    if (reg >= 8) {
      return "r" + reg + (size == 8 ? "b" : size == 16 ? "w" : size == 32 ? "d" : "");
    }
    return switch (size) {
      case 8 -> BYTE[reg];
      case 16 -> OLD[reg];
      case 32 -> "e" + OLD[reg];
      default -> "r" + OLD[reg];
    };
  }

  public static String segment(int reg) {
    return SEGMENT[reg];
  }

  /** The register an operand names; null if it is none. */
  public static String of(Operand o) {
    return switch (o.kind()) {
      case GPR -> gpr(o.reg(), o.size());
      case GPR_HIGH -> HIGH[o.reg()];
      case SEGMENT -> SEGMENT[o.reg()];
      case CONTROL -> "cr" + o.reg();
      case DEBUG -> "dr" + o.reg();
      case ST -> "st(" + o.reg() + ")";
      case MMX -> "mm" + o.reg();
      case VEC -> (o.size() == 256 ? "ymm" : "xmm") + o.reg();
      case MEM, IMM, IMM2, REL, FAR -> null;
    };
  }
}
