package org.quern.accel.software;

import org.quern.x86.decode.Insn;
import org.quern.x86.decode.Operand;
import org.quern.x86.decode.Operand.Kind;
import org.quern.x86.state.Cpu;

/** MOV, MOVZX, MOVSX, MOVSXD and LEA in the flat modes. */
final class MoveOps {
  private MoveOps() {}

  /** The op of a move, or null if it is not one of the hot forms. */
  static Op of(Insn i, int offset) {
    return switch (i.mnemonic) {
      case MOV -> mov(i, offset);
      case MOVZX -> extend(i, offset, false);
      case MOVSX, MOVSXD -> extend(i, offset, true);
      case LEA -> lea(i, offset);
      default -> null;
    };
  }

  private static Op mov(Insn i, int offset) {
    Operand d = i.op0;
    Operand s = i.op1;
    if (d.kind() == Kind.GPR && s.kind() == Kind.GPR) {
      return d.size() == 64
          ? new Reg64(d.reg(), s.reg())
          : d.size() == 32 ? new Reg32(d.reg(), s.reg()) : null;
    }
    if (d.kind() == Kind.GPR && s.kind() == Kind.IMM && d.size() >= 32) {
      return new Imm(d.reg(), d.size() == 64 ? i.imm : i.imm & 0xffffffffL);
    }
    if (d.kind() == Kind.GPR && s.isMem()) {
      return switch (d.size()) {
        case 64 -> new Load64(i, offset);
        case 32 -> new Load32(i, offset);
        case 8 -> new Load8(i, offset);
        default -> null;
      };
    }
    if (d.isMem() && s.kind() == Kind.GPR) {
      return switch (s.size()) {
        case 64 -> new Store64(i, offset);
        case 32 -> new Store32(i, offset);
        case 16 -> new Store16(i, offset);
        default -> new Store8(i, offset);
      };
    }
    if (d.isMem() && s.kind() == Kind.IMM) {
      return new StoreImm(i, offset);
    }
    return null;
  }

  private static Op extend(Insn i, int offset, boolean signed) {
    Operand d = i.op0;
    Operand s = i.op1;
    if (d.size() < 32) {
      return null;
    }
    // A zero-extension clears the whole register whatever the destination's width.
    long mask = signed && d.size() == 32 ? 0xffffffffL : -1;
    int shift = 64 - s.size();
    if (s.isMem()) {
      return switch (s.size()) {
        case 8 -> signed ? new LoadSx8(i, offset, mask) : new LoadZx8(i, offset);
        case 16 -> signed ? new LoadSx16(i, offset, mask) : new LoadZx16(i, offset);
        default -> new LoadSx32(i, offset, mask);
      };
    }
    if (s.kind() != Kind.GPR) {
      return null;
    }
    return signed
        ? new RegSx(d.reg(), s.reg(), shift, mask)
        : new RegZx(d.reg(), s.reg(), -1L >>> shift);
  }

  private static Op lea(Insn i, int offset) {
    boolean plain = i.segment < org.quern.x86.state.Reg.FS && i.op0.size() >= 32;
    return plain ? new Lea(i, offset) : null;
  }

  private static final class Reg64 extends Op {
    private final byte d;
    private final byte s;

    Reg64(int d, int s) {
      this.d = (byte) d;
      this.s = (byte) s;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[s];
      return next;
    }
  }

  private static final class Reg32 extends Op {
    private final byte d;
    private final byte s;

    Reg32(int d, int s) {
      this.d = (byte) d;
      this.s = (byte) s;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[s] & 0xffffffffL;
      return next;
    }
  }

  private static final class Imm extends Op {
    private final byte d;
    private final long value;

    Imm(int d, long value) {
      this.d = (byte) d;
      this.value = value;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = value;
      return next;
    }
  }

  private static final class RegZx extends Op {
    private final byte d;
    private final byte s;
    private final long mask;

