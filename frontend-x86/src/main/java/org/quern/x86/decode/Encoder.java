package org.quern.x86.decode;

import java.io.ByteArrayOutputStream;
import org.quern.x86.state.Reg;

/**
 * The other way round: from a row and its operands to bytes. It trusts the draft and does not check
 * whether the combination exists; whoever needs to know decodes the result and compares.
 */
public final class Encoder {
  private static final int REX_W = 8;
  private static final int REX_R = 4;
  private static final int REX_X = 2;
  private static final int REX_B = 1;

  private final InsnDraft d;
  private final InsnForm f;
  private final ByteArrayOutputStream out = new ByteArrayOutputStream(15);
  private int rex;
  private boolean rexNeeded;
  private int reg;
  private int rm = -1;
  private boolean memory;
  private int vvvv;
  private int opcode;

  private Encoder(InsnDraft d) {
    this.d = d;
    this.f = d.form;
  }

  /** The bytes of the shortest encoding by the draft's row; null if an address has none. */
  public static byte[] encode(InsnDraft d) {
    return new Encoder(d).run();
  }

  private byte[] run() {
    reg = Math.max(0, f.digit);
    opcode = f.opcode + (f.opcodeSpan == 16 ? d.cc : 0);
    for (int n = 0; n < d.operands.length; n++) {
      place(f.operands[n], d.operands[n]);
    }
    if (memory && !address()) {
      return null;
    }
    if (wide()) {
      rex |= REX_W;
    }
    if (f.space.vex()) {
      legacyPrefixes(false);
      vexPrefix();
    } else {
      legacyPrefixes(true);
      if (rex != 0 || rexNeeded) {
        if (d.codeSize != 64) {
          return null;
        }
        out.write(0x40 | rex);
      }
      escape();
    }
    out.write(opcode);
    if (f.modrmByte >= 0) {
      out.write(f.modrmByte);
    } else if (f.modrm) {
      modrm();
    }
    for (int n = 0; n < d.operands.length; n++) {
      immediate(f.operands[n], d.operands[n]);
    }
    return out.toByteArray();
  }

  /** Notes register numbers where they will be encoded. */
  private void place(OperandSpec s, Operand o) {
    if (o.kind() == Operand.Kind.GPR && o.size() == 8 && o.reg() >= 4 && o.reg() < 8) {
      rexNeeded = true;
    }
    int n = o.kind() == Operand.Kind.GPR_HIGH ? o.reg() + 4 : o.reg();
    switch (s.place()) {
      case RM_GPR, RM_MMX, RM_VEC, MEM, VSIB, VSIB_XMM -> {
        if (o.isMem()) {
          memory = true;
        } else {
          setRm(n);
        }
      }
      case RM_GPR_ALWAYS, RM_ST -> setRm(n);
      case REG_GPR, REG_MMX, REG_VEC, CONTROL, DEBUG, SEGMENT -> {
        reg = n & 7;
        rex |= n > 7 ? REX_R : 0;
      }
      case VVVV_VEC, VVVV_GPR -> vvvv = n;
      case OPCODE_GPR -> {
        opcode += n & 7;
        rex |= n > 7 ? REX_B : 0;
      }
      case IMM,
          IMM_SIGNED,
          IMM2,
          ONE,
          REL,
          MOFFS,
          FAR,
          FIXED_SEGMENT,
          IS4_VEC,
          FIXED_GPR,
          FIXED_VEC,
          TOP_ST -> {}
    }
  }

  private void setRm(int n) {
    rm = n & 7;
    rex |= n > 7 ? REX_B : 0;
  }

  /** Whether W has to be set. */
  private boolean wide() {
    if ((f.forbidden & (InsnForm.W0 | InsnForm.WD)) != 0) {
      return true;
    }
    boolean bySize = f.sizing == InsnForm.Sizing.DEFAULT || f.sizing == InsnForm.Sizing.WIDE;
    return bySize && d.opSize == 64;
  }

  private void legacyPrefixes(boolean mandatory) {
    if (d.addrSize != d.codeSize) {
      out.write(0x67);
    }
    if (d.segment >= 0) {
      out.write(d.segment < Reg.FS ? 0x26 | d.segment << 3 : 0x60 | d.segment);
    }
    if (d.lock) {
      out.write(0xf0);
    }
    if (!mandatory) {
      return;
    }
    boolean sized =
        switch (f.sizing) {
          case DEFAULT, MAX32 -> true;
          case D64 -> true;
          case F64 -> d.codeSize != 64;
          case WIDE, BYTE -> false;
        };
    int usual = d.codeSize == 16 ? 16 : 32;
    boolean toggle = sized && d.opSize != 64 && d.opSize != 8 && d.opSize != usual;
    if (toggle || f.prefix == InsnForm.Prefix.P66) {
      out.write(0x66);
    }
    if (f.prefix == InsnForm.Prefix.F3) {
      out.write(0xf3);
    } else if (f.prefix == InsnForm.Prefix.F2) {
      out.write(0xf2);
    } else if (d.rep != 0) {
      out.write(d.rep);
    }
  }

