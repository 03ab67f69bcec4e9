package org.quern.x86.decode;

import java.util.Random;
import org.quern.x86.state.Reg;

/** Makes up instructions of a given row. */
public final class RandomDraft {
  private final Random random;
  private final InsnForm form;
  private final InsnDraft d;

  private RandomDraft(Random random, InsnForm form, int codeSize) {
    this.random = random;
    this.form = form;
    this.d = new InsnDraft(form, codeSize);
  }

  /** An instruction of that row with random operands; null if the row is not for that code size. */
  public static InsnDraft of(Random random, InsnForm form, int codeSize) {
    int mode = codeSize == 64 ? InsnForm.IN_64 : InsnForm.NOT_64;
    boolean needsWide = (form.forbidden & (InsnForm.WD | InsnForm.B0)) != 0;
    if ((form.forbidden & mode) != 0 || (needsWide && codeSize != 64)) {
      return null;
    }
    return new RandomDraft(random, form, codeSize).make();
  }

  private InsnDraft make() {
    boolean mode64 = d.codeSize == 64;
    d.opSize =
        switch (form.sizing) {
          case BYTE -> 8;
          case F64 -> mode64 ? 64 : unsized() ? fixedWidth(false) : 16 << random.nextInt(2);
          case D64 -> mode64 ? 16 << 2 * random.nextInt(2) : 16 << random.nextInt(2);
          case MAX32 -> 16 << random.nextInt(2);
          case WIDE -> fixedWidth(mode64);
          case DEFAULT -> unsized() ? fixedWidth(mode64) : 16 << random.nextInt(mode64 ? 3 : 2);
        };
    d.addrSize = mode64 ? 64 : d.codeSize;
    d.wideVector = (form.forbidden & InsnForm.L1) == 0 && random.nextBoolean();
    d.cc = form.opcodeSpan == 16 ? random.nextInt(16) : 0;
    boolean memory = form.mod != InsnForm.MOD_REG && form.modrmByte < 0 && random.nextBoolean();
    memory |= form.mod == InsnForm.MOD_MEM;
    for (int n = 0; n < d.operands.length; n++) {
      d.operands[n] = operand(form.operands[n], memory);
    }
    return d;
  }

  private int fixedWidth(boolean mode64) {
    if ((form.forbidden & (InsnForm.WD | InsnForm.W0)) != 0) {
      return 64;
    }
    boolean narrow = (form.forbidden & (InsnForm.WQ | InsnForm.W1)) != 0;
    boolean wide = mode64 && !narrow && random.nextBoolean();
    return wide ? 64 : form.sizing == InsnForm.Sizing.WIDE ? 32 : d.codeSize == 16 ? 16 : 32;
  }

  /** Rows whose 66 is spoken for. */
  private boolean unsized() {
    return form.prefix == InsnForm.Prefix.NP
        || form.prefix == InsnForm.Prefix.P66
        || (form.forbidden & (InsnForm.WD | InsnForm.WQ)) != 0;
  }

  private int register() {
    return random.nextInt(d.codeSize == 64 ? 16 : 8);
  }

