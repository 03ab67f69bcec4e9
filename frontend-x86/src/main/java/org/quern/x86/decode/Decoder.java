package org.quern.x86.decode;

import org.quern.x86.state.Generation;
import org.quern.x86.state.Reg;

/**
 * Decodes one instruction of 16-, 32- or 64-bit code. Never throws on guest bytes: an undefined
 * encoding is an {@link Mnemonic#INVALID} instruction, one of more than 15 bytes {@link
 * Mnemonic#TOO_LONG}, one that the given bytes end in {@link Mnemonic#TRUNCATED}.
 *
 * <p>Where processors differ it follows Intel's: near branches ignore 66 in 64-bit mode, and far
 * pointers in memory have 64-bit offsets under REX.W. Whether the processor has the instruction at
 * all is not decided here ({@link InsnForm#feature}), nor what depends on real or virtual-8086 mode
 * ({@link InsnForm#protectedOnly}, {@link InsnForm#vex}).
 *
 * <p>Not thread-safe (it holds the parts of the instruction in work); cheap to create. Source: SDM
 * vol. 2A, chapter 2.
 */
public final class Decoder {
  /** Longest instruction, in bytes. */
  public static final int MAX_LENGTH = 15;

  private static final int REX_W = 8;
  private static final int REX_R = 4;
  private static final int REX_X = 2;
  private static final int REX_B = 1;

  private final int codeSize;
  private final boolean mode64;
  private final Generation generation;

  /** The 8086: one map, which is its own. */
  private final boolean first;

  /** There are 32 bits, and so prefixes for sizes and for FS and GS. */
  private final boolean sizes;

  private final boolean vex;
  private final int longest;
  private final InsnBuilder b = new InsnBuilder();

  private byte[] bytes;
  private int pos;
  private int limit;
  private boolean overrun;

  private boolean prefix66;
  private boolean prefix67;
  private int repeat;
  private int override;
  private int rex;
  private int vvvv;

  /**
   * A decoder for current processors.
   *
   * @param codeSize default operand and address size in bits: 16, 32, or 64 for 64-bit mode
   */
  public Decoder(int codeSize) {
    this(codeSize, Generation.P6);
  }

  /**
   * A decoder for a processor. The first ones have other rows and prefixes; of the later ones it
   * only matters what they have at all ({@link InsnForm#nameOn}).
   *
   * @param codeSize as above
   */
  public Decoder(int codeSize, Generation generation) {
    if (codeSize != 16 && codeSize != 32 && codeSize != 64) {
      throw new IllegalArgumentException("code size " + codeSize + " bits");
    }
    this.codeSize = codeSize;
    this.mode64 = codeSize == 64;
    this.generation = generation;
    this.first = generation == Generation.I8086;
    this.sizes = !generation.before(Generation.I386);
    this.vex = generation == Generation.P6;
    this.longest = generation.longest();
  }

  public int codeSize() {
    return codeSize;
  }

  /**
   * Decodes the instruction at {@code code[offset]}.
   *
   * @param available bytes that may be looked at from {@code offset} on; if they are fewer than 15
   *     and do not suffice the result is {@link Mnemonic#TRUNCATED}
   */
  public Insn decode(byte[] code, int offset, int available) {
    bytes = code;
    pos = offset;
    limit = offset + Math.min(available, longest);
    overrun = false;
    prefix66 = false;
    prefix67 = false;
    repeat = 0;
    override = -1;
    rex = 0;
    vvvv = 0;
    b.lock = false;
    b.modrm = -1;
    b.vexL = -1;
    b.segment = Reg.DS;
    b.base = Reg.ZERO;
    b.index = Reg.ZERO;
    b.scale = 0;
    b.disp = 0;
    b.imm = 0;
    b.imm2 = 0;
    b.operandCount = 0;
    b.operands[0] = null;
    b.operands[1] = null;
    b.operands[2] = null;
    b.operands[3] = null;

    b.opcode = prefixes();
    b.addrSize = addressSize();
    InsnForm form = lookup();
    if (form != null && !overrun) {
      finish(form);
    } else {
      b.form = InsnForm.INVALID;
      b.opSize = operandSize(InsnForm.INVALID);
    }
    if (overrun) {
      b.form = available >= longest ? InsnForm.TOO_LONG : InsnForm.TRUNCATED;
    }
    if (b.form.operands.length == 0) {
      b.operandCount = 0;
    }
    if (override >= 0) {
      b.segment = override;
    }
    b.length = Math.max(1, pos - offset);
    bytes = null;
    return new Insn(b);
  }

