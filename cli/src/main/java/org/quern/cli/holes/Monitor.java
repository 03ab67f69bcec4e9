package org.quern.cli.holes;

import org.quern.accel.api.CpuState;
import org.quern.x86.decode.Decoder;
import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Mnemonic;
import org.quern.x86.decode.Operand;
import org.quern.x86.fault.Vector;
import org.quern.x86.state.Cr;
import org.quern.x86.state.RFlags;
import org.quern.x86.state.Reg;

/**
 * The monitor of {@link Classical}: emulates what trapped on the {@link VirtualCpu} and gives the
 * kernel its interrupts. It can only do that for what traps.
 */
final class Monitor {
  private static final int LONGEST = 15;
  private static final int SYSENTER_CS = 0x174;

  private final VirtualCpu cpu;
  private final Memory memory;
  private final Decoder decoder = new Decoder(32);
  private String message;

  Monitor(VirtualCpu cpu) {
    this.cpu = cpu;
    this.memory = cpu.memory;
  }

  /** Why it gave up, or null. */
  String message() {
    return message;
  }

  /**
   * Handles a trap and puts the state to go on with into {@code s}.
   *
   * @return false if the kernel has halted, or nothing can be done
   */
  boolean handle(CpuState s, Trap t) {
    s.rip = t.rip() & 0xffffffffL;
    s.gpr[Reg.RSP] = t.rsp() & 0xffffffffL;
    s.rflags = t.flags();
    cpu.loadReal(s.seg[Reg.CS], t.cs());
    cpu.loadReal(s.seg[Reg.SS], t.ss());
    if (t.vector() != Vector.GP) {
      return deliver(s, t.vector(), t.error());
    }
    Insn i = decoder.decode(memory.read(t.rip(), LONGEST), 0, LONGEST);
    if (cpu.level(t.cs()) != 0 && i.mnemonic != Mnemonic.INT) {
      return deliver(s, Vector.GP, t.error());
    }
    if (i.mnemonic == Mnemonic.HLT) {
      return false;
    }
    s.rip += i.length;
    return emulate(s, i, t);
  }

  private boolean emulate(CpuState s, Insn i, Trap t) {
    switch (i.mnemonic) {
      case CLI -> cpu.interrupts(false);
      case STI -> cpu.interrupts(true);
      case CLTS -> cpu.cr0 = (int) (cpu.cr0 & ~Cr.CR0_TS);
      case LMSW -> cpu.cr0 = cpu.cr0 & ~0xe | readWord(s, i) & 0xe;
      case MOV_CR -> moveControl(s, i);
      case LGDT -> {
        int at = address(s, i);
        cpu.gdtLimit = memory.read16(at);
        cpu.gdtBase = memory.read32(at + 2);
        cpu.shadowTable();
      }
      case LIDT -> {
        int at = address(s, i);
        cpu.idtLimit = memory.read16(at);
        cpu.idtBase = memory.read32(at + 2);
      }
      case LLDT -> cpu.ldtr = readWord(s, i);
      case LTR -> {
        cpu.tr = readWord(s, i);
        int busy = cpu.gdtBase + (cpu.tr & 0xfff8) + 4;
        memory.write32(busy, memory.read32(busy) | 0x200);
      }
      case SGDT -> storeTable(s, i, cpu.gdtLimit, cpu.gdtBase);
      case SIDT -> storeTable(s, i, cpu.idtLimit, cpu.idtBase);
      case SLDT -> writeWord(s, i, cpu.ldtr);
      case STR -> writeWord(s, i, cpu.tr);
      case SMSW -> writeWord(s, i, cpu.cr0);
      case IN -> setLow(s, memory.portRead((int) i.imm & 0xff, 1), 0xff);
      case OUT -> memory.portWrite((int) i.imm & 0xff, 1, (int) s.gpr[Reg.RAX]);
      case RDMSR -> {
        return (int) s.gpr[Reg.RCX] == SYSENTER_CS ? readMsr(s) : deliver(s, Vector.GP, 0);
      }
      case WRMSR -> {
        if ((int) s.gpr[Reg.RCX] != SYSENTER_CS) {
          return deliver(s, Vector.GP, 0);
        }
        cpu.sysenterCs = (int) s.gpr[Reg.RAX];
      }
      case INT -> {
        return deliver(s, (int) i.imm & 0xff, 0);
      }
      case INT3 -> {
        return deliver(s, Vector.BP, 0);
      }
      case IRET -> {
        int[] frame = {pop(s), pop(s), pop(s)};
        s.rflags = cpu.loadFlags(frame[2]);
        return transfer(s, frame[1], frame[0]);
      }
      case RET_FAR -> {
        int offset = pop(s);
        return transfer(s, pop(s), offset);
      }
      case CALL_FAR, JMP_FAR -> {
        return throughGate(s, i, t.error());
      }
      case POP_SREG -> cpu.loadReal(s.seg[Reg.SS], pop(s) & 0xfffc | cpu.ring);
      case MOV_SREG -> cpu.loadReal(s.seg[Reg.SS], readSource(s, i) & 0xfffc | cpu.ring);
      default -> {
        s.rip = t.rip() & 0xffffffffL;
        return deliver(s, Vector.GP, t.error());
      }
    }
    return true;
  }

