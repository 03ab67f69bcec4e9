package org.quern.x86.semantics;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.state.Cpu;
import org.quern.x86.state.Reg;

/**
 * XCHG, XADD and the CMPXCHG family. Source: SDM vol. 2A and 2C.
 *
 * <p>Where the manual is silent about the upper halves of 64-bit registers after a 32-bit CMPXCHG,
 * silicon (AMD Zen 4) writes only the register that changes: the destination if equal, RAX if not.
 */
public final class Exchanges {
  private Exchanges() {}

  static Handler of(Mnemonic m) {
    return switch (m) {
      case XCHG -> Exchanges::xchg;
      case XADD -> Exchanges::xadd;
      case CMPXCHG -> Exchanges::cmpxchg;
      case CMPXCHG8B -> Exchanges::cmpxchg8b;
      case CMPXCHG16B -> Exchanges::cmpxchg16b;
      default -> null;
    };
  }

  /** With memory always atomic, LOCK prefix or not. */
  private static void xchg(Cpu c, Insn i) {
    Operand mem = i.op0.isMem() ? i.op0 : i.op1;
    Operand other = i.op0.isMem() ? i.op1 : i.op0;
    long b = Operands.read(c, i, other);
    if (!mem.isMem()) {
      long a = Operands.read(c, i, mem);
      Operands.write(c, i, mem, b);
      Operands.write(c, i, other, a);
      return;
    }
    long a;
    do {
      a = Operands.readModify(c, i, mem);
    } while (!c.mmu.compareAndSet(c.rmwLinear, mem.size() >> 3, a, b));
    Operands.write(c, i, other, a);
  }

  private static void xadd(Cpu c, Insn i) {
    long b = Operands.read(c, i, i.op1);
    long a;
    long r;
    do {
      a = Operands.readModify(c, i, i.op0);
      r = Alu.add(c, i.op0.size(), a, b);
      if (!i.op0.isMem()) {
        // The sum wins if both operands are the same register.
        Operands.write(c, i, i.op1, a);
      }
    } while (!Operands.commit(c, i, i.op0, a, r));
    if (i.op0.isMem()) {
      Operands.write(c, i, i.op1, a);
    }
  }

  private static void cmpxchg(Cpu c, Insn i) {
    int bits = i.op0.size();
    long b = Operands.read(c, i, i.op1);
    long accumulator = c.reg(Reg.RAX, bits);
    long a;
    do {
      a = Operands.readModify(c, i, i.op0);
      Alu.cmp(c, bits, accumulator, a);
      // Memory is written in any case; a register only if it changes.
    } while ((i.op0.isMem() || c.zf()) && !Operands.commit(c, i, i.op0, a, c.zf() ? b : a));
    if (!c.zf()) {
      c.setReg(Reg.RAX, bits, a);
    }
  }

  private static void cmpxchg8b(Cpu c, Insn i) {
    long expected = c.gpr[Reg.RDX] << 32 | c.gpr[Reg.RAX] & 0xffffffffL;
    long b = c.gpr[Reg.RCX] << 32 | c.gpr[Reg.RBX] & 0xffffffffL;
    long la = Operands.writeAddress(c, i, 8);
    c.mmu.probeWrite(la, 8);
    long a;
    boolean done;
    do {
      a = c.mmu.read64(la);
      long v = a == expected ? b : a;
      if (i.lock) {
        done = c.mmu.compareAndSet(la, 8, a, v);
      } else {
        c.mmu.write64(la, v);
        done = true;
      }
    } while (!done);
    if (a != expected) {
      c.setGpr32(Reg.RAX, (int) a);
      c.setGpr32(Reg.RDX, (int) (a >>> 32));
    }
    c.setZf(a == expected);
  }

  private static void cmpxchg16b(Cpu c, Insn i) {
    long la = Operands.writeAddress(c, i, 16);
    if ((la & 15) != 0) {
      throw c.gp(0);
    }
    c.mmu.probeWrite(la, 8);
    if (i.lock) {
      c.exclusive.enter(c);
    }
    boolean equal;
    try {
      long low = c.mmu.read64(la);
      long high = c.mmu.read64(la + 8);
      equal = low == c.gpr[Reg.RAX] && high == c.gpr[Reg.RDX];
      c.mmu.write64(la, equal ? c.gpr[Reg.RBX] : low);
      c.mmu.write64(la + 8, equal ? c.gpr[Reg.RCX] : high);
      c.gpr[Reg.RAX] = low;
      c.gpr[Reg.RDX] = high;
    } finally {
      if (i.lock) {
        c.exclusive.leave(c);
      }
    }
    c.setZf(equal);
  }
}