  private void escape() {
    switch (f.space) {
      case ONE_BYTE -> {}
      case OF -> out.write(0x0f);
      case OF38 -> {
        out.write(0x0f);
        out.write(0x38);
      }
      case OF3A -> {
        out.write(0x0f);
        out.write(0x3a);
      }
      case VEX_0F, VEX_0F38, VEX_0F3A -> throw new IllegalStateException("escape of a VEX row");
    }
  }

  private void vexPrefix() {
    int map = 1 + f.space.ordinal() - InsnForm.Space.VEX_0F.ordinal();
    boolean l = (f.forbidden & InsnForm.L0) != 0 || (d.wideVector && !onlyNarrow());
    int pp =
        switch (f.prefix) {
          case ANY, NP, NF -> 0;
          case P66 -> 1;
          case F3 -> 2;
          case F2 -> 3;
        };
    int last = (~vvvv & 15) << 3 | (l ? 4 : 0) | pp;
    int high = ~rex;
    if (map == 1 && (rex & (REX_W | REX_X | REX_B)) == 0) {
      out.write(0xc5);
      out.write((high & REX_R) << 5 | last);
    } else {
      out.write(0xc4);
      out.write((high & 7) << 5 | map);
      out.write((rex & REX_W) << 4 | last);
    }
  }

  private boolean onlyNarrow() {
    return (f.forbidden & InsnForm.L1) != 0;
  }

  // ---- ModRM

  private int mod;
  private int sib = -1;
  private int dispBytes;

  private void modrm() {
    if (!memory) {
      out.write(0xc0 | reg << 3 | Math.max(0, rm));
      return;
    }
    out.write(mod << 6 | reg << 3 | rm);
    if (sib >= 0) {
      out.write(sib);
    }
    little(d.disp, dispBytes);
  }

  /** Works out mod, rm, SIB and displacement; false if no encoding has this address. */
  private boolean address() {
    return d.addrSize == 16 ? address16() : address32();
  }

  private boolean address16() {
    dispBytes = d.disp == 0 ? 0 : (short) d.disp == (byte) d.disp ? 1 : 2;
    boolean none = d.base == Reg.ZERO && d.index == Reg.ZERO;
    if (none) {
      rm = 6;
      dispBytes = 2;
      return true;
    }
    if (d.index == Reg.ZERO) {
      rm =
          switch (d.base) {
            case Reg.RSI -> 4;
            case Reg.RDI -> 5;
            case Reg.RBP -> 6;
            case Reg.RBX -> 7;
            default -> -1;
          };
    } else if (d.scale == 0) {
      boolean known =
          (d.base == Reg.RBX || d.base == Reg.RBP) && (d.index == Reg.RSI || d.index == Reg.RDI);
      rm = known ? (d.base == Reg.RBX ? 0 : 2) + (d.index == Reg.RSI ? 0 : 1) : -1;
    }
    if (rm == 6 && dispBytes == 0) {
      dispBytes = 1;
    }
    mod = dispBytes;
    return rm >= 0;
  }

  private boolean address32() {
    boolean vector = f.vectorIndex() != 0;
    long disp = d.addrSize == 32 ? (int) d.disp : d.disp;
    if (d.base == Reg.RIP) {
      rm = 5;
      dispBytes = 4;
      return !vector;
    }
    dispBytes = disp == 0 ? 0 : disp == (byte) disp ? 1 : 4;
    boolean indexed = d.index != Reg.ZERO;
    if (d.base == Reg.ZERO) {
      dispBytes = 4;
      mod = 0;
    } else {
      if (dispBytes == 0 && (d.base & 7) == Reg.RBP) {
        dispBytes = 1;
      }
      mod = dispBytes == 4 ? 2 : dispBytes;
      rex |= d.base > 7 ? REX_B : 0;
    }
    if (!indexed && d.base != Reg.ZERO && (d.base & 7) != Reg.RSP && !vector) {
      rm = d.base & 7;
      return true;
    }
    if (!indexed && d.base == Reg.ZERO && d.codeSize != 64 && !vector) {
      rm = 5;
      return true;
    }
    if (indexed && d.index == Reg.RSP && !vector) {
      return false;
    }
    rm = 4;
    int index = indexed ? d.index : Reg.RSP;
    rex |= index > 7 ? REX_X : 0;
    sib = d.scale << 6 | (index & 7) << 3 | (d.base == Reg.ZERO ? 5 : d.base & 7);
    return true;
  }

  // ---- immediates

  private void immediate(OperandSpec s, Operand o) {
    switch (s.place()) {
      case IMM, IMM_SIGNED, REL -> little(d.imm, bytes(s.width()));
      case IMM2 -> little(d.imm2, 1);
      case MOFFS -> little(d.disp, d.addrSize >> 3);
      case FAR -> {
        little(d.imm, d.opSize == 16 ? 2 : 4);
        little(d.imm2, 2);
      }
      case IS4_VEC -> out.write(o.reg() << 4);
      default -> {}
    }
  }

  private int bytes(OperandSpec.Width w) {
    return switch (w) {
      case B -> 1;
      case W -> 2;
      case Z -> d.opSize == 16 ? 2 : 4;
      case V -> d.opSize >> 3;
      default -> throw new IllegalStateException("immediate of width " + w);
    };
  }

  private void little(long v, int bytes) {
    for (int n = 0; n < bytes; n++) {
      out.write((int) (v >> 8 * n));
    }
  }
}