  // ---- transfers

  /** Enters the kernel's handler of a vector, from its own level or from user code. */
  private boolean deliver(CpuState s, int vector, int error) {
    long gate = memory.read64(cpu.idtBase + 8 * vector);
    int real = (int) s.rflags;
    int level = cpu.level(s.seg[Reg.CS].selector);
    if (level != 0) {
      int rsp = (int) s.gpr[Reg.RSP];
      int ss = s.seg[Reg.SS].selector;
      int tss = Layout.TSS;
      s.gpr[Reg.RSP] = memory.read32(tss + 4) & 0xffffffffL;
      cpu.loadReal(s.seg[Reg.SS], memory.read16(tss + 8) | cpu.ring);
      push(s, ss);
      push(s, rsp);
    }
    push(s, cpu.flags(real));
    push(s, s.seg[Reg.CS].selector & ~3 | level);
    push(s, (int) s.rip);
    if (vector == Vector.GP) {
      push(s, error);
    }
    cpu.interrupts(false);
    s.rflags = real & ~(RFlags.TF | RFlags.NT);
    return transfer(s, (int) (gate >>> 16) & 0xffff, offset(gate));
  }

  private static int offset(long gate) {
    return (int) (gate & 0xffff | gate >>> 32 & 0xffff0000L);
  }

  /** Goes to code of the kernel. */
  private boolean transfer(CpuState s, int selector, int offset) {
    if (cpu.level(selector) != 0) {
      message = String.format("transfer to %#x: only the kernel's own code traps", selector);
      return false;
    }
    cpu.loadReal(s.seg[Reg.CS], selector & 0xfffc | cpu.ring);
    s.rip = offset & 0xffffffffL;
    return true;
  }

  private boolean throughGate(CpuState s, Insn i, int selector) {
    long gate = cpu.descriptor(selector);
    if ((VirtualCpu.attributes(gate) & 0x1f) != 0xc) {
      return deliver(s, Vector.GP, selector);
    }
    if (i.mnemonic == Mnemonic.CALL_FAR) {
      push(s, s.seg[Reg.CS].selector & ~3);
      push(s, (int) s.rip);
    }
    return transfer(s, (int) (gate >>> 16) & 0xffff, offset(gate));
  }

  // ---- registers and operands

  private void moveControl(CpuState s, Insn i) {
    if (i.op0.kind() == Operand.Kind.CONTROL) {
      cpu.cr0 = (int) s.gpr[i.op1.reg()];
    } else {
      s.gpr[i.op0.reg()] = cpu.cr0 & 0xffffffffL;
    }
  }

  private boolean readMsr(CpuState s) {
    s.gpr[Reg.RAX] = cpu.sysenterCs & 0xffffffffL;
    s.gpr[Reg.RDX] = 0;
    return true;
  }

  private void storeTable(CpuState s, Insn i, int limit, int base) {
    int at = address(s, i);
    memory.write16(at, limit);
    memory.write32(at + 2, base);
  }

  private int readWord(CpuState s, Insn i) {
    return i.op0.isMem() ? memory.read16(address(s, i)) : (int) s.gpr[i.op0.reg()] & 0xffff;
  }

  private int readSource(CpuState s, Insn i) {
    return i.op1.isMem() ? memory.read16(address(s, i)) : (int) s.gpr[i.op1.reg()];
  }

  private void writeWord(CpuState s, Insn i, int v) {
    if (i.op0.isMem()) {
      memory.write16(address(s, i), v);
    } else {
      int r = i.op0.reg();
      long mask = i.op0.size() == 16 ? 0xffff : 0xffffffffL;
      s.gpr[r] = s.gpr[r] & ~mask | v & mask;
    }
  }

  private static void setLow(CpuState s, int v, long mask) {
    s.gpr[Reg.RAX] = s.gpr[Reg.RAX] & ~mask | v & mask;
  }

  private static int address(CpuState s, Insn i) {
    long a = i.disp;
    a += i.base < 16 ? s.gpr[i.base] : 0;
    a += i.index < 16 ? s.gpr[i.index] << i.scale : 0;
    return (int) a;
  }

  private int pop(CpuState s) {
    int v = memory.read32((int) s.gpr[Reg.RSP]);
    s.gpr[Reg.RSP] = s.gpr[Reg.RSP] + 4 & 0xffffffffL;
    return v;
  }

  private void push(CpuState s, int v) {
    s.gpr[Reg.RSP] = s.gpr[Reg.RSP] - 4 & 0xffffffffL;
    memory.write32((int) s.gpr[Reg.RSP], v);
  }
}