  private Operand operand(OperandSpec s, boolean memory) {
    int size = 0;
    return switch (s.place()) {
      case RM_GPR -> memory ? address() : gpr(s);
      case REG_GPR, RM_GPR_ALWAYS, OPCODE_GPR -> gpr(s);
      case VVVV_GPR -> Operand.of(Operand.Kind.GPR, d.opSize, register());
      case MEM -> address();
      case VSIB, VSIB_XMM -> vectorAddress();
      case MOFFS -> {
        d.disp = random.nextInt(0x8000);
        yield Operand.of(Operand.Kind.MEM, size, 0);
      }
      case IMM, IMM_SIGNED -> {
        d.imm = immediate(s);
        yield Operand.of(Operand.Kind.IMM, size, 0);
      }
      case ONE -> {
        d.imm = 1;
        yield Operand.of(Operand.Kind.IMM, size, 0);
      }
      case IMM2 -> {
        d.imm2 = random.nextInt(256);
        yield Operand.of(Operand.Kind.IMM2, size, 0);
      }
      case REL -> {
        d.imm = random.nextInt(256) - 128L;
        yield Operand.of(Operand.Kind.REL, size, 0);
      }
      case FAR -> {
        d.imm = random.nextInt(0x10000);
        d.imm2 = random.nextInt(0x10000);
        yield Operand.of(Operand.Kind.FAR, size, 0);
      }
      case CONTROL -> Operand.of(Operand.Kind.CONTROL, 64, 2 + random.nextInt(3));
      case DEBUG -> Operand.of(Operand.Kind.DEBUG, 64, random.nextInt(8));
      case SEGMENT -> Operand.of(Operand.Kind.SEGMENT, 16, 2 + random.nextInt(4));
      case FIXED_SEGMENT -> Operand.of(Operand.Kind.SEGMENT, 16, s.fixed());
      case REG_MMX -> Operand.of(Operand.Kind.MMX, 64, random.nextInt(8));
      case RM_MMX -> memory ? address() : Operand.of(Operand.Kind.MMX, 64, random.nextInt(8));
      case REG_VEC, VVVV_VEC, IS4_VEC -> Operand.of(Operand.Kind.VEC, 128, vector());
      case RM_VEC -> memory ? address() : Operand.of(Operand.Kind.VEC, 128, vector());
      case FIXED_GPR -> Operand.of(Operand.Kind.GPR, 8, s.fixed());
      case FIXED_VEC -> Operand.of(Operand.Kind.VEC, 128, s.fixed());
      case RM_ST -> Operand.of(Operand.Kind.ST, 80, random.nextInt(8));
      case TOP_ST -> Operand.of(Operand.Kind.ST, 80, 0);
    };
  }

  private int taken;

  /** Vector registers that differ within an instruction, as gathers want it. */
  private int vector() {
    int r = register();
    while ((taken >> r & 1) != 0) {
      r = register();
    }
    taken |= 1 << r;
    return r;
  }

  private Operand gpr(OperandSpec s) {
    int r = register();
    // XCHG with rAX has a row of its own; B0 asks for a register that REX.B selects.
    if (form.mnemonic() == Mnemonic.XCHG && r == Reg.RAX) {
      r = Reg.RCX;
    }
    if (s.width() == OperandSpec.Width.B && d.codeSize != 64 && r >= 4) {
      return Operand.of(Operand.Kind.GPR_HIGH, 8, r - 4);
    }
    return Operand.of(Operand.Kind.GPR, s.width() == OperandSpec.Width.B ? 8 : 0, r);
  }

  private long immediate(OperandSpec s) {
    return switch (s.width()) {
      case B -> s.place() == OperandSpec.Place.IMM ? random.nextInt(256) : (byte) random.nextInt();
      case W -> random.nextInt(0x10000);
      case V -> d.opSize == 64 ? random.nextLong() : wide();
      default -> wide();
    };
  }

  private long wide() {
    return d.opSize == 16 ? (short) random.nextInt() : random.nextInt();
  }

  private Operand address() {
    int displacement = random.nextInt(3);
    d.disp = displacement == 0 ? 0 : displacement == 1 ? (byte) random.nextInt() : 0x1234;
    if (d.addrSize == 16) {
      d.base = new int[] {Reg.RBX, Reg.RBP, Reg.RSI, Reg.RDI}[random.nextInt(4)];
      if (d.base == Reg.RBX || d.base == Reg.RBP) {
        d.index = new int[] {Reg.RSI, Reg.RDI, Reg.ZERO}[random.nextInt(3)];
      }
    } else {
      d.base = random.nextInt(4) == 0 ? Reg.ZERO : register();
      int index = register();
      if (index != Reg.RSP && random.nextBoolean()) {
        d.index = index;
        d.scale = random.nextInt(4);
      }
    }
    if (random.nextInt(4) == 0) {
      d.segment = Reg.FS + random.nextInt(2);
    }
    return Operand.of(Operand.Kind.MEM, 0, 0);
  }

  private Operand vectorAddress() {
    d.addrSize = d.codeSize == 16 ? 32 : d.codeSize;
    d.base = register();
    d.index = vector();
    d.scale = random.nextInt(4);
    d.disp = random.nextInt(3) * 16L;
    return Operand.of(Operand.Kind.MEM, 0, 0);
  }
}