  // ---- bytes

  private int next() {
    if (pos >= limit) {
      overrun = true;
      return 0;
    }
    return bytes[pos++] & 0xff;
  }

  private int peek() {
    if (pos >= limit) {
      overrun = true;
      return 0;
    }
    return bytes[pos] & 0xff;
  }

  private int next16() {
    int lo = next();
    return lo | next() << 8;
  }

  private int next32() {
    int lo = next16();
    return lo | next16() << 16;
  }

  private long next64() {
    long lo = Integer.toUnsignedLong(next32());
    return lo | (long) next32() << 32;
  }

  // ---- prefixes and opcode

  /** Consumes legacy and REX prefixes; returns the byte after them. */
  private int prefixes() {
    while (true) {
      int v = next();
      switch (v) {
        case 0x26, 0x2e, 0x36, 0x3e -> {
          if (!mode64) {
            override = v >> 3 & 3;
          }
        }
        case 0x64, 0x65, 0x66, 0x67 -> {
          if (!sizes) {
            return v;
          }
          switch (v) {
            case 0x64 -> override = Reg.FS;
            case 0x65 -> override = Reg.GS;
            case 0x66 -> prefix66 = true;
            default -> prefix67 = true;
          }
        }
        case 0xf0 -> b.lock = true;
        case 0xf1 -> {
          if (!first) {
            return v;
          }
          b.lock = true;
        }
        case 0xf2, 0xf3 -> repeat = v;
        default -> {
          if (!mode64 || (v & 0xf0) != 0x40) {
            return v;
          }
          rex = v;
          continue;
        }
      }
      rex = 0;
    }
  }

  private int addressSize() {
    if (mode64) {
      return prefix67 ? 32 : 64;
    }
    return (codeSize == 32) != prefix67 ? 32 : 16;
  }

  private InsnForm lookup() {
    int op = b.opcode;
    if (first) {
      return find(InsnTable.first(), InsnTable.COLUMN_NONE);
    }
    if (op == 0x0f) {
      op = next();
      int map = 1;
      if (op == 0x38 || op == 0x3a) {
        map = op == 0x38 ? 2 : 3;
        op = next();
      }
      b.opcode = op;
      return find(InsnTable.legacy(map), column());
    }
    if ((op == 0xc4 || op == 0xc5) && vex && (mode64 || peek() >= 0xc0)) {
      return vex(op);
    }
    return find(InsnTable.legacy(0), column());
  }

  private int column() {
    if (repeat != 0) {
      return repeat == 0xf3 ? InsnTable.COLUMN_F3 : InsnTable.COLUMN_F2;
    }
    return prefix66 ? InsnTable.COLUMN_66 : InsnTable.COLUMN_NONE;
  }

  private InsnForm find(InsnTable.Cell[] map, int column) {
    InsnTable.Cell cell = map[b.opcode * 4 + column];
    if (cell == null) {
      return null;
    }
    if (cell.modrm) {
      b.modrm = next();
    }
    boolean w = (rex & REX_W) != 0;
    int state =
        (mode64 ? InsnForm.IN_64 : InsnForm.NOT_64)
            | (w ? InsnForm.W1 : InsnForm.W0)
            | (w && mode64 ? InsnForm.WQ : InsnForm.WD)
            | (b.vexL == 1 ? InsnForm.L1 : InsnForm.L0)
            | ((rex & REX_B) != 0 ? InsnForm.B1 : InsnForm.B0);
    return cell.find(b.modrm, state);
  }

