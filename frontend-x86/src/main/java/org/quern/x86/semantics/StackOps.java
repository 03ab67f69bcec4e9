package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.fault.GuestFault;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * PUSH, POP and what is made of them; PUSHF and POPF are in {@link FlagOps}. Source: SDM vol. 2A
 * and 2B.
 *
 * <p>Known gap: PUSHA in real mode with SP below 16 is always #SS here; some odd values are #GP or
 * a shutdown in the manual.
 */
public final class StackOps {
  private StackOps() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case PUSH -> StackOps::push;
      case POP -> StackOps::pop;
      case PUSHA -> StackOps::pusha;
      case POPA -> StackOps::popa;
      case ENTER -> StackOps::enter;
      case LEAVE -> StackOps::leave;
      default -> null;
    };
  }

  private static void push(Cpu c, Insn i) {
    Stack.push(c, i.opSize, Operands.read(c, i, i.op0));
  }

  /** An RSP-based destination address uses the incremented RSP; POP RSP loads what was popped. */
  private static void pop(Cpu c, Insn i) {
    long rsp = c.gpr[Reg.RSP];
    long v = Stack.pop(c, i.opSize);
    try {
      Operands.write(c, i, i.op0, v);
    } catch (GuestFault f) {
      c.gpr[Reg.RSP] = rsp;
      throw f;
    }
  }

  private static void pusha(Cpu c, Insn i) {
    int bits = i.opSize;
    int bytes = bits >> 3;
    for (int r = Reg.RDI; r >= Reg.RAX; r--) {
      c.mmu.probeWrite(Stack.writeAddress(c, -(r + 1L) * bytes, bytes), bytes);
    }
    for (int r = Reg.RAX; r <= Reg.RDI; r++) {
      c.mmu.write(Stack.writeAddress(c, -(r + 1L) * bytes, bytes), bytes, c.gpr[r]);
    }
    Stack.adjust(c, -8L * bytes);
  }

  private static void popa(Cpu c, Insn i) {
    int bits = i.opSize;
    int bytes = bits >> 3;
    for (int k = 0; k < 8; k++) {
      c.mmu.probeRead(Stack.readAddress(c, (long) k * bytes, bytes), bytes);
    }
    for (int k = 0; k < 8; k++) {
      int r = Reg.RDI - k;
      if (r != Reg.RSP) {
        c.setReg(r, bits, Stack.peek(c, bits, (long) k * bytes));
      }
    }
    Stack.adjust(c, 8L * bytes);
  }

  /** Faults also if the final stack pointer could not be written through. */
  private static void enter(Cpu c, Insn i) {
    long rsp = c.gpr[Reg.RSP];
    try {
      enterFrame(c, i.opSize, (int) i.imm & 0xffff, (int) i.imm2 & 31);
    } catch (GuestFault f) {
      c.gpr[Reg.RSP] = rsp;
      throw f;
    }
  }

  private static void enterFrame(Cpu c, int bits, int size, int level) {
    int bytes = bits >> 3;
    long rbp = c.gpr[Reg.RBP];
    Stack.push(c, bits, rbp);
    long frame = c.gpr[Reg.RSP];
    for (int k = 1; k < level; k++) {
      long offset = rbp - (long) k * bytes & c.stackMask;
      Stack.push(c, bits, c.mmu.read(Segmentation.read(c, Reg.SS, offset, bytes), bytes));
    }
    if (level > 0) {
      Stack.push(c, bits, frame);
    }
    Stack.adjust(c, -size);
    c.mmu.probeWrite(Stack.writeAddress(c, 0, bytes), bytes);
    c.setReg(Reg.RBP, bits, frame);
  }

  private static void leave(Cpu c, Insn i) {
    int bytes = i.opSize >> 3;
    long frame = c.gpr[Reg.RBP] & c.stackMask;
    long v = c.mmu.read(Segmentation.read(c, Reg.SS, frame, bytes), bytes);
    Stack.setPointer(c, frame + bytes);
    c.setReg(Reg.RBP, i.opSize, v);
  }
}
