package org.quern.x86.decode;

import org.quern.x86.state.Reg;

/**
 * One operand of a table row: where it is encoded and how wide it is. The notation is that of SDM
 * vol. 2D, A.2 (a capital for the place, small letters for the width), with these additions: {@code
 * sI} is an immediate sign-extended to the operand size, {@code K} a second immediate, {@code T}
 * the x87 register in ModRM.rm, {@code X} and {@code Y} memory with a vector index (of the vector's
 * length, of 128 bits), and the widths {@code n} (64 bits in 64-bit mode, else 32), {@code vw},
 * {@code db}, {@code dw} (in a register this, in memory that), {@code h}, {@code e4}, {@code e8}
 * (half, quarter and eighth of the vector).
 */
record OperandSpec(Place place, Width width, int fixed, String text) {
  enum Place {
    RM_GPR,
    REG_GPR,
    RM_GPR_ALWAYS,
    MEM,
    IMM,
    IMM_SIGNED,
    IMM2,
    ONE,
    REL,
    MOFFS,
    FAR,
    CONTROL,
    DEBUG,
    SEGMENT,
    FIXED_SEGMENT,
    REG_MMX,
    RM_MMX,
    REG_VEC,
    RM_VEC,
    VVVV_VEC,
    VVVV_GPR,
    IS4_VEC,
    OPCODE_GPR,
    FIXED_GPR,
    FIXED_VEC,
    RM_ST,
    TOP_ST,
    VSIB,
    VSIB_XMM;

    /** Whether it is a register or memory (and not a constant). */
    boolean holdsData() {
      return switch (this) {
        case IMM, IMM_SIGNED, IMM2, ONE, REL, FAR -> false;
        default -> true;
      };
    }

    /** Whether ModRM has to be there. */
    boolean usesModrm() {
      return switch (this) {
        case RM_GPR,
            REG_GPR,
            RM_GPR_ALWAYS,
            MEM,
            CONTROL,
            DEBUG,
            SEGMENT,
            REG_MMX,
            RM_MMX,
            REG_VEC,
            RM_VEC,
            RM_ST,
            VSIB,
            VSIB_XMM ->
            true;
        default -> false;
      };
    }
  }

  enum Width {
    NONE(""),
    B("b"),
    W("w"),
    D("d"),
    Q("q"),
    DQ("dq"),
    QQ("qq"),
    /** x87 extended, 80 bits. */
    T("t"),
    /** Operand size. */
    V("v"),
    /** 32, or 64 with W in 64-bit mode. */
    Y("y"),
    /** 16 or 32. */
    Z("z"),
    /** 64 in 64-bit mode, else 32. */
    N("n"),
    /** Far pointer: selector and an offset of operand size. */
    P("p"),
    /** Pair of operand-size values (BOUND). */
    A("a"),
    /** Pseudo-descriptor. */
    S("s"),
    /** Vector length. */
    X("x"),
    H("h"),
    E4("e4"),
    E8("e8"),
    VW("vw"),
    DB("db"),
    DW("dw");

    final String suffix;

    Width(String suffix) {
      this.suffix = suffix;
    }

    private static final Width[] ALL = values();

    static Width of(String suffix) {
      for (Width w : ALL) {
        if (w.suffix.equals(suffix)) {
          return w;
        }
      }
      throw new IllegalStateException("operand width: " + suffix);
    }
  }

  static OperandSpec parse(String s) {
    switch (s) {
      case "AL":
        return new OperandSpec(Place.FIXED_GPR, Width.B, Reg.RAX, s);
      case "CL":
        return new OperandSpec(Place.FIXED_GPR, Width.B, Reg.RCX, s);
      case "AX":
        return new OperandSpec(Place.FIXED_GPR, Width.W, Reg.RAX, s);
      case "DX":
        return new OperandSpec(Place.FIXED_GPR, Width.W, Reg.RDX, s);
      case "rAX":
        return new OperandSpec(Place.FIXED_GPR, Width.V, Reg.RAX, s);
      case "eAX":
        return new OperandSpec(Place.FIXED_GPR, Width.Z, Reg.RAX, s);
      case "ES", "CS", "SS", "DS", "FS", "GS":
        return new OperandSpec(Place.FIXED_SEGMENT, Width.W, "ECSDFG".indexOf(s.charAt(0)), s);
      case "ST":
        return new OperandSpec(Place.TOP_ST, Width.T, 0, s);
      case "XMM0":
        return new OperandSpec(Place.FIXED_VEC, Width.DQ, 0, s);
      case "1":
        return new OperandSpec(Place.ONE, Width.B, 1, s);
      case "sIb":
        return new OperandSpec(Place.IMM_SIGNED, Width.B, 0, s);
      default:
        return new OperandSpec(place(s.charAt(0)), Width.of(s.substring(1)), 0, s);
    }
  }

  private static Place place(char c) {
    return switch (c) {
      case 'E' -> Place.RM_GPR;
      case 'G' -> Place.REG_GPR;
      case 'R' -> Place.RM_GPR_ALWAYS;
      case 'M' -> Place.MEM;
      case 'I' -> Place.IMM;
      case 'K' -> Place.IMM2;
      case 'J' -> Place.REL;
      case 'O' -> Place.MOFFS;
      case 'A' -> Place.FAR;
      case 'C' -> Place.CONTROL;
      case 'D' -> Place.DEBUG;
      case 'S' -> Place.SEGMENT;
      case 'P' -> Place.REG_MMX;
      case 'Q', 'N' -> Place.RM_MMX;
      case 'V' -> Place.REG_VEC;
      case 'W', 'U' -> Place.RM_VEC;
      case 'H' -> Place.VVVV_VEC;
      case 'B' -> Place.VVVV_GPR;
      case 'L' -> Place.IS4_VEC;
      case 'Z' -> Place.OPCODE_GPR;
      case 'T' -> Place.RM_ST;
      case 'X' -> Place.VSIB;
      case 'Y' -> Place.VSIB_XMM;
      default -> throw new IllegalStateException("operand place: " + c);
    };
  }
}