  /** VEX prefix, SDM vol. 2A, 2.3. Leaves its R, X, B and W in {@link #rex}. */
  private InsnForm vex(int escape) {
    if (rex != 0 || prefix66 || repeat != 0 || b.lock) {
      return null;
    }
    int map = 1;
    int p = next();
    int bits = 0x40 | ((p & 0x80) != 0 ? 0 : REX_R);
    if (escape == 0xc4) {
      map = p & 0x1f;
      bits |= ((p & 0x40) != 0 ? 0 : REX_X) | ((p & 0x20) != 0 ? 0 : REX_B);
      p = next();
      bits |= (p & 0x80) != 0 ? REX_W : 0;
    }
    if (map < 1 || map > 3) {
      return null;
    }
    rex = mode64 ? bits : bits & ~(REX_R | REX_X | REX_B);
    vvvv = ~p >> 3 & (mode64 ? 15 : 7);
    b.vexL = p >> 2 & 1;
    b.opcode = next();
    InsnForm f = find(InsnTable.vex(map), p & 3);
    // Where it names nothing, vvvv must be all ones.
    return f == null || f.vvvv || (~p >> 3 & 15) == 0 ? f : null;
  }

  // ---- operands

  private void finish(InsnForm form) {
    b.form = form;
    b.opSize = operandSize(form);
    b.cc = form.cc >= 0 ? form.cc : b.opcode & 15;
    boolean mandatory = form.prefix == InsnForm.Prefix.F3 || form.prefix == InsnForm.Prefix.F2;
    b.rep = mandatory ? 0 : repeat;
    OperandSpec[] specs = form.operands;
    if (b.modrm >= 0 && b.modrm < 0xc0 && !form.registerAlways) {
      memory();
    }
    b.operandCount = specs.length;
    for (int n = 0; n < specs.length; n++) {
      b.operands[n] = operand(specs[n]);
      if (b.operands[n] == null) {
        invalid();
        return;
      }
    }
    if (form.vectorIndex() != 0 && !distinct()) {
      invalid();
    }
    if (b.lock && !(form.lockable() && b.operands[0].isMem())) {
      if (generation.checksLock()) {
        invalid();
      } else {
        b.lock = false;
      }
    }
  }

  /** A gather is undefined unless destination, index and mask differ: SDM vol. 2C, VGATHERDPS. */
  private boolean distinct() {
    int to = b.operands[0].reg();
    int mask = b.operands[2].reg();
    return to != mask && to != b.index && mask != b.index;
  }

  private void invalid() {
    b.form = InsnForm.INVALID;
    b.operandCount = 0;
    b.operands[0] = null;
    b.operands[1] = null;
    b.operands[2] = null;
    b.operands[3] = null;
  }

  private int operandSize(InsnForm form) {
    boolean w = mode64 && (rex & REX_W) != 0;
    boolean toggle = prefix66 && form.prefix != InsnForm.Prefix.P66;
    switch (form.sizing) {
      case BYTE:
        return 8;
      case F64:
        if (mode64) {
          return 64;
        }
        break;
      case D64:
        if (mode64) {
          return toggle && !w ? 16 : 64;
        }
        break;
      case DEFAULT:
        if (w) {
          return 64;
        }
        break;
      case MAX32:
        if (w) {
          return 32;
        }
        break;
      case WIDE:
        return w ? 64 : 32;
    }
    return (codeSize == 16) == toggle ? 32 : 16;
  }