    RegZx(int d, int s, long mask) {
      this.d = (byte) d;
      this.s = (byte) s;
      this.mask = mask;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[s] & mask;
      return next;
    }
  }

  private static final class RegSx extends Op {
    private final byte d;
    private final byte s;
    private final byte shift;
    private final long mask;

    RegSx(int d, int s, int shift, long mask) {
      this.d = (byte) d;
      this.s = (byte) s;
      this.shift = (byte) shift;
      this.mask = mask;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[s] << shift >> shift & mask;
      return next;
    }
  }

  private static final class Lea extends MemOp {
    private final byte d;
    private final long mask;

    Lea(Insn i, int offset) {
      super(i, offset);
      d = (byte) i.op0.reg();
      mask = i.op0.size() == 64 ? -1 : 0xffffffffL;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = address(c, k) & mask;
      return next;
    }
  }

  // ---- loads

  private abstract static class Load extends MemOp {
    final byte d;

    Load(Insn i, int offset) {
      super(i, offset);
      d = (byte) i.op0.reg();
    }
  }

  private static final class Load64 extends Load {
    Load64(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.mmu.read64(address(c, k));
      return next;
    }
  }

  private static final class Load32 extends Load {
    Load32(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.mmu.read32(address(c, k)) & 0xffffffffL;
      return next;
    }
  }

  private static final class Load8 extends Load {
    Load8(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.gpr[d] & ~0xffL | c.mmu.read8(address(c, k));
      return next;
    }
  }

  private static final class LoadZx8 extends Load {
    LoadZx8(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.mmu.read8(address(c, k));
      return next;
    }
  }

  private static final class LoadZx16 extends Load {
    LoadZx16(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.mmu.read16(address(c, k));
      return next;
    }
  }

  private abstract static class LoadSigned extends Load {
    final long mask;

    LoadSigned(Insn i, int offset, long mask) {
      super(i, offset);
      this.mask = mask;
    }
  }

  private static final class LoadSx8 extends LoadSigned {
    LoadSx8(Insn i, int offset, long mask) {
      super(i, offset, mask);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = (byte) c.mmu.read8(address(c, k)) & mask;
      return next;
    }
  }

  private static final class LoadSx16 extends LoadSigned {
    LoadSx16(Insn i, int offset, long mask) {
      super(i, offset, mask);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = (short) c.mmu.read16(address(c, k)) & mask;
      return next;
    }
  }

  private static final class LoadSx32 extends LoadSigned {
    LoadSx32(Insn i, int offset, long mask) {
      super(i, offset, mask);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.gpr[d] = c.mmu.read32(address(c, k)) & mask;
      return next;
    }
  }

  // ---- stores

  private abstract static class Store extends MemOp {
    final byte s;

    Store(Insn i, int offset) {
      super(i, offset);
      s = (byte) i.op1.reg();
    }
  }

  private static final class Store64 extends Store {
    Store64(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.mmu.write64(address(c, k), c.gpr[s]);
      return next;
    }
  }

  private static final class Store32 extends Store {
    Store32(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.mmu.write32(address(c, k), (int) c.gpr[s]);
      return next;
    }
  }

  private static final class Store16 extends Store {
    Store16(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.mmu.write16(address(c, k), (int) c.gpr[s]);
      return next;
    }
  }

  private static final class Store8 extends Store {
    Store8(Insn i, int offset) {
      super(i, offset);
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.mmu.write8(address(c, k), (int) c.gpr[s]);
      return next;
    }
  }

  private static final class StoreImm extends MemOp {
    private final byte bytes;
    private final long value;

    StoreImm(Insn i, int offset) {
      super(i, offset);
      bytes = (byte) (i.op0.size() >> 3);
      value = i.imm;
    }

    @Override
    Op exec(Cpu c, Core k) {
      c.mmu.write(address(c, k), bytes, value);
      return next;
    }
  }
}
