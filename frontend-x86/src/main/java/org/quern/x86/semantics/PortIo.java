package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;

/** IN and OUT; the string forms are in {@link Strings}. */
public final class PortIo {
  private PortIo() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case IN -> PortIo::in;
      case OUT -> PortIo::out;
      default -> null;
    };
  }

  /** An immediate port is 8 bits, DX 16. */
  private static int port(Cpu c, Insn i, Operand o) {
    return (int) Operands.read(c, i, o) & (o.kind() == Operand.Kind.IMM ? 0xff : 0xffff);
  }

  private static void in(Cpu c, Insn i) {
    int port = port(c, i, i.op1);
    int bytes = i.op0.size() >> 3;
    IoPermission.check(c, port, bytes);
    if (c.nonRoot != null) {
      c.nonRoot.port(i, port, bytes, true, false, 0);
    }
    Operands.write(c, i, i.op0, c.bus.portRead(port, bytes));
    Debug.portAccess(c, port, bytes);
  }

  private static void out(Cpu c, Insn i) {
    int port = port(c, i, i.op0);
    int bytes = i.op1.size() >> 3;
    IoPermission.check(c, port, bytes);
    if (c.nonRoot != null) {
      c.nonRoot.port(i, port, bytes, false, false, 0);
    }
    c.bus.portWrite(port, bytes, (int) Operands.read(c, i, i.op1));
    Debug.portAccess(c, port, bytes);
  }
}
