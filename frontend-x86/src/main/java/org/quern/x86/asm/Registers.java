package org.quern.x86.asm;

import java.util.HashMap;
import java.util.Map;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.disasm.RegisterNames;
import org.quern.x86.state.Reg;

/** Registers by name. */
final class Registers {
  private static final Map<String, Operand> BY_NAME = new HashMap<>();

  static {
    for (int r = 0; r < 16; r++) {
      for (int size = 8; size <= 64; size *= 2) {
        add(Operand.of(Kind.GPR, size, r));
      }
      add(Operand.of(Kind.CONTROL, 64, r));
      add(Operand.of(Kind.DEBUG, 64, r));
      add(Operand.of(Kind.VEC, 128, r));
      add(Operand.of(Kind.VEC, 256, r));
    }
    for (int r = 0; r < 8; r++) {
      add(Operand.of(Kind.MMX, 64, r));
      add(Operand.of(Kind.ST, 80, r));
      BY_NAME.put("st" + r, Operand.of(Kind.ST, 80, r));
    }
    BY_NAME.put("st", Operand.of(Kind.ST, 80, 0));
    for (int r = 0; r < 4; r++) {
      add(Operand.of(Kind.GPR_HIGH, 8, r));
    }
    for (int r = Reg.ES; r <= Reg.GS; r++) {
      add(Operand.of(Kind.SEGMENT, 16, r));
    }
  }

  private Registers() {}

  private static void add(Operand o) {
    BY_NAME.put(RegisterNames.of(o), o);
  }

  /** The register of that name in lower case, or null. */
  static Operand of(String name) {
    return BY_NAME.get(name);
  }

  /** Whether it names the instruction pointer, which only addresses know. */
  static boolean isPointer(String name) {
    return name.equals("rip") || name.equals("eip");
  }

  /** Number of a segment register, or -1. */
  static int segment(String name) {
    Operand o = BY_NAME.get(name);
    return o != null && o.kind() == Kind.SEGMENT ? o.reg() : -1;
  }
}
