package org.quern.translator;

import static org.objectweb.asm.Opcodes.*;
import static org.quern.translator.RegionCode.CPU;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.state.Reg;

/** Emits the reading and writing of operands: registers, immediates and memory. */
final class OperandEmitter {
  private static final String SEGMENT = "org/quern/x86/state/Segment";
  private static final String SEGMENTATION = "org/quern/x86/semantics/Segmentation";

  private final RegionCode out;
  private MemoryEmitter memory;

  OperandEmitter(RegionCode out) {
    this.out = out;
  }

  /** Sets where memory operands are read from; once. */
  void through(MemoryEmitter newMemory) {
    memory = newMemory;
  }

  // ---- operands. A value is a long on the stack, sign- or zero-extended from its width

  static boolean plain(Operand o) {
    return o.kind() == Kind.GPR
        || o.kind() == Kind.GPR_HIGH
        || o.kind() == Kind.IMM
        || o.kind() == Kind.MEM;
  }

  /**
   * Whether memory is addressed in a way that is emitted. CS, in 32-bit code, cannot be written.
   */
  static boolean addressable(Insn i) {
    boolean fixed = i.base == Reg.RIP && i.segment >= Reg.FS;
    return i.addrSize >= 32 && !fixed && i.segment != Reg.CS;
  }

  static boolean suits(Insn i) {
    if (i.hasMem() && !addressable(i)) {
      return false;
    }
    return (i.op0 == null || plain(i.op0))
        && (i.op1 == null || plain(i.op1))
        && (i.op2 == null || plain(i.op2));
  }

  /**
   * Pushes the linear address of the memory operand. Outside 64-bit mode FS and GS have limits,
   * which raise their fault here.
   *
   * @param bytes size of the operand
   */
  void address(RegionPlan.Item item, int bytes, boolean store) {
    Insn i = item.insn();
    if (i.segment >= Reg.FS && out.width() == 32) {
      out.cpu();
      out.push(i.segment);
      offset(item);
      out.push(bytes);
      String name = store ? "write" : "read";
      out.callStatic(SEGMENTATION, name, "(L" + CPU + ";IJI)J");
    } else if (i.segment >= Reg.FS) {
      out.cpu();
      out.mv.visitFieldInsn(GETFIELD, CPU, "seg", "[L" + SEGMENT + ";");
      out.push(i.segment);
      out.op(AALOAD);
      out.mv.visitFieldInsn(GETFIELD, SEGMENT, "base", "J");
      offset(item);
      out.op(LADD);
    } else {
      offset(item);
    }
  }

  /** Pushes the effective address. */
  void offset(RegionPlan.Item item) {
    Insn i = item.insn();
    boolean empty = true;
    long disp = i.disp;
    if (i.base == Reg.RIP) {
      out.rip(i.disp + item.end());
      disp = 0;
      empty = false;
    } else if (i.base != Reg.ZERO) {
      out.loadReg(i.base);
      empty = false;
    }
    if (i.index != Reg.ZERO) {
      out.loadReg(i.index);
      if (i.scale != 0) {
        out.push(i.scale);
        out.op(LSHL);
      }
      if (!empty) {
        out.op(LADD);
      }
      empty = false;
    }
    if (empty) {
      out.push(disp);
    } else if (disp != 0) {
      out.push(disp);
      out.op(LADD);
    }
    if (i.addrSize == 32) {
      out.push(0xffffffffL);
      out.op(LAND);
    }
  }

  /** Turns an int on the stack into the sign-extended long of a width. */
  void signExtendInt(int bits) {
    if (bits == 8) {
      out.op(I2B);
    } else if (bits == 16) {
      out.op(I2S);
    }
    out.op(I2L);
  }

  /** Turns a long on the stack into its sign-extension from a width. */
  void signExtendLong(int bits) {
    if (bits < 64) {
      out.op(L2I);
      signExtendInt(bits);
    }
  }

  void zeroExtendLong(int bits) {
    if (bits < 64) {
      out.push(-1L >>> 64 - bits);
      out.op(LAND);
    }
  }

  /** Pushes the value at the address on the stack (under it: the MMU), sign-extended. */
  void readSigned(int bits) {
    switch (bits) {
      case 64 -> out.callMmu("read64", "(J)J");
      case 32 -> {
        out.callMmu("read32", "(J)I");
        out.op(I2L);
      }
      case 16 -> {
        out.callMmu("read16", "(J)I");
        signExtendInt(16);
      }
      default -> {
        out.callMmu("read8", "(J)I");
        signExtendInt(8);
      }
    }
  }

  /** Pushes a register operand, sign-extended. */
  void loadGpr(Operand o) {
    out.loadReg(o.reg());
    if (o.kind() == Kind.GPR_HIGH) {
      out.push(8);
      out.op(LSHR);
    }
    signExtendLong(o.size());
  }

  /** Pushes any operand, sign-extended from {@code bits}; one in memory has been prepared. */
  void loadSigned(RegionPlan.Item item, Operand o, int bits) {
    switch (o.kind()) {
      case GPR, GPR_HIGH -> loadGpr(o);
      case IMM ->
          out.push(bits == 64 ? item.insn().imm : item.insn().imm << 64 - bits >> 64 - bits);
      case MEM -> memory.load(bits);
      default -> throw new IllegalStateException("not a plain operand: " + o);
    }
  }

  /** Stores the long on the stack into a register as an instruction of that width does. */
  void storeGpr(Operand o) {
    int r = o.reg();
    switch (o.size()) {
      case 64 -> out.storeReg(r);
      case 32 -> {
        zeroExtendLong(32);
        out.storeReg(r);
      }
      default -> {
        boolean high = o.kind() == Kind.GPR_HIGH;
        long mask = o.size() == 16 ? 0xffffL : 0xffL;
        out.push(mask);
        out.op(LAND);
        if (high) {
          out.push(8);
          out.op(LSHL);
          mask <<= 8;
        }
        out.loadReg(r);
        out.push(~mask);
        out.op(LAND);
        out.op(LOR);
        out.storeReg(r);
      }
    }
  }
}
