package org.quern.x86.disasm;

import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.InsnForm;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Reg;

/**
 * Disassembles by the decoder the CPU itself runs on, so it shows what will be executed. What it
 * writes, {@code org.quern.x86.asm.Assembler} reads.
 */
public final class TableDisassembler implements Disassembler {
  private final Decoder decoder;
  private final int codeSize;

  /**
   * @param codeSize 16, 32 or 64
   */
  public TableDisassembler(int codeSize) {
    this.decoder = new Decoder(codeSize);
    this.codeSize = codeSize;
  }

  @Override
  public Text at(byte[] code, int offset, int available, long address) {
    return text(decoder.decode(code, offset, available), address);
  }

  /** Text of a decoded instruction that stands at {@code address}. */
  public Text text(Insn i, long address) {
    StringBuilder ops = new StringBuilder();
    for (int n = 0; n < i.operandCount; n++) {
      if (n > 0) {
        ops.append(", ");
      }
      operand(ops, i, i.operand(n), address);
    }
    return new Text(i.length, prefixes(i) + name(i), ops.toString());
  }

  private String name(Insn i) {
    if (codeSize == 64
        && i.mnemonic == Mnemonic.MOV
        && (i.form.absolute() || (i.opSize == 64 && i.form.fullImmediate()))) {
      return "movabs";
    }
    return InsnNames.of(i);
  }

  private String prefixes(Insn i) {
    StringBuilder s = new StringBuilder();
    if (i.lock) {
      s.append("lock ");
    }
    if (i.rep != 0 && i.mnemonic.ordinal() > Mnemonic.TRUNCATED.ordinal()) {
      if (i.mnemonic == Mnemonic.CMPS || i.mnemonic == Mnemonic.SCAS) {
        s.append(i.rep == 0xf3 ? "repe " : "repne ");
      } else {
        s.append(i.rep == 0xf3 ? "rep " : "repne ");
      }
    }
    boolean implicitSize = !i.hasMem() && (i.form.string() || loops(i));
    if (implicitSize && i.addrSize != codeSize) {
      s.append('a').append(i.addrSize).append(' ');
    }
    boolean sizeHidden =
        switch (i.mnemonic) {
          case PUSH -> i.op0.kind() == Operand.Kind.IMM;
          case JMP, CALL -> i.op0.kind() == Operand.Kind.REL;
          case RET,
              LEAVE,
              ENTER,
              PUSH_SREG,
              POP_SREG,
              RET_FAR,
              JCC,
              JMP_FAR,
              CALL_FAR,
              JCXZ,
              LOOP,
              LOOPE,
              LOOPNE ->
              true;
          default -> false;
        };
    if (sizeHidden && !i.hasMem() && i.opSize != usualSize(i.form) && i.opSize != 64) {
      s.append('o').append(i.opSize).append(' ');
    }
    if (i.operandCount == 0 && i.form.sourceString() && i.segment != Reg.DS) {
      s.append(RegisterNames.segment(i.segment)).append(' ');
    }
    return s.toString();
  }

  private static boolean loops(Insn i) {
    return i.mnemonic == Mnemonic.LOOP
        || i.mnemonic == Mnemonic.LOOPE
        || i.mnemonic == Mnemonic.LOOPNE;
  }

  private int usualSize(InsnForm f) {
    return codeSize == 64 ? (f.wideByDefault() ? 64 : 32) : codeSize;
  }

  private void operand(StringBuilder s, Insn i, Operand o, long address) {
    switch (o.kind()) {
      case MEM -> memory(s, i, o.size());
      case IMM -> immediate(s, i.imm, o.size());
      case IMM2 -> immediate(s, i.imm2, o.size());
      case REL -> hex(s, target(i, address));
      case FAR -> {
        hex(s, i.imm2);
        s.append(':');
        hex(s, i.imm);
      }
      case GPR, GPR_HIGH, SEGMENT, CONTROL, DEBUG, ST, MMX, VEC -> s.append(RegisterNames.of(o));
    }
  }

  private long target(Insn i, long address) {
    long t = address + i.length + i.imm;
    return i.opSize == 64 ? t : t & (i.opSize == 16 ? 0xffffL : 0xffffffffL);
  }

  private static void immediate(StringBuilder s, long v, int size) {
    if (v < 0) {
      s.append('-');
      hex(s, -v);
    } else {
      hex(s, size == 64 || size == 0 ? v : v & (1L << size) - 1);
    }
  }

  private void memory(StringBuilder s, Insn i, int size) {
    s.append(
        switch (size) {
          case 8 -> "byte ptr ";
          case 16 -> "word ptr ";
          case 32 -> "dword ptr ";
          case 48 -> "fword ptr ";
          case 64 -> "qword ptr ";
          case 80 -> "tbyte ptr ";
          case 128 -> "xmmword ptr ";
          case 256 -> "ymmword ptr ";
          default -> "";
        });
    boolean stack = i.base == Reg.RSP || i.base == Reg.RBP;
    if (i.segment != (stack ? Reg.SS : Reg.DS)) {
      s.append(RegisterNames.segment(i.segment)).append(':');
    }
    s.append('[');
    boolean first = true;
    if (i.base == Reg.RIP) {
      s.append(i.addrSize == 64 ? "rip" : "eip");
      first = false;
    } else if (i.base != Reg.ZERO) {
      s.append(RegisterNames.gpr(i.base, i.addrSize));
      first = false;
    }
    if (i.index != Reg.ZERO) {
      s.append(first ? "" : " + ");
      s.append(
          i.form.vectorIndex() != 0
              ? (i.form.vectorIndex() == 128 || i.vexL == 0 ? "xmm" : "ymm") + i.index
              : RegisterNames.gpr(i.index, i.addrSize));
      if (i.scale != 0 || first) {
        s.append('*').append(1 << i.scale);
      }
      first = false;
    }
    if (first) {
      hex(s, i.addrSize == 64 ? i.disp : i.disp & (1L << i.addrSize) - 1);
    } else if (i.disp < 0) {
      s.append(" - ");
      hex(s, -i.disp);
    } else if (i.disp > 0) {
      s.append(" + ");
      hex(s, i.disp);
    }
    s.append(']');
  }

  private static void hex(StringBuilder s, long v) {
    if (v >= 0 && v < 10) {
      s.append(v);
    } else {
      s.append("0x").append(Long.toHexString(v));
    }
  }
}