  /** The rest of ModRM's addressing form: SDM vol. 2A, tables 2-1 to 2-3. */
  private void memory() {
    int mod = b.modrm >> 6;
    int rm = b.modrm & 7;
    if (b.addrSize == 16) {
      memory16(mod, rm);
      return;
    }
    int base = rm;
    if (rm == 4) {
      int sib = next();
      int index = sib >> 3 & 7 | ((rex & REX_X) != 0 ? 8 : 0);
      if (index != Reg.RSP || b.form.vectorIndex() != 0) {
        b.index = index;
        b.scale = sib >> 6;
      }
      base = sib & 7;
    }
    if (mod == 0 && base == Reg.RBP) {
      b.disp = next32();
      if (mode64 && rm == 5) {
        b.base = Reg.RIP;
      }
      return;
    }
    b.base = base | ((rex & REX_B) != 0 ? 8 : 0);
    if (b.base == Reg.RSP || b.base == Reg.RBP) {
      b.segment = Reg.SS;
    }
    if (mod == 1) {
      b.disp = (byte) next();
    } else if (mod == 2) {
      b.disp = next32();
    }
  }

  private void memory16(int mod, int rm) {
    if (mod == 0 && rm == 6) {
      b.disp = (short) next16();
      return;
    }
    switch (rm) {
      case 0, 1, 7 -> b.base = Reg.RBX;
      case 2, 3, 6 -> {
        b.base = Reg.RBP;
        b.segment = Reg.SS;
      }
      case 4 -> b.base = Reg.RSI;
      default -> b.base = Reg.RDI;
    }
    if (rm < 4) {
      b.index = (rm & 1) == 0 ? Reg.RSI : Reg.RDI;
    }
    if (mod == 1) {
      b.disp = (byte) next();
    } else if (mod == 2) {
      b.disp = (short) next16();
    }
  }

  /** Decodes one operand; null if there is no such register. */
  private Operand operand(OperandSpec s) {
    int reg = b.modrm >> 3 & 7 | ((rex & REX_R) != 0 ? 8 : 0);
    int rm = b.modrm & 7 | ((rex & REX_B) != 0 ? 8 : 0);
    boolean mem = b.modrm < 0xc0;
    OperandSpec.Width w = s.width();
    return switch (s.place()) {
      case RM_GPR -> mem ? Operand.of(Operand.Kind.MEM, bits(w, true), 0) : gpr(rm, w);
      case REG_GPR -> gpr(reg, w);
      case RM_GPR_ALWAYS -> gpr(rm, w);
      case MEM -> mem ? Operand.of(Operand.Kind.MEM, bits(w, true), 0) : null;
      case IMM -> immediate(w);
      case IMM_SIGNED -> {
        b.imm = (byte) next();
        yield Operand.of(Operand.Kind.IMM, b.opSize, 0);
      }
      case IMM2 -> {
        b.imm2 = next();
        yield Operand.of(Operand.Kind.IMM2, 8, 0);
      }
      case ONE -> {
        b.imm = 1;
        yield Operand.of(Operand.Kind.IMM, 8, 0);
      }
      case REL -> relative(w);
      case MOFFS -> moffs(w);
      case FAR -> far();
      case CONTROL ->
          reg == 0 || reg == 2 || reg == 3 || reg == 4 || reg == 8
              ? Operand.of(Operand.Kind.CONTROL, bits(w, false), reg)
              : null;
      case DEBUG -> reg < 8 ? Operand.of(Operand.Kind.DEBUG, bits(w, false), reg) : null;
      case SEGMENT -> segment();
      case FIXED_SEGMENT -> Operand.of(Operand.Kind.SEGMENT, 16, s.fixed());
      case REG_MMX -> Operand.of(Operand.Kind.MMX, 64, reg & 7);
      case RM_MMX ->
          mem
              ? Operand.of(Operand.Kind.MEM, bits(w, true), 0)
              : Operand.of(Operand.Kind.MMX, 64, rm & 7);
      case REG_VEC -> vector(reg, w);
      case RM_VEC -> mem ? Operand.of(Operand.Kind.MEM, bits(w, true), 0) : vector(rm, w);
      case VVVV_VEC -> vector(vvvv, w);
      case VVVV_GPR -> Operand.of(Operand.Kind.GPR, bits(w, false), vvvv);
      case IS4_VEC -> vector(next() >> 4 & (mode64 ? 15 : 7), w);
      case OPCODE_GPR -> gpr(b.opcode & 7 | ((rex & REX_B) != 0 ? 8 : 0), w);
      case FIXED_GPR -> Operand.of(Operand.Kind.GPR, bits(w, false), s.fixed());
      case FIXED_VEC -> Operand.of(Operand.Kind.VEC, 128, s.fixed());
      case RM_ST -> Operand.of(Operand.Kind.ST, 80, b.modrm & 7);
      case TOP_ST -> Operand.of(Operand.Kind.ST, 80, 0);
      case VSIB, VSIB_XMM ->
          mem && (b.modrm & 7) == 4 && b.addrSize != 16
              ? Operand.of(Operand.Kind.MEM, bits(w, true), 0)
              : null;
    };
  }

