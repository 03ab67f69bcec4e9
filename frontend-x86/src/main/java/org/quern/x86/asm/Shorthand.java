package org.quern.x86.asm;

import java.util.ArrayList;
import java.util.List;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;

/** Operands that may be left out or exchanged in writing. */
final class Shorthand {
  private Shorthand() {}

  /** The ways to read the operands of {@code s} as those of a row; the written one is first. */
  static List<List<TextOperand>> of(InstructionAssembler.Source s, InsnForm f) {
    List<TextOperand> written = s.operands;
    List<List<TextOperand>> all = new ArrayList<>();
    all.add(written);
    int n = written.size();
    if (f.mnemonic() == Mnemonic.IMUL && n == 2 && f.operandCount() == 3) {
      all.add(List.of(written.get(0), written.get(0), written.get(1)));
    }
    boolean exchangeable = f.mnemonic() == Mnemonic.XCHG || f.mnemonic() == Mnemonic.TEST;
    if (exchangeable && n == 2 && written.get(1).kind != TextOperand.Kind.NUMBER) {
      all.add(List.of(written.get(1), written.get(0)));
    }
    if (f.stackRegisters() && n < f.operandCount()) {
      TextOperand top = stack(0);
      TextOperand other = n == 0 ? stack(1) : written.get(0);
      if (f.operandCount() == 1) {
        all.add(List.of(other));
      } else {
        all.add(f.mnemonic().name().endsWith("P") ? List.of(other, top) : List.of(top, other));
        all.add(List.of(top, other));
      }
    }
    return all;
  }

  private static TextOperand stack(int n) {
    TextOperand o = new TextOperand();
    o.kind = TextOperand.Kind.REGISTER;
    o.register = Operand.of(Operand.Kind.ST, 80, n);
    return o;
  }
}