  private Operand gpr(int reg, OperandSpec.Width w) {
    int size = bits(w, false);
    if (size == 8 && rex == 0 && reg >= 4) {
      return Operand.of(Operand.Kind.GPR_HIGH, 8, reg - 4);
    }
    return Operand.of(Operand.Kind.GPR, size, reg);
  }

  /** A vector register is named by its length, even where less of it takes part. */
  private Operand vector(int reg, OperandSpec.Width w) {
    return Operand.of(Operand.Kind.VEC, Math.max(128, bits(w, false)), reg);
  }

  private Operand segment() {
    int n = b.modrm >> 3 & 7;
    if (first) {
      // Two bits choose; even CS can be loaded.
      return Operand.of(Operand.Kind.SEGMENT, 16, n & 3);
    }
    boolean load = b.opcode == 0x8e;
    return n > (sizes ? Reg.GS : Reg.DS) || (load && n == Reg.CS)
        ? null
        : Operand.of(Operand.Kind.SEGMENT, 16, n);
  }

  private Operand immediate(OperandSpec.Width w) {
    int size = bits(w, false);
    int shown = size;
    switch (size) {
      case 8 -> b.imm = next();
      case 16 -> b.imm = w == OperandSpec.Width.W ? next16() : (short) next16();
      case 32 -> {
        b.imm = next32();
        shown = b.opSize;
      }
      default -> b.imm = next64();
    }
    return Operand.of(Operand.Kind.IMM, shown, 0);
  }

  private Operand relative(OperandSpec.Width w) {
    int size = bits(w, false);
    b.imm = size == 8 ? (byte) next() : size == 16 ? (short) next16() : next32();
    return Operand.of(Operand.Kind.REL, size, 0);
  }

  private Operand moffs(OperandSpec.Width w) {
    b.disp =
        switch (b.addrSize) {
          case 16 -> next16();
          case 32 -> Integer.toUnsignedLong(next32());
          default -> next64();
        };
    return Operand.of(Operand.Kind.MEM, bits(w, true), 0);
  }

  private Operand far() {
    b.imm = b.opSize == 16 ? next16() : Integer.toUnsignedLong(next32());
    b.imm2 = next16();
    return Operand.of(Operand.Kind.FAR, b.opSize + 16, 0);
  }

  private int bits(OperandSpec.Width w, boolean mem) {
    int vector = b.vexL == 1 ? 256 : 128;
    return switch (w) {
      case NONE -> 0;
      case B -> 8;
      case W -> 16;
      case D -> 32;
      case Q -> 64;
      case DQ -> 128;
      case QQ -> 256;
      case T -> 80;
      case V -> b.opSize;
      case Y -> mode64 && (rex & REX_W) != 0 ? 64 : 32;
      case Z -> b.opSize == 16 ? 16 : 32;
      case N -> mode64 ? 64 : 32;
      case P -> b.opSize + 16;
      case A -> b.opSize * 2;
      case S -> mode64 ? 80 : 48;
      case X -> vector;
      case H -> vector >> 1;
      case E4 -> vector >> 2;
      case E8 -> vector >> 3;
      case VW -> mem ? 16 : b.opSize;
      case DB -> mem ? 8 : 32;
      case DW -> mem ? 16 : 32;
    };
  }
}
